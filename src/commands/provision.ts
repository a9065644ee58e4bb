/** `chartctl provision`: a project's infrastructure, planned, priced, asked about, made and recorded. */
import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { Option } from "commander";
import type { BlueprintName } from "../contract/blueprints.ts";
import { blueprintNames, blueprintParameters } from "../contract/blueprints.ts";
import { endpoints } from "../contract/endpoints.ts";
import { environmentSchema, regionSchema } from "../contract/names.ts";
import type { Project } from "../contract/resources.ts";
import { parseDuration } from "../core/duration.ts";
import { preview } from "../core/lifecycle/preview.ts";
import type { Provisioned, ProvisionInput } from "../core/lifecycle/provision.ts";
import { provision } from "../core/lifecycle/provision.ts";
import { parseDollars } from "../core/money.ts";
import { parseParameters } from "../core/parameters.ts";
import type { Credentials } from "../core/ports.ts";
import { ChartctlError } from "../errors.ts";
import { estimateText } from "../ui/estimate.ts";
import { planText } from "../ui/plan.ts";
import { projectText } from "../ui/project.ts";
import { accountIdOption } from "./account-id.ts";
import type { Cli, Settings } from "./cli.ts";
import { deployApp, documentOf as deployedDocument, deployedText } from "./deploy.ts";
import type { RemoteFlags } from "./remote.ts";
import { addRemoteOptions, isRemote, runRemote } from "./remote.ts";
import { required } from "./required.ts";

interface Flags extends RemoteFlags {
  plan?: boolean;
  blueprint: BlueprintName;
  set?: string[];
  ttl?: string;
  maxCost?: string;
  accountId?: string;
  keepFailed?: boolean;
  assumptions?: boolean;
}

export function register(command: Command, cli: Cli): void {
  command
    .option("--plan", "show the plan and its price, change nothing (exit code 2: there are changes)")
    .addOption(new Option("--blueprint <name>", "what to build").choices([...blueprintNames]).default("serverless-web"))
    .option("--set <name=value>", "a parameter of the blueprint, or stated usage (repeatable)", (value: string, all: string[] = []) => [...all, value])
    .option("--ttl <duration>", "idle time until clean-up: 90m, 2h, 7d, none (default: 60m)")
    .option("--max-cost <dollars>", "refuse when the estimate passes this many dollars a month")
    .addOption(accountIdOption())
    .option("--keep-failed", "leave a failed first provision standing, to look at it")
    .option("--assumptions", "print each line of the estimate with its assumption")
    .addHelpText("after", () => `\nParameters of serverless-web (--set):\n${parameterHelp()}`);
  // `up` deploys this machine's folder, too.
  if (command.name() === "provision") addRemoteOptions(command, "plan", "accountId", "assumptions");
  command.action(async (flags: Flags) => run(cli, flags, command.name() === "up"));
}

/** From the schema itself: name, default, meaning. */
function parameterHelp(): string {
  const defaults = blueprintParameters["serverless-web"].parse({}) as Record<string, unknown>;
  const shape = Object.entries(blueprintParameters["serverless-web"].shape);
  return shape.map(([name, { description }]) => `  ${`${name}=${defaults[name]}`.padEnd(24)} ${description ?? ""}`).join("\n");
}

/** `up` also deploys the application in this folder, when there is one. */
async function run(cli: Cli, flags: Flags, up: boolean): Promise<void> {
  const settings = await cli.settings();
  required(settings, "tenant");
  const input = inputOf(settings, flags);
  if (isRemote(flags)) return await remotely(cli, flags, input);
  const [books, credentials, infrastructure] = await Promise.all([cli.connect.books(), cli.connect.credentials(), cli.connect.infrastructure()]);
  const { io, clock, processes, interrupt } = cli;
  const ports = { books, credentials, ...infrastructure, clock, processes, interrupt, progress: io.progress };

  await warnOfDirectCredentials(cli, settings, credentials);
  if (flags.plan) {
    const shown = await preview(ports, input);
    cli.exitCode(shown.plan.changes.length > 0 ? 2 : 0);
    const { plan, estimate } = shown;
    io.result("Plan", { changes: plan.changes, besides: plan.besides, monthlyCents: estimate.monthlyCents, ...(flags.assumptions ? { estimate } : {}) }, () =>
      [planText(plan, estimate.monthlyCents), planSentence(plan.changes.length), ...(flags.assumptions ? [estimateText(estimate)] : [])].join("\n\n"),
    );
    return;
  }

  const done = await provision({ ...ports, confirm: cli.yes ? async () => true : io.confirm }, input);
  const reach = await cli.connect.reach();
  if (up && done.outcome !== "declined" && (await cli.connect.application()).holdsApp(".")) {
    const deployed = await deployApp(cli, { from: { folder: "." } }, input.accountId);
    io.result("Up", { provisioned: documentOf(done, flags), deployed: deployedDocument(deployed) }, () =>
      [textOf({ ...done, project: deployed.project }, flags, cli, reach), deployedText(deployed)].join("\n\n"),
    );
    return;
  }
  if (done.project.application === "deployed" && done.plan.changes.some(({ type }) => type === "aws_lambda_function"))
    io.note(`The application's release keeps the function's settings of before; it takes the new ones with: chartctl deploy-app -p ${done.project.id}`);
  io.result("Provisioned", documentOf(done, flags), () => textOf(done, flags, cli, reach));
}

