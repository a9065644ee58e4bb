/** What every question about a bill has in common: of which days, whose it is, and where it is read. */
import type { Command } from "commander";
import { Option } from "commander";
import type { SourceName } from "../../core/costs/actual/choose-source.ts";
import { sourceNames } from "../../core/costs/actual/choose-source.ts";
import { sharesAccount } from "../../core/costs/actual/cost-scope.ts";
import type { Granularity, Grouping, Metric, Period } from "../../core/costs/actual/cost-source.ts";
import { metrics } from "../../core/costs/actual/cost-source.ts";
import { periodAsked } from "../../core/costs/actual/period.ts";
import { billing } from "../../core/costs/billing-names.ts";
import { nearest } from "../../core/near.ts";
import { ChartctlError } from "../../errors.ts";
import type { Cli, Io } from "../cli.ts";
import { required } from "../required.ts";
import { refuseSandbox } from "./sandbox.ts";

export interface PeriodFlags {
  days?: string;
  from?: string;
  to?: string;
}
export interface SourceFlags {
  metric: Metric;
  source: SourceName;
  table: string;
  wholeAccount?: boolean;
  refresh?: boolean;
}

/** `usual`: how many days it is when nobody says. */
export const withPeriod = (command: Command, usual: string): Command =>
  command
    .option("--days <count>", `the last whole days, 1 to 366 (default: ${usual})`)
    .option("--from <day>", "first day (UTC), instead of --days")
    .option("--to <day>", "last day (UTC); without it, yesterday, and with --from TODAY today");

export const withSource = (command: Command): Command =>
  command
    .addOption(new Option("--metric <name>", "which cost").choices(metrics).default("unblended"))
    .addOption(new Option("--source <name>", "Cost Explorer (ce), Cost and Usage Report (cur)").choices(sourceNames).default("auto"))
    .option("--table <name>", `the report's table in ${billing.database}`, billing.table)
    .option("--whole-account", "also what carries no tag of the tenant")
    .option("--refresh", "ask AWS again ($0.01 a request), not the cache");

/** `ownTags`: the tenant's part of the account. `tags`: what is asked for, with the project and the user, if they were named. */
export async function askedCosts(cli: Cli, { source, table, refresh, wholeAccount }: SourceFlags) {
  await refuseSandbox(cli);
  const settings = await cli.settings();
  const tenantId = required(settings, "tenant");
  // A project in chartctl.json says which folder this is, and a user in the settings who works here: not what is asked.
  const ofProject: Record<string, string> = settings.origins.project === "flag" ? { ProjectId: required(settings, "project") } : {};
  const ofUser: Record<string, string> = settings.origins.user === "flag" ? { UserId: settings.user } : {};
  const [ownTags, costs] = await Promise.all([
    tagsOf(cli, tenantId, wholeAccount ?? false),
    cli.connect.costs({ tenantId, source, table, refresh: refresh ?? false }),
  ]);
  return {
    whose: { tenantId, projectId: ofProject.ProjectId ?? null, userId: ofUser.UserId ?? null },
    ownTags,
    tags: { ...(wholeAccount ? {} : ownTags), ...ofProject, ...ofUser },
    source: costs,
  };
}

/** Flags of a part; those that stand before its name are meant for it, too. Error `costs.flag` (usage). */
export function flagsOf<T>(part: Command): T {
  const topic = part.parent;
  const before = (topic?.options ?? []).map((option) => option.attributeName()).filter((name) => topic?.getOptionValueSource(name) === "cli");
  for (const name of before) {
    const own = part.options.find((option) => option.attributeName() === name);
    if (!own) throw usage("costs.flag", `costs ${part.name()} has no --${name}`, `see: chartctl costs ${part.name()} --help`);
    if (part.getOptionValueSource(name) === "cli") continue;
    const given = topic?.getOptionValue(name);
    if (own.argChoices && !own.argChoices.includes(given))
      throw usage("costs.flag", `costs ${part.name()} has no --${name} ${given}`, `one of: ${own.argChoices.join(", ")}`);
    part.setOptionValueWithSource(name, given, "cli");
  }
  return part.opts() as T;
}

export function groupingOf(by: string): Grouping {
  const word = by.toLowerCase();
  if (word === "service" || word === "usage-type" || word === "region") return { by: word };
  if (word === "project") return { by: "tag", key: "ProjectId" };
  if (word === "user") return { by: "tag", key: "UserId" };
  const key = /^tag:(.+)$/i.exec(by)?.[1];
  const length = [...(key ?? "")].length;
  if (length > longestKey)
    throw usage("costs.tag", `A tag's key has ${longestKey} characters at most, and this one ${length}`, "such as: --by tag:Environment");
  if (key) return { by: "tag", key };
  const near = nearest(by, groupings, 2);
  const meant = near === undefined ? "" : `did you mean ${near}? All: `;
  throw usage("costs.by", `${JSON.stringify(by.slice(0, 60))} is nothing to group costs by`, `${meant || "one of: "}${groupings.join(", ")}`);
}

const groupings = ["service", "project", "user", "tag:KEY", "usage-type", "region"];

/** AWS's rule for tags. */
const longestKey = 128;

/** Error `costs.period` (usage). */
export function periodOf({ days, from, to }: PeriodFlags, usual: string, granularity: Granularity, now: Date): Period {
  if (days !== undefined && from !== undefined) throw usage("costs.period", "--days and --from are two answers", "leave out --days: --from DAY --to DAY");
  return periodAsked({ days: countOf(days ?? usual), from, to, granularity }, now);
}

function countOf(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= 366) return days;
  throw usage("costs.period", `${JSON.stringify(text.slice(0, 40))} is not a number of days`, "1 to 366, such as: --days 30");
}

export function refuseTwoFormats({ csv }: { csv?: boolean }, { json }: Pick<Io, "json">): void {
  if (csv && json) throw usage("costs.format", "--csv and --json are two answers", "choose one of them");
}

/** A tenant that isn't alone in its account is told its own part; a hosted API's books have no other. */
async function tagsOf({ connect, given }: Cli, tenantId: string, wholeAccount: boolean): Promise<Record<string, string>> {
  if ((await given()).apiUrl) {
    if (wholeAccount) throw usage("costs.hosted", "The platform's books have each tenant's own costs", "leave out --whole-account");
    return {};
  }
  const shared = await connect.fromBooks(["shares-account", tenantId], async (call, endpoints) =>
    sharesAccount(tenantId, await call(endpoints.listTenants, {})),
  );
  return shared ? { TenantId: tenantId } : {};
}

const usage = (code: string, message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code, message, hint });
