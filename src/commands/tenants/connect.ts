/** `chartctl tenants connect`: a tenant's AWS account, from nothing to a role that is proven safe. */
import type { Command } from "commander";
import { Option } from "commander";
import { accountIdSchema, idSchema, regionSchema, reportTableSchema, roleArnSchema } from "../../contract/names.ts";
import { billing } from "../../core/costs/billing-names.ts";
import { parseDuration } from "../../core/duration.ts";
import type { Connected } from "../../core/tenants/connect.ts";
import { connectTenant } from "../../core/tenants/connect.ts";
import { connectBilling } from "../../core/tenants/connect-billing.ts";
import { ChartctlError } from "../../errors.ts";
import { setupText } from "../../ui/setup.ts";
import { stackText, verificationText } from "../../ui/tenants.ts";
import type { Cli } from "../cli.ts";
import { refusedExitCode } from "./refused.ts";

interface Flags {
  roleArn?: string;
  accountId?: string;
  wait?: string | true;
  out?: string;
  templateUrl?: string;
  principal?: string;
  dryRun?: boolean;
  billing?: boolean;
  table?: string;
}

export function register(command: Command, cli: Cli): void {
  command
    .command("connect")
    .argument("<id>", "the tenant's id; it is added if it isn't there")
    .description("connect a tenant's AWS account: its template, its role, the proof that the role is safe")
    .option("--role-arn <arn>", "the role that the stack has made")
    .option("--account-id <id>", "the tenant's AWS account; the role is then the template's own")
    .addOption(new Option("--wait [duration]", "wait until the role is there (15m, when no time is named)"))
    .option("--out <dir>", "write the CloudFormation templates there")
    .option("--template-url <url>", "where the template lies in S3: gives a link that creates the stack")
    .option("--principal <arn>", "whom the role is to trust (default: whoever this platform works as)")
    .option("--billing", "its Cost and Usage Report instead: that it has one, and the template that makes it")
    .option("--table <name>", `with --billing: the report's table in ${billing.database} (default: ${billing.table})`)
    .option("--dry-run", "tell each call that would be made, and make none")
    .addHelpText(
      "after",
      `
Examples:
  the template, and how to use it:
  $ chartctl tenants connect acme --out .
  once the stack is being made:
  $ chartctl tenants connect acme --account-id 123456789012 --wait
  once the role is there, what the account was billed:
  $ chartctl tenants connect acme --billing --out .`,
    )
    .action(async (id: string, flags: Flags) => await (flags.billing ? connectReport(cli, id, flags) : connect(cli, id, flags)));
}

async function connectReport({ connect: open, io, interrupt }: Cli, id: string, flags: Flags): Promise<void> {
  checked("tenant id", id, idSchema.safeParse(id));
  const { table = billing.table, out, templateUrl, principal: principalArn, dryRun = false } = flags;
  checked("table", table, reportTableSchema.safeParse(table), `chartctl tenants connect ${id} --billing --table ${billing.table}`);
  if (principalArn !== undefined) checked("principal", principalArn, principal(principalArn));
  if (templateUrl !== undefined) checked("template URL", templateUrl, s3Url(templateUrl));
  const ports = { ...(await open.tenants()), interrupt, progress: io.progress };
  const done = await connectBilling(ports, { tenantId: id, table, out, templateUrl, principalArn, dryRun });
  const then = `chartctl tenants verify ${id}, a day later: AWS writes the first files within 24 hours`;
  io.result("BillingConnection", done, () => [setupText(done.report, io.width), stackText(done.stack, then, io.width)].join("\n\n"));
}

/** Also a part of the tour. */
export async function connect({ connect: open, io, clock, interrupt, exitCode }: Cli, id: string, flags: Flags): Promise<void> {
  checked("tenant id", id, idSchema.safeParse(id));
  if (flags.roleArn !== undefined) checked("role ARN", flags.roleArn, roleArnSchema.safeParse(flags.roleArn));
  if (flags.accountId !== undefined) checked("account id", flags.accountId, accountIdSchema.safeParse(flags.accountId));
  if (flags.principal !== undefined) checked("principal", flags.principal, principal(flags.principal));
  if (flags.templateUrl !== undefined) checked("template URL", flags.templateUrl, s3Url(flags.templateUrl));
  if (flags.table !== undefined) {
    throw new ChartctlError({
      kind: "usage",
      code: "billing.table",
      message: "--table names a report's table, and goes with --billing",
      hint: `chartctl tenants connect ${id} --billing --table ${billing.table}`,
    });
  }
  if (flags.wait !== undefined && flags.roleArn === undefined && flags.accountId === undefined) {
    throw new ChartctlError({
      kind: "usage",
      code: "wait.role",
      message: "--wait doesn't know which role to wait for",
      hint: `name the tenant's account: chartctl tenants connect ${id} --account-id 123456789012 --wait`,
    });
  }
  const waitSeconds = flags.wait === undefined ? undefined : parseDuration(flags.wait === true ? "15m" : flags.wait);
  const { books, roles, templates } = await open.tenants();
  const input = {
    tenantId: id,
    roleArn: flags.roleArn,
    accountId: flags.accountId,
    waitSeconds: waitSeconds ?? undefined,
    out: flags.out,
    templateUrl: flags.templateUrl,
    principalArn: flags.principal,
    regions: regionSchema.options,
    dryRun: flags.dryRun ?? false,
  };
  const done = await connectTenant({ books, roles, templates, clock, interrupt, progress: io.progress }, input);
  if (done.verification?.ok === false) exitCode(refusedExitCode);
  const account = flags.accountId ?? flags.roleArn?.split(":")[4] ?? "ACCOUNT";
  io.result("TenantConnection", done, () => textOf(done, { id, account, width: io.width }));
}

function textOf({ report, stack, verification }: Connected, { id, account, width }: { id: string; account: string; width: number }): string {
  return [
    setupText(report, width),
    ...(verification ? [verificationText(verification, width)] : []),
    ...(stack ? [stackText(stack, `chartctl tenants connect ${id} --account-id ${account} --wait`, width)] : []),
    ...(stack || report.dryRun ? [] : [`Next  chartctl provision -t ${id} -p NAME`]),
  ].join("\n\n");
}

type Checked = { success: boolean; error?: { issues: { message: string }[] } | undefined };

const principal = (given: string): Checked => ({
  success: /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/.test(given),
  error: { issues: [{ message: "must be one role's or user's ARN, and never a whole account's" }] },
});

/** CloudFormation takes templates from S3 alone. */
const s3Url = (given: string): Checked => ({
  success: /^https:\/\/[\w.-]*s3[\w.-]*\.amazonaws\.com(\.cn)?\/\S+$/.test(given),
  error: { issues: [{ message: "must be an S3 object's https URL" }] },
});

const example = "chartctl tenants connect acme --role-arn arn:aws:iam::123456789012:role/chartctl/tenants/chartctl-acme";

function checked(what: string, given: string, { success, error }: Checked, such = example): void {
  if (success) return;
  throw new ChartctlError({
    kind: "usage",
    code: `${what.toLowerCase().replaceAll(" ", "-")}.invalid`,
    message: `The ${what} ${JSON.stringify(given.slice(0, 100))} ${error?.issues[0]?.message ?? "is not valid"}`,
    hint: `such as: ${such}`,
  });
}
