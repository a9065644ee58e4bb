/** `chartctl tenants remove`: a tenant without projects goes, with its users and tokens. */
import type { Command } from "commander";
import { endpoints } from "../../contract/endpoints.ts";
import type { Tenant } from "../../contract/resources.ts";
import { runSteps } from "../../core/setup/steps.ts";
import { setupText } from "../../ui/setup.ts";
import type { Cli } from "../cli.ts";

export function register(command: Command, cli: Cli): void {
  command
    .command("remove")
    .argument("<id>", "the tenant's id")
    .description("remove a tenant that has no projects, with its users and tokens; its history stays")
    .option("--dry-run", "tell each call that would be made, and make none")
    .action(async (id: string, { dryRun = false }: { dryRun?: boolean }) => remove(cli, id, dryRun));
}

async function remove(cli: Cli, id: string, dryRun: boolean): Promise<void> {
  const { io, connect, interrupt } = cli;
  const call = await connect.api();
  const tenant = await call(endpoints.getTenant, { params: { tenantId: id } });
  if (!dryRun && !(await agreed(cli, tenant))) return io.result("TenantRemoved", { outcome: "declined", tenant }, () => "Nothing was changed.");
  const step = {
    name: `tenant ${id}`,
    run: async ({ make }: Parameters<Parameters<typeof runSteps>[0][number]["run"]>[0]) => {
      const operation = `DELETE /tenants/${id}`;
      await make({ operation, body: null }, () => call(endpoints.removeTenant, { params: { tenantId: id }, ifMatch: tenant.version }), tenant);
      return "removed" as const;
    },
  };
  const report = await runSteps([step], { dryRun, interrupt, progress: io.progress, goOn: `chartctl tenants remove ${id}` });
  if (dryRun) return io.result("TenantRemoved", { outcome: "dry-run", tenant, report }, () => setupText(report, io.width));
  io.result("TenantRemoved", { outcome: "removed", tenant, report }, () => goneText(tenant));
}

async function agreed({ yes, io }: Cli, { id }: Tenant): Promise<boolean> {
  if (yes) return true;
  const message = `This removes tenant ${id} with its users, tokens and limits. Type ${id} to go on:`;
  return (await io.ask({ what: "confirmation", flag: "--yes", message })).trim() === id;
}

const goneText = ({ id, roleArn }: Tenant): string =>
  [
    `Tenant ${id} is removed. What it did stays in the audit.`,
    ...(roleArn
      ? [`Its role ${roleArn} is still in its account: delete the stack there, such as`, `  aws cloudformation delete-stack --stack-name chartctl-${id}`]
      : []),
  ].join("\n");
