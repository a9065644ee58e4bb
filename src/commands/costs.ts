/** `chartctl costs`: what AWS billed. */
import type { Command } from "commander";
import { Option } from "commander";
import { actualCosts, quotaUse } from "../core/costs/actual/actual-costs.ts";
import type { Granularity } from "../core/costs/actual/cost-source.ts";
import { granularities } from "../core/costs/actual/cost-source.ts";
import { isChartctlError } from "../errors.ts";
import { costNotes, costsText } from "../ui/costs.ts";
import { printableLines } from "../ui/names.ts";
import type { Cli } from "./cli.ts";
import type { PeriodFlags, SourceFlags } from "./costs/asked.ts";
import { askedCosts, groupingOf, periodOf, refuseTwoFormats, withPeriod, withSource } from "./costs/asked.ts";
import { askedFromThen } from "./costs/from-then.ts";
import { usualBy, usualGrouping } from "./costs/usual-grouping.ts";
import { whoseCosts } from "./costs/whose-costs.ts";
import type { Part } from "./parts.ts";
import { addParts } from "./parts.ts";
import { userOf } from "./required.ts";

interface Flags extends PeriodFlags, SourceFlags {
  granularity: Granularity;
  by?: string;
  csv?: boolean;
}

const usualDays = "7";

export function register(command: Command, cli: Cli): void {
  // What stands behind the name of a part is its own, although the topic has an option of that name, too.
  command.enablePositionalOptions();
  withSource(
    withPeriod(command, usualDays)
      .addOption(new Option("--granularity <size>", "how long each figure is of; by month, from the month's 1st on").choices(granularities).default("day"))
      .option("--by <what>", `service, project, user, tag:KEY, usage-type or region${usualBy}`),
  )
    .option("--csv", "comma-separated values on stdout")
    .addHelpText("after", examples)
    .action(async (flags: Flags) => await show(cli, flags));
  addParts(command, parts, () => cli);
}

const examples = `
Examples:
  $ chartctl -t acme costs
  $ chartctl -t acme costs --days 30 --by project
  $ chartctl -t acme -p sales costs --from 2026-10-01 --to 2026-10-31
  $ chartctl -t acme costs --days 90 --granularity month --csv > costs.csv`;

const parts: Part[] = [
  {
    name: "estimate",
    description: "what a project costs a month: from list prices and stated usage, before it is built",
    load: () => import("./costs/estimate.ts"),
  },
  {
    name: "trends",
    description: "how costs went by day or month: a chart, what is usual, and days that stand out",
    load: () => import("./costs/trends.ts"),
  },
  {
    name: "forecast",
    description: "what this month will come to, with a range, and how good such forecasts were before",
    load: () => import("./costs/forecast.ts"),
  },
  { name: "report", description: "a month as CSV, XLSX and a page with charts; its parts add up to the bill", load: () => import("./costs/report.ts") },
  { name: "sync", description: "read what AWS billed into the books; from cron", load: () => import("./costs/sync.ts") },
  {
    name: "prices",
    description: "the list prices that estimates are made of, with their date and sources (--region R)",
    load: () => import("./costs/prices.ts"),
  },
];

async function show(cli: Cli, flags: Flags): Promise<void> {
  const { io, clock } = cli;
  const now = clock.now();
  const { granularity, metric } = flags;
  const named = flags.by === undefined ? undefined : groupingOf(flags.by);
  const period = periodOf(flags, usualDays, granularity, now);
  refuseTwoFormats(flags, io);
  const { whose: askedOf, tags, ownTags, source } = await askedCosts(cli, flags);
  const grouping = named ?? (await usualGrouping(cli));
  const costs = await actualCosts(source, { period, granularity, grouping, metric, tags }, now).catch(async (error: unknown) => {
    throw await askedFromThen(cli, ["costs"], flags, error);
  });
  const whose = await whoseCosts(cli, askedOf, costs, { ...period, apart: io.json || flags.csv === true });
  if (flags.csv) {
    const { costsCsv } = await import("../ui/costs-csv.ts");
    for (const line of costNotes(costs, now)) io.note(line);
    for (const lines of costsCsv(costs)) io.line(io.reader ? printableLines(lines) : lines);
    return;
  }
  // Another tenant of the account may have a user of the same name: a quota is of the tenant's own part, whatever else is told.
  const quota = await quotaOf(cli, source, ownTags, now).catch((error: unknown) => {
    // The costs are here, and may have been paid for.
    if (!isChartctlError(error) || error.kind === "interrupted" || error.kind === "bug") throw error;
    io.warn(`What is left of the quota is not known: ${error.message}${error.hint ? `; ${error.hint}` : ""}`);
    return undefined;
  });
  io.result("Costs", { tenantId: whose.tenantId, ...costs, quota: quota ?? null }, () => costsText(costs, quota, whose, io.width, clock.now()));
}

async function quotaOf(cli: Cli, source: Awaited<ReturnType<Cli["connect"]["costs"]>>, tags: Record<string, string>, now: Date) {
  const userId = await userOf(cli);
  const { limits, used } = await cli.connect.fromBooks(["quota", userId], async (call, endpoints) => {
    const { limits, used } = await call(endpoints.getQuota, { query: { user: userId } });
    return { limits, used };
  });
  return await quotaUse(source, { userId, limitCents: limits.userMonthlyCents, estimatedCents: used.monthlyCents, tags }, now);
}
