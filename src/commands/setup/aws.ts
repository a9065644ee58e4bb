/** `chartctl setup aws`: the platform's own account, made ready, shown, or left as it was. */
import type { Command } from "commander";
import { Option } from "commander";
import { endpoints } from "../../contract/endpoints.ts";
import { refuseForeignAccount } from "../../core/lifecycle/account.ts";
import { parseDollars } from "../../core/money.ts";
import type { BudgetWish } from "../../core/setup/aws/budget-step.ts";
import { brokerName, provisioningName, roleArn } from "../../core/setup/aws/names.ts";
import type { CredentialHints } from "../../core/setup/aws/principal.ts";
import { givenPrincipal } from "../../core/setup/aws/principal.ts";
import { accountOf, policiesOf, setUpAws } from "../../core/setup/aws/set-up.ts";
import { refuseWhileProjectsLive, tearDownAws } from "../../core/setup/aws/tear-down.ts";
import { runSteps } from "../../core/setup/steps.ts";
import { typedCommand } from "../../core/typed-command.ts";
import { ChartctlError } from "../../errors.ts";
import { setupText } from "../../ui/setup.ts";
import { facts } from "../../ui/table.ts";
import { wrapped } from "../../ui/wrapped.ts";
import { accountIdOption } from "../account-id.ts";
import type { Cli } from "../cli.ts";
import { refuseLivingElsewhere } from "./living.ts";

interface Flags {
  budget?: string;
  alertEmail?: string;
  principal?: string;
  accountId?: string;
  dryRun?: boolean;
  print?: boolean;
  teardown?: boolean;
}

export function register(command: Command, cli: Cli): void {
  command
    .command("aws")
    .description("the platform's own AWS account: broker and provisioning role, permissions boundary, cost tags, budget")
    .addOption(new Option("--budget <dollars>", "a monthly budget of the account (with an address alone: as it is, or else 1000)").env("AWS_COST_BUDGET_LIMIT"))
    .addOption(new Option("--alert-email <address>", "who hears when the budget is nearly spent").env("ALERT_EMAIL"))
    .option("--principal <arn>", "the user or role that the platform works as (default: as it is, or else whose credentials these are)")
    .addOption(accountIdOption())
    .addOption(new Option("--dry-run", "show each call that would be made, with its body; change nothing").conflicts("print"))
    .addOption(new Option("--print", "the policies as one JSON document; asks AWS nothing").conflicts("teardown"))
    .option("--teardown", "take away what setup made, once no project lives")
    .addHelpText("after", "\nRun it again at any time: it finds what stands, and changes only what differs.")
    .action(async (flags: Flags) => {
      if (flags.print) return print(cli, flags);
      if ((await cli.given()).sandbox)
        throw new ChartctlError({ kind: "usage", code: "setup.sandbox", message: "The sandbox has no account to set up", hint: "leave --sandbox away" });
      await (flags.teardown ? tearDown(cli, flags) : setUp(cli, flags));
    });
}

/** Stands for what only AWS would tell. */
const unnamed = { accountId: "ACCOUNT_ID", principalArn: "PLATFORM_PRINCIPAL_ARN" };

function print({ io }: Cli, flags: Flags): void {
  const principalArn = flags.principal === undefined ? unnamed.principalArn : givenPrincipal(flags.principal).arn;
  const policies = policiesOf({ accountId: flags.accountId ?? unnamed.accountId, principalArn });
  io.result("AwsPolicies", policies, () => JSON.stringify(policies, undefined, 2));
}

