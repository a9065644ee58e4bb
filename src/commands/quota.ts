/** `chartctl quota`: limits, and what is used of them. */
import chalk from "chalk";
import type { Command } from "commander";
import { Option } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import { longestGraceSeconds } from "../contract/numbers.ts";
import type { OverCostPolicy, Quota } from "../contract/resources.ts";
import { defaultOverCostPolicy } from "../contract/resources.ts";
import { formatDuration, parseDuration } from "../core/duration.ts";
import { formatCents, formatDollars, parseDollars } from "../core/money.ts";
import { ChartctlError } from "../errors.ts";
import { facts } from "../ui/table.ts";
import type { Cli } from "./cli.ts";
import { required, userOf } from "./required.ts";

interface SetFlags {
  projects?: string;
  projectCost?: string;
  userCost?: string;
  overCost?: OverCostPolicy["action"];
  grace?: string;
  wholeTenant?: boolean;
}

export function register(command: Command, cli: Cli): void {
  command.action(async () => show(cli));
  command
    .command("set")
    .description("override limits of the user (--user), or of the whole tenant")
    .option("--projects <count>", "projects a user")
    .option("--project-cost <dollars>", "estimated dollars a month, one project")
    .option("--user-cost <dollars>", "estimated dollars a month, all of a user's projects")
    .addOption(new Option("--over-cost <action>", "once AWS has billed more than a limit").choices(["alert", "clean-up"]))
    .option("--grace <duration>", "time from the alert to the clean-up: 90m, 24h, 7d (default: 24h)")
    .option("--whole-tenant", "for every user of the tenant")
    .addHelpText("after", overCostHelp)
    .action(async (flags: SetFlags) => set(cli, flags));
}

async function show(cli: Cli): Promise<void> {
  const { connect, settings: resolve, io } = cli;
  const settings = await resolve();
  required(settings, "tenant");
  const quota = await (await connect.api())(endpoints.getQuota, { query: { user: await userOf(cli) } });
  const { limits, used } = quota;
  io.result("Quota", quota, () =>
    facts(
      [
        ["User", `${quota.userId} (tenant ${quota.tenantId})`],
        ["Projects", `${used.projects} of ${limits.projectsPerUser}`],
        ["Estimate", `${formatCents(used.monthlyCents)} of ${formatCents(limits.userMonthlyCents)} a month`],
        ["One project", `up to ${formatCents(limits.projectMonthlyCents)} a month`],
        ["Billed", quota.over ? overText(quota) : undefined],
        ["Over a limit", policyText(quota.overCost)],
      ],
      io.width,
    ),
  );
}

const overText = ({ over, limits }: Quota): string =>
  chalk.red(`${formatDollars(over?.amount ?? "0")} this month, of ${formatCents(limits.userMonthlyCents)}: nothing new fits until it turns`);

const policyText = ({ action, graceSeconds }: OverCostPolicy): string =>
  action === "alert" ? "told, and stays" : `told, then purged and destroyed ${formatDuration(graceSeconds)} later`;

async function set(cli: Cli, flags: SetFlags): Promise<void> {
  const { connect, settings: resolve, io } = cli;
  const settings = await resolve();
  required(settings, "tenant");
  const limits = {
    ...(flags.projects === undefined ? {} : { projectsPerUser: count(flags.projects) }),
    ...(flags.projectCost === undefined ? {} : { projectMonthlyCents: parseDollars(flags.projectCost) }),
    ...(flags.userCost === undefined ? {} : { userMonthlyCents: parseDollars(flags.userCost) }),
  };
  const overCost = policyOf(flags);
  if (Object.keys(limits).length === 0 && !overCost)
    throw new ChartctlError({ kind: "usage", code: "quota.nothing", message: "No limit is named", hint: "such as: chartctl quota set --projects 20" });
  const user = flags.wholeTenant ? undefined : await userOf(cli);
  const answer = await (await connect.api())(endpoints.setQuota, {
    body: { limits, ...(overCost ? { overCost } : {}), ...(user === undefined ? {} : { user }) },
  });
  const whose = user === undefined ? `every user of tenant ${settings.tenant}` : `user ${user}`;
  io.result(
    "Limits",
    { ...answer.limits, overCost: answer.overCost },
    () =>
      `Limits of ${whose}: ${answer.limits.projectsPerUser} projects, ${formatCents(answer.limits.projectMonthlyCents)} a project, ${formatCents(answer.limits.userMonthlyCents)} in all.\nWhat AWS bills beyond them is ${policyText(answer.overCost)}.`,
  );
}

/** Undefined: stays as it is. */
function policyOf({ overCost, grace }: SetFlags): Omit<OverCostPolicy, "setAt"> | undefined {
  if (grace !== undefined && overCost !== "clean-up") throw graceOfNothing();
  if (overCost === undefined) return undefined;
  const graceSeconds = grace === undefined ? defaultOverCostPolicy.graceSeconds : parseDuration(grace);
  if (graceSeconds === null || graceSeconds > longestGraceSeconds) throw graceTooLong(grace ?? "");
  return { action: overCost, graceSeconds };
}

const graceOfNothing = (): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "grace.invalid",
    message: "A grace time is of a clean-up, and none is asked for",
    hint: "such as: chartctl quota set --over-cost clean-up --grace 24h",
  });
const graceTooLong = (grace: string): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "grace.invalid",
    message: `A grace time is at most 31 days, not ${JSON.stringify(grace)}: a limit is of one month`,
    hint: "such as: --grace 24h; without a clean-up: --over-cost alert",
  });

const overCostHelp = `
Limits hold estimates before anything is built, and what AWS bills afterwards:
what passes one is marked and told (chartctl alerts). With --over-cost clean-up
it is also purged and destroyed, its data included, once the grace time is over
and it is still over its limit. Of a user over theirs, the dearest projects go.

The grace time begins when the alert that names the clean-up was delivered. One
that can't be is tried for five days, then given up, and the grace time begins
with that: stats, status and alerts say so, and when the clean-up comes. Without
ALERT_WEBHOOK_URL they are the only ones that tell: it begins with the mark.
`;

function count(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new ChartctlError({
    kind: "usage",
    code: "quota.invalid",
    message: `${JSON.stringify(text)} is not a number of projects`,
    hint: "such as: --projects 20",
  });
}
