/** `chartctl costs forecast`: what this month will come to. */
import type { Command } from "commander";
import { Option } from "commander";
import type { ForecastMethod } from "../../core/costs/forecast/cost-forecast.ts";
import { costForecast, forecastMethods } from "../../core/costs/forecast/cost-forecast.ts";
import { forecastText } from "../../ui/forecast.ts";
import type { Cli } from "../cli.ts";
import type { SourceFlags } from "./asked.ts";
import { askedCosts, flagsOf, withSource } from "./asked.ts";
import { whoseCosts } from "./whose-costs.ts";

interface Flags extends SourceFlags {
  method: ForecastMethod;
}

export function register(command: Command, cli: Cli): void {
  withSource(
    command.addOption(
      new Option("--method <name>", "Cost Explorer's ($0.01), chartctl's own, or the first that there is").choices(forecastMethods).default("auto"),
    ),
  ).action(async (_: object, part: Command) => await show(cli, flagsOf<Flags>(part)));
}

async function show(cli: Cli, flags: Flags): Promise<void> {
  const { io, clock } = cli;
  const now = clock.now();
  const { whose: askedOf, tags, source } = await askedCosts(cli, flags);
  // Whoever wants the report alone pays Cost Explorer for nothing.
  const method = flags.method === "auto" && flags.source === "cur" ? "own" : flags.method;
  const forecast = await costForecast(source, { metric: flags.metric, tags, method }, now);
  const asked = { from: `${forecast.month}-01`, until: forecast.today, apart: io.json };
  const whose = await whoseCosts(cli, askedOf, forecast, asked);
  io.result("CostForecast", { tenantId: whose.tenantId, ...forecast }, () => forecastText(forecast, whose, io.width, now));
}