/** Also a part of the tour. */
export async function setUp(cli: Cli, flags: Flags): Promise<void> {
  const budget = budgetOf(flags);
  const given = flags.principal === undefined ? undefined : givenPrincipal(flags.principal);
  const [aws, hints] = await Promise.all([cli.connect.awsSetup(), credentialHints(cli)]);
  const { accountId, principal } = await accountOf(aws, { accountId: flags.accountId, principal: given, hints });
  const report = await runSteps(setUpAws(aws, { accountId, principalArn: principal.arn }, budget), {
    dryRun: flags.dryRun ?? false,
    progress: cli.io.progress,
    interrupt: cli.interrupt,
    goOn: typedCommand(["chartctl", "setup", "aws"], {
      budget: flags.budget,
      alertEmail: flags.alertEmail,
      principal: flags.principal,
      accountId: flags.accountId,
    }),
    undo: "chartctl setup aws --teardown",
  });
  const roles = { broker: roleArn(accountId, brokerName), provisioning: roleArn(accountId, provisioningName) };
  cli.io.result("AwsSetup", { accountId, principal, roles, ...report }, () =>
    [
      setupText(report, cli.io.width),
      "",
      facts(
        [
          ["Account", accountId],
          ["Platform", `${principal.arn} (${principal.how})`],
          ["Tenants trust", roles.broker],
        ],
        cli.io.width,
      ),
      ...(flags.dryRun ? [] : ["", nextText(roles, cli.io.width)]),
    ].join("\n"),
  );
}

const nextText = ({ broker, provisioning }: { broker: string; provisioning: string }, width: number): string =>
  [
    wrapped(
      "The platform works as these when its environment names them (setup heroku and setup container take them over from this shell; the second is for tenants of this account):",
      width,
    ),
    `  export CHARTCTL_BROKER_ROLE_ARN=${broker}`,
    `  export AWS_ROLE_ARN=${provisioning}`,
    "Next: chartctl setup heroku, or chartctl setup container;",
    "alone on this machine: chartctl tenants connect ID",
  ].join("\n");

/** How this shell's credentials come, as far as its settings say. */
export async function credentialHints({ connect, given }: Cli): Promise<CredentialHints> {
  const [{ awsProfile: profile }, env] = await Promise.all([given(), connect.awsEnvironment()]);
  return { profile, keys: Boolean(env.AWS_ACCESS_KEY_ID), webIdentity: Boolean(env.AWS_WEB_IDENTITY_TOKEN_FILE) };
}

async function tearDown(cli: Cli, flags: Flags): Promise<void> {
  const { io, connect } = cli;
  const aws = await connect.awsSetup();
  const { accountId } = await aws.caller();
  refuseForeignAccount(accountId, flags.accountId);
  const api = await connect.api();
  await refuseWhileProjectsLive({
    tenants: async () => (await api(endpoints.listTenants, {})).map(({ id }) => id),
    projects: async (tenantId) => await (await connect.booksOf(tenantId)).projects(),
  });
  await refuseLivingElsewhere(cli);
  const dryRun = flags.dryRun ?? false;
  const lost = `This deletes ${brokerName} and ${provisioningName}: the platform then reaches no tenant from account ${accountId}.`;
  if (!dryRun && !cli.yes && !(await io.confirm({ about: "teardown", name: accountId, lost })))
    return io.result("AwsTeardown", { accountId, outcome: "declined" }, () => "Nothing was changed.");
  const goOn = "chartctl setup aws --teardown";
  const report = await runSteps(tearDownAws(aws, accountId), { dryRun, progress: io.progress, interrupt: cli.interrupt, goOn, undo: "chartctl setup aws" });
  io.result("AwsTeardown", { accountId, ...report }, () => setupText(report, io.width));
}

function budgetOf({ budget, alertEmail }: Flags): BudgetWish | undefined {
  // An empty variable is none.
  if (!budget && !alertEmail) return undefined;
  const monthlyCents = budget ? parseDollars(budget) : undefined;
  if (monthlyCents === 0)
    throw new ChartctlError({ kind: "usage", code: "budget.invalid", message: "A budget of nothing would alert at once", hint: "such as: --budget 500" });
  if (alertEmail && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(alertEmail) && alertEmail.length <= 50) return { monthlyCents, email: alertEmail };
  throw new ChartctlError({
    kind: "usage",
    code: "alert-email.invalid",
    message: !alertEmail
      ? "A budget without an address tells nobody"
      : `The address ${JSON.stringify(alertEmail)} is not an e-mail address of at most 50 characters`,
    hint: "such as: chartctl setup aws --budget 500 --alert-email ops@example.org (or ALERT_EMAIL)",
  });
}
