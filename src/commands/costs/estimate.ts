/** `chartctl costs estimate`: what it will cost, before it is built, or as it stands. */
import type { Command } from "commander";
import { Option } from "commander";
import type { BlueprintName, ServerlessWebParameters } from "../../contract/blueprints.ts";
import { blueprintNames } from "../../contract/blueprints.ts";
import type { Project } from "../../contract/resources.ts";
import { sourceNames } from "../../core/costs/actual/choose-source.ts";
import { billing } from "../../core/costs/billing-names.ts";
import type { PartialEstimate } from "../../core/costs/estimate.ts";
import { estimateAsKnown } from "../../core/costs/estimate.ts";
import { freeTier } from "../../core/costs/free-tier.ts";
import type { PriceTable } from "../../core/costs/prices/table.ts";
import { regionsOf } from "../../core/costs/prices/table.ts";
import type { StatedUsage } from "../../core/costs/usage-file.ts";
import { usageFileName } from "../../core/costs/usage-file.ts";
import { compared } from "../../core/costs/what-if.ts";
import { parseParameters } from "../../core/parameters.ts";
import { unknownProject } from "../../core/unknown-project.ts";
import { ChartctlError } from "../../errors.ts";
import type { EstimateShown } from "../../ui/estimate.ts";
import { comparisonText, estimateTable, ignoredText } from "../../ui/estimate.ts";
import type { Cli } from "../cli.ts";
import { required } from "../required.ts";
import { flagsOf, refuseTwoFormats } from "./asked.ts";
import type { CheckFlags } from "./estimate-check.ts";
import { check } from "./estimate-check.ts";
import { refuseUnknown } from "./known-place.ts";
import { refuseSandbox } from "./sandbox.ts";

interface Flags extends CheckFlags {
  blueprint: BlueprintName;
  set: string[];
  usageFile?: string;
  whatIf: string[];
  assumptions?: boolean;
  check?: boolean;
}

export function register(command: Command, cli: Cli): void {
  const repeatable = (value: string, all: string[]): string[] => [...all, value];
  command
    .addOption(new Option("--blueprint <name>", "what would be built").choices([...blueprintNames]).default("serverless-web"))
    .addOption(
      new Option("--set <name=value>", "a parameter of the blueprint (repeatable)").argParser(repeatable).default([], "its defaults, or the project's"),
    )
    .option("--usage-file <file>", `stated usage, as Infracost's (default: ${usageFileName}, if there is one)`)
    .addOption(
      new Option("--what-if <name=value>", "beside it, with this changed; region=R too (repeatable, each once)").argParser(repeatable).default([], "nothing"),
    )
    .option("--assumptions", "print each line with what it assumes, and its price's source")
    .option("--csv", "comma-separated values on stdout")
    .option("--check", "against what AWS billed for the project (-p): which assumption was off; of a month that runs, a hosted API has the sum alone")
    .option("--month <month>", "of --check, such as 2026-10 (default: the last whole one)")
    .addOption(new Option("--source <name>", "of --check: Cost Explorer (ce), Cost and Usage Report (cur)").choices(sourceNames).default("auto"))
    .option("--table <name>", `of --check: the report's table in ${billing.database}`, billing.table)
    .option("--refresh", "of --check: ask AWS again ($0.01 a request), not the cache")
    .addHelpText("after", examples)
    .action(async (_: object, part: Command) => await show(cli, flagsOf<Flags>(part), part));
}

const examples = `
A project that stood in a part of the month is compared with that part of its
estimate. In a usage file, what the blueprint doesn't have is ignored, with a
warning.

Examples:
  $ chartctl costs estimate --set monthly_requests=2000000 --region eu-west-1
  $ chartctl -p sales costs estimate --assumptions
  $ chartctl -p sales costs estimate --what-if memory_mb=512
  $ chartctl -p sales costs estimate --check --month 2026-10 --csv`;

/** Flags that are asked with a bill alone. */
const ofCheck = ["month", "source", "table", "refresh"];

async function show(cli: Cli, flags: Flags, part: Command): Promise<void> {
  const { io } = cli;
  refuseTwoFormats(flags, io);
  refuseUnused(flags, part);
  if (flags.check) await refuseSandbox(cli);
  const [asked, stored, stated] = await Promise.all([askedFor(cli, flags), cli.connect.prices(), cli.connect.usageFile(flags.usageFile)]);
  if (stated && stated.ignored.length > 0) io.warn(ignoredText(stated, asked.blueprint));
  const { table, from } = stored.current();
  const before = estimateOf(table, asked, stated?.usage);
  const { parameters, project, blueprint } = asked;
  if (flags.check && !project)
    throw usage(
      "project.missing",
      "--check compares a project's estimate with its bill, and no project is named",
      "name it: chartctl -p ID costs estimate --check",
    );
  if (flags.check && project) return await check(cli, flags, project, before, table);
  const shown: EstimateShown = {
    estimate: before,
    free: freeTier(before, table),
    of: project ? `project ${project.id}` : blueprint,
    usage: stated
      ? `${stated.file}, and parameters for what it doesn't state`
      : flags.set.length > 0 || project
        ? "the parameters"
        : "the blueprint's defaults",
    pricesFrom: from,
    bookedCents: project?.monthlyCents,
  };
  if (before.monthlyCents === null) cli.exitCode(1);
  if (flags.whatIf.length > 0) return await showComparison(cli, flags, asked, shown, estimateOf(table, changed(asked, flags.whatIf), stated?.usage));
  if (flags.csv) return await printCsv(cli, [{ name: shown.of, estimate: before }]);
  const document = {
    ...before,
    of: shown.of,
    parameters,
    usageFile: stated?.file ?? null,
    usageIgnored: stated?.ignored ?? [],
    freeTier: shown.free,
    pricesFrom: from,
    bookedCents: shown.bookedCents,
  };
  io.result("Estimate", document, () => estimateTable(shown, io.width, flags.assumptions ?? false));
}

