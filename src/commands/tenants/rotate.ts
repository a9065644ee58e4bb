/** `chartctl tenants rotate-external-id`: a new external ID, with both counting until the role knows it. */
import type { Command } from "commander";
import { endpoints } from "../../contract/endpoints.ts";
import { regionSchema } from "../../contract/names.ts";
import { stackInstructions } from "../../core/tenants/instructions.ts";
import type { Rotated } from "../../core/tenants/rotate.ts";
import { rotateExternalId } from "../../core/tenants/rotate.ts";
import { setupText } from "../../ui/setup.ts";
import { stackText, verificationText } from "../../ui/tenants.ts";
import type { Cli } from "../cli.ts";
import { refusedExitCode } from "./refused.ts";

interface Flags {
  finish?: boolean;
  dryRun?: boolean;
}

export function register(command: Command, cli: Cli): void {
  command
    .command("rotate-external-id")
    .argument("<id>", "the tenant's id")
    .description("a new external ID; the old one counts until the role accepts the new one. Again: how far it is")
    .option("--finish", "the old one counts no more, although the role still accepts it")
    .option("--dry-run", "tell each call that would be made, and make none")
    .action(async (id: string, flags: Flags) => rotate(cli, id, flags));
}

async function rotate({ connect, io, interrupt, exitCode }: Cli, id: string, { finish = false, dryRun = false }: Flags): Promise<void> {
  const [call, { books, roles, templates }] = await Promise.all([connect.api(), connect.tenants()]);
  const tenant = await call(endpoints.getTenant, { params: { tenantId: id } });
  const done = await rotateExternalId({ books, roles, interrupt, progress: io.progress }, { tenant, finish, dryRun });
  const { report, verification } = done;
  const failed = verification?.ok === false ? verification : undefined;
  if (failed) exitCode(refusedExitCode);
  // A dry run shows no secret.
  if (dryRun) return io.result("ExternalIdRotation", { report }, () => setupText(report, io.width));
  const stack =
    (done.next === "both" || done.next === "last") && done.tenant.roleArn !== null
      ? stackInstructions({
          tenantId: id,
          externalIds: done.externalIds,
          principalArn: await roles.principal(),
          regions: regionSchema.options,
          template: templates.path("tenant-role"),
          update: true,
        })
      : null;
  io.result("ExternalIdRotation", { ...done, stack }, () =>
    [
      setupText(report, io.width),
      ...(failed ? [verificationText(failed, io.width)] : []),
      said(id, done),
      ...(stack ? [stackText(stack, then(id, done), io.width)] : []),
    ].join("\n\n"),
  );
}

const said = (id: string, { next, tenant }: Rotated): string =>
  ({
    both: `Tenant ${id} has two external IDs now. Update its stack so that its role lists both:`,
    finish: `The role of ${id} accepts the new external ID.\nNext  chartctl tenants rotate-external-id ${id} --finish`,
    last: "The new external ID alone counts. Update the stack once more, so that the role forgets the old one:",
    done:
      tenant.roleArn === null
        ? `Tenant ${id} has a new external ID; no role has asked for the old one.`
        : `The new external ID alone counts, and the role of ${id} refuses the old one.`,
  })[next];

const then = (id: string, { next }: Rotated): string => (next === "both" ? `chartctl tenants rotate-external-id ${id}` : `chartctl tenants verify ${id}`);
