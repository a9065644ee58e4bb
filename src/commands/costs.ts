/** `chartctl costs`: what AWS billed. */
import type { Command } from "commander";
import { Option } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import { actualCosts, quotaUse } from "../core/costs/actual/actual-costs.ts";
import type { SourceName } from "../core/costs/actual/choose-source.ts";
import { sourceNames } from "../core/costs/actual/choose-source.ts";
import { sharesAccount } from "../core/costs/actual/cost-scope.ts";
import type { Granularity, Grouping, Metric } from "../core/costs/actual/cost-source.ts";
import { granularities, metrics } from "../core/costs/actual/cost-source.ts";
import { periodAsked } from "../core/costs/actual/period.ts";
import { billing } from "../core/costs/billing-names.ts";
import { ChartctlError } from "../errors.ts";
import { costNotes, costsText } from "../ui/costs.ts";
import type { Cli } from "./cli.ts";
import * as estimating from "./costs/estimate.ts";
import * as pricing from "./costs/prices.ts";
import { required, userOf } from "./required.ts";

interface Flags {
  days: string;
  from?: string;
  to?: string;
  granularity: Granularity;
  by: string;
  metric: Metric;
  source: SourceName;
  table: string;
  wholeAccount?: boolean;
  refresh?: boolean;
  csv?: boolean;
}

export function register(command: Command, cli: Cli): void {
  command
    .option("--days <count>", "the last whole days", "7")
    .option("--from <day>", "first day (UTC), instead of --days")
    .option("--to <day>", "last day (UTC); without it, yesterday")
    .addOption(new Option("--granularity <size>", "one figure a").choices(granularities).default("day"))
    .option("--by <what>", "service, project, user, tag:KEY, usage-type or region", "service")
    .addOption(new Option("--metric <name>", "which cost").choices(metrics).default("unblended"))
    .addOption(new Option("--source <name>", "Cost Explorer (ce), Cost and Usage Report (cur)").choices(sourceNames).default("auto"))
    .option("--table <name>", `the report's table in ${billing.database}`, billing.table)
    .option("--whole-account", "also what carries no tag of the tenant")
    .option("--refresh", "ask AWS again ($0.01 a request), not the cache")
    .option("--csv", "comma-separated values on stdout")
    .action(async (flags: Flags) => await show(cli, flags));
  for (const part of [estimating, pricing]) part.register(command, cli);
}

async function show(cli: Cli, flags: Flags): Promise<void> {
  const { connect, io, clock } = cli;
  const now = clock.now();
  const { granularity, metric } = flags;
  const grouping = groupingOf(flags.by);
  const period = periodAsked({ days: countOf(flags.days), from: flags.from, to: flags.to, granularity }, now);
  if (flags.csv && io.json) throw usage("costs.format", "--csv and --json are two answers", "choose one of them");
  const settings = await cli.settings();
  const tenantId = required(settings, "tenant");
  refuseHosted(settings.apiUrl);
  const tags = await tagsOf(cli, tenantId, flags.wholeAccount ?? false);
  // A project in chartctl.json says which folder this is, not what is asked.
  const ofProject: Record<string, string> = settings.origins.project === "flag" ? { ProjectId: required(settings, "project") } : {};
  const source = await connect.costs({ tenantId, source: flags.source, table: flags.table, refresh: flags.refresh ?? false });
  const costs = await actualCosts(source, { period, granularity, grouping, metric, tags: { ...tags, ...ofProject } }, now);
  if (flags.csv) {
    const { costsCsv } = await import("../ui/costs-csv.ts");
    for (const line of costNotes(costs, now)) io.note(line);
    return io.line(costsCsv(costs));
  }
  const quota = await quotaOf(cli, source, tags, now);
  io.result("Costs", { tenantId, ...costs, quota }, () => costsText(costs, quota, tenantId, io.width, clock.now()));
}

async function quotaOf(cli: Cli, source: Awaited<ReturnType<Cli["connect"]["costs"]>>, tags: Record<string, string>, now: Date) {
  const userId = await userOf(cli);
  const { limits, used } = await (await cli.connect.api())(endpoints.getQuota, { query: { user: userId } });
  return await quotaUse(source, { userId, limitCents: limits.userMonthlyCents, estimatedCents: used.monthlyCents, tags }, now);
}

/** A tenant that isn't alone in its account is told its own part. */
async function tagsOf({ connect }: Cli, tenantId: string, wholeAccount: boolean): Promise<Record<string, string>> {
  if (wholeAccount) return {};
  return sharesAccount(tenantId, await (await connect.api())(endpoints.listTenants, {})) ? { TenantId: tenantId } : {};
}

function groupingOf(by: string): Grouping {
  if (by === "service" || by === "usage-type" || by === "region") return { by };
  if (by === "project") return { by: "tag", key: "ProjectId" };
  if (by === "user") return { by: "tag", key: "UserId" };
  const key = /^tag:(.+)$/.exec(by)?.[1];
  if (key) return { by: "tag", key };
  throw usage("costs.by", `${JSON.stringify(by.slice(0, 60))} is nothing to group costs by`, "one of: service, project, user, tag:KEY, usage-type, region");
}

function countOf(text: string): number {
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= 366) return days;
  throw usage("costs.period", `${JSON.stringify(text.slice(0, 40))} is not a number of days`, "1 to 366, such as: --days 30");
}

/** Whoever reads an account's costs with the tenant's role sees all of them: a hosted API's members get no such credentials. */
function refuseHosted(apiUrl: string | undefined): void {
  if (!apiUrl) return;
  throw new ChartctlError({
    kind: "refused",
    code: "costs.hosted",
    message: "A hosted control API gives nobody credentials that read a whole account's bill",
    hint: "on the platform's own machine, ask without --api-url; its estimates per project: chartctl stats",
  });
}

const usage = (code: string, message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code, message, hint });