async function showComparison(cli: Cli, flags: Flags, asked: Asked, { estimate, of }: EstimateShown, after: PartialEstimate): Promise<void> {
  if (after.monthlyCents === null) cli.exitCode(1);
  if (flags.csv)
    return await printCsv(cli, [
      { name: "now", estimate },
      { name: flags.whatIf.join(" "), estimate: after },
    ]);
  const comparison = compared(estimate, after);
  cli.io.result("EstimateComparison", { ...comparison, of, parameters: asked.parameters, whatIf: flags.whatIf }, () =>
    comparisonText(comparison, { changed: flags.whatIf.join(", "), of }, cli.io.width),
  );
}

async function printCsv({ io }: Cli, estimates: { name: string; estimate: PartialEstimate }[]): Promise<void> {
  const { estimateCsv } = await import("../../ui/estimate-csv.ts");
  for (const { name, estimate } of estimates)
    if (estimate.missing.length > 0) io.warn(`${name} has no total: no price in ${estimate.region} for ${estimate.missing.join(", ")}`);
  io.line(estimateCsv(estimates));
}

interface Asked {
  project: Project | undefined;
  blueprint: BlueprintName;
  region: string;
  parameters: ServerlessWebParameters;
}

/** Nobody is asked unless a project is named: what was never provisioned needs no books. */
async function askedFor(cli: Cli, { blueprint, set }: Flags): Promise<Asked> {
  const given = await cli.given();
  // A project in chartctl.json says which folder this is, not what is asked.
  if (given.origins.project !== "flag") return { project: undefined, blueprint, region: given.region, parameters: parseParameters(blueprint, set) };
  const settings = await cli.settings();
  required(settings, "tenant");
  const id = required(settings, "project");
  const project = await (await cli.connect.books()).project(id);
  if (!project) throw unknownProject(id);
  const region = given.origins.region === "flag" ? given.region : project.region;
  return { project, blueprint: project.blueprint, region, parameters: parseParameters(project.blueprint, set, project.parameters) };
}

/** Error `parameter.twice` (usage), and those of parameters. */
function changed(asked: Asked, whatIf: string[]): Asked {
  const named = whatIf.map((text) => ({ text, name: (/^[^=]*/.exec(text)?.[0] ?? "").trim() }));
  const twice = named.find(({ name }, at) => named.findIndex((one) => one.name === name) < at);
  if (twice)
    throw usage("parameter.twice", `--what-if has ${JSON.stringify(twice.name.slice(0, 60))} twice, and one estimate has one`, "ask for each by itself");
  const [region] = named.filter(({ name, text }) => name === "region" && text.includes("=")).map(({ text }) => text.slice(text.indexOf("=") + 1).trim());
  const parameters = named.filter(({ name, text }) => name !== "region" || !text.includes("=")).map(({ text }) => text);
  return { ...asked, region: region ?? asked.region, parameters: parseParameters(asked.blueprint, parameters, asked.parameters, "--what-if") };
}

/** What would be left out of the answer silently. Error `costs.flag` (usage). */
function refuseUnused({ check, whatIf }: Flags, part: Command): void {
  const given = (name: string): boolean => part.getOptionValueSource(name) === "cli";
  const unused = ofCheck.find(given);
  if (!check && unused !== undefined)
    throw usage("costs.flag", `--${unused} is for --check, which asks for a bill; an estimate asks for none`, "such as: chartctl -p ID costs estimate --check");
  if (check && whatIf.length > 0)
    throw usage("costs.flag", "--check and --what-if are two questions", "a bill against other parameters: --check with --set NAME=VALUE");
  if (given("assumptions") && (check || whatIf.length > 0))
    throw usage("costs.flag", `--assumptions is of an estimate, not of ${check ? "--check" : "--what-if"}`, "by itself: chartctl costs estimate --assumptions");
}

function estimateOf(prices: PriceTable, { blueprint, region, parameters }: Asked, stated: StatedUsage | undefined): PartialEstimate {
  refuseUnknown(region, regionsOf(prices), prices);
  return estimateAsKnown(prices, blueprint, region, parameters, stated);
}

const usage = (code: string, message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code, message, hint });