/** Nobody is asked: the limits and `--max-cost` hold, and the platform's workers have no terminal. */
async function remotely(cli: Cli, flags: Flags, input: ProvisionInput): Promise<void> {
  const { projectId, blueprint, region, environment, set, ttlSeconds, maxMonthlyCents, keepFailed } = input;
  parseParameters(blueprint, set); // refused here with the same words, before anything is sent
  const parameters = Object.fromEntries(set.map((text) => [text.slice(0, text.indexOf("=")).trim(), text.slice(text.indexOf("=") + 1).trim()]));
  const limits = { ...(ttlSeconds === undefined ? {} : { ttlSeconds }), ...(maxMonthlyCents === undefined ? {} : { maxMonthlyCents }) };
  await runRemote(cli, flags, (call) =>
    call(endpoints.startProvision, { body: { projectId, blueprint, region, environment, parameters, keepFailed, ...limits } }),
  );
}

/** Allowed, and said each time: nothing narrows an operator's own credentials to one project. */
async function warnOfDirectCredentials({ io }: Cli, settings: Settings, credentials: Credentials): Promise<void> {
  if (settings.sandbox || (await credentials.kind(required(settings, "tenant"))) !== "direct") return;
  io.warn(`Tenant ${settings.tenant} has no role: this works with your own AWS credentials, not narrowed to the project`);
}

function inputOf(settings: Settings, flags: Flags): ProvisionInput {
  return {
    projectId: required(settings, "project"),
    blueprint: flags.blueprint,
    region: checked("region", settings.region, regionSchema.safeParse(settings.region), regionSchema.options),
    environment: checked("environment", settings.environment, environmentSchema.safeParse(settings.environment), environmentSchema.options),
    set: flags.set ?? [],
    ttlSeconds: flags.ttl === undefined ? undefined : parseDuration(flags.ttl),
    maxMonthlyCents: flags.maxCost === undefined ? undefined : parseDollars(flags.maxCost),
    accountId: flags.accountId,
    keepFailed: flags.keepFailed ?? false,
    idempotencyKey: randomUUID(),
  };
}

function checked<T>(name: string, given: string, parsed: { success: true; data: T } | { success: false }, choices?: readonly string[]): T {
  if (parsed.success) return parsed.data;
  throw new ChartctlError({
    kind: "usage",
    code: `${name.replaceAll(" ", "-")}.invalid`,
    message: `The ${name} ${JSON.stringify(given)} is not allowed`,
    hint: choices ? `choose one of: ${choices.join(", ")}` : "an AWS account id is 12 digits",
    details: { given, ...(choices ? { choices } : {}) },
  });
}

const documentOf = (done: Provisioned, flags: Flags): Record<string, unknown> => ({
  outcome: done.outcome,
  project: done.project,
  plan: { changes: done.plan.changes, besides: done.plan.besides },
  monthlyCents: done.estimate.monthlyCents,
  ...(flags.assumptions ? { estimate: done.estimate } : {}),
});

function textOf(done: Provisioned, flags: Flags, cli: Cli, reach: (url: string) => string): string {
  const head: Record<Provisioned["outcome"], (project: Project) => string> = {
    applied: (project) => `Project ${project.id} is provisioned.`,
    unchanged: (project) => `Project ${project.id} is up to date; nothing changed.`,
    declined: () => "Nothing was changed.",
  };
  const parts = [head[done.outcome](done.project)];
  if (done.outcome !== "declined") parts.push(projectText(done.project, cli.clock.now(), cli.io.width, reach));
  if (flags.assumptions) parts.push(estimateText(done.estimate));
  return parts.join("\n\n");
}

const planSentence = (count: number): string =>
  count === 0 ? "No changes: AWS is as the project asks." : `${count} ${count === 1 ? "change" : "changes"} planned. Make them: chartctl provision`;
