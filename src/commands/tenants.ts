/** `chartctl tenants`: list, add; each of the others has a file of its own. */
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import { accountIdSchema, idSchema, roleArnSchema } from "../contract/names.ts";
import type { Tenant } from "../contract/resources.ts";
import { ChartctlError } from "../errors.ts";
import { table } from "../ui/table.ts";
import type { Cli } from "./cli.ts";
import * as connecting from "./tenants/connect.ts";
import * as removing from "./tenants/remove.ts";
import * as rotating from "./tenants/rotate.ts";
import * as verifying from "./tenants/verify.ts";

interface AddFlags {
  roleArn?: string;
  accountId?: string;
}

export function register(command: Command, cli: Cli): void {
  command.action(async () => list(cli));
  command
    .command("list")
    .description("every tenant")
    .action(async () => list(cli));
  command
    .command("add")
    .argument("<id>", "the tenant's id")
    .description("add a tenant; shows its external ID, once")
    .option("--role-arn <arn>", "the role to assume in the tenant's account")
    .option("--account-id <id>", "the tenant's AWS account (default: the role's)")
    .action(async (id: string, flags: AddFlags) => add(cli, id, flags));
  for (const part of [connecting, verifying, rotating, removing]) part.register(command, cli);
}

async function list({ connect, io }: Cli): Promise<void> {
  const tenants = await (await connect.api())(endpoints.listTenants, {});
  io.result("TenantList", tenants, () =>
    tenants.length === 0
      ? "No tenants yet. Connect one: chartctl tenants connect ID"
      : table<Tenant>(
          tenants,
          [
            { title: "Tenant", value: ({ id }) => id },
            { title: "Account", value: ({ accountId }) => accountId ?? "-" },
            { title: "Role", value: ({ roleArn }) => roleArn ?? "none: the platform's, or your own credentials" },
            { title: "", value: ({ rotatingSince }) => (rotatingSince ? "two external IDs" : "") },
          ],
          io.width,
        ),
  );
}

async function add({ connect, io }: Cli, id: string, flags: AddFlags): Promise<void> {
  const refuse = (what: string, given: string, why: string): never => {
    throw new ChartctlError({
      kind: "usage",
      code: `${what.replaceAll(" ", "-")}.invalid`,
      message: `The ${what} ${JSON.stringify(given)} ${why}`,
      hint: "such as: chartctl tenants add acme --role-arn arn:aws:iam::123456789012:role/chartctl-acme",
    });
  };
  const name = idSchema.safeParse(id);
  if (!name.success) refuse("tenant id", id, name.error.issues[0]?.message ?? "is not valid");
  if (flags.roleArn !== undefined && !roleArnSchema.safeParse(flags.roleArn).success) refuse("role ARN", flags.roleArn, "is not a role's ARN");
  if (flags.accountId !== undefined && !accountIdSchema.safeParse(flags.accountId).success) refuse("account id", flags.accountId, "is not 12 digits");
  const tenant = await (await connect.api())(endpoints.addTenant, { body: { id, roleArn: flags.roleArn ?? null, accountId: flags.accountId ?? null } });
  if (!tenant.roleArn)
    io.warn(`Tenant ${id} has no role of its own: its projects are made with the platform's role (AWS_ROLE_ARN), or with your own credentials.`);
  io.result("Tenant", tenant, () =>
    [
      `Tenant ${tenant.id} is added.`,
      ...(tenant.roleArn
        ? [
            `Role         ${tenant.roleArn}`,
            `External ID  ${tenant.externalId}`,
            "The role's trust policy must ask for this external ID. It is shown only now.",
            `Check        chartctl tenants verify ${tenant.id}`,
          ]
        : []),
      `Next         chartctl provision -t ${tenant.id} -p NAME`,
    ].join("\n"),
  );
}
