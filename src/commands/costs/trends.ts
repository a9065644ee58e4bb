/** `chartctl costs trends`: how costs went, and what stands out. */
import type { Command } from "commander";
import { Option } from "commander";
import { firstWholeMonth } from "../../core/costs/actual/what-books-have.ts";
import { costTrends } from "../../core/costs/trends/cost-trends.ts";
import { costNotes } from "../../ui/costs.ts";
import { printableLines } from "../../ui/names.ts";
import { trendsText } from "../../ui/trends.ts";
import type { Cli } from "../cli.ts";
import type { PeriodFlags, SourceFlags } from "./asked.ts";
import { askedCosts, flagsOf, groupingOf, periodOf, refuseTwoFormats, withPeriod, withSource } from "./asked.ts";
import { askedFromThen } from "./from-then.ts";
import { usualBy, usualGrouping } from "./usual-grouping.ts";
import { whoseCosts } from "./whose-costs.ts";

interface Flags extends PeriodFlags, SourceFlags {
  granularity: "day" | "month";
  by?: string;
  csv?: boolean;
}

/** With as many before them, all that Cost Explorer has. */
const usualDays = { day: "30", month: "180" };

export function register(command: Command, cli: Cli): void {
  withSource(
    withPeriod(command, `${usualDays.day}; by month: ${usualDays.month}`)
      .addOption(new Option("--granularity <size>", "how long each figure is of; by month, from the month's 1st on").choices(["day", "month"]).default("day"))
      .option("--by <what>", `small series of: service, project, user, tag:KEY, usage-type or region${usualBy}`),
  )
    .option("--csv", "comma-separated values on stdout")
    .action(async (_: object, part: Command) => await show(cli, flagsOf<Flags>(part)));
}

async function show(cli: Cli, flags: Flags): Promise<void> {
  const { io, clock } = cli;
  const now = clock.now();
  const { granularity, metric } = flags;
  const named = flags.by === undefined ? undefined : groupingOf(flags.by);
  const period = periodOf(flags, usualDays[granularity], granularity, now);
  refuseTwoFormats(flags, io);
  const { whose: askedOf, tags, source } = await askedCosts(cli, flags);
  const grouping = named ?? (await usualGrouping(cli));
  const ask = async (from: string) => await costTrends(source, { period: { ...period, from }, granularity, grouping, metric, tags }, now);
  const trends = await ask(period.from).catch(async (error: unknown) => {
    const first = firstWholeMonth(error);
    if (flags.days !== undefined || flags.from !== undefined || first === undefined || first >= period.until)
      throw await askedFromThen(cli, ["costs", "trends"], flags, error);
    return await ask(first); // nobody asked for more
  });
  const whose = await whoseCosts(cli, askedOf, trends, { ...period, apart: io.json || flags.csv === true });
  if (flags.csv) {
    const { costsCsv } = await import("../../ui/costs-csv.ts");
    for (const line of costNotes(trends, now)) io.note(line);
    for (const lines of costsCsv(trends)) io.line(io.reader ? printableLines(lines) : lines);
    return;
  }
  io.result("CostTrends", { tenantId: whose.tenantId, ...trends }, () => trendsText(trends, whose, io.width, now));
}
