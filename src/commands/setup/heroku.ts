/** `chartctl setup heroku`: the platform on Heroku, from nothing to signed in; and what a running one is asked. */
import type { Command } from "commander";
import { Option } from "commander";
import { regionSchema } from "../../contract/names.ts";
import { answersStep, contextStep, ownerStep, readyStep } from "../../core/setup/first-use.ts";
import { awsCredentials, parseChosen } from "../../core/setup/platform-config.ts";
import type { SetupReport, Step } from "../../core/setup/steps.ts";
import { runSteps, Secret } from "../../core/setup/steps.ts";
import { typedCommand } from "../../core/typed-command.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import { setupText } from "../../ui/setup.ts";
import { table } from "../../ui/table.ts";
import { wrapped } from "../../ui/wrapped.ts";
import type { Cli, HostInHand } from "../cli.ts";
import { refuseLiving } from "./living.ts";
import { isShownInClear } from "./secret-names.ts";

interface AppFlags {
  app?: string;
  dryRun?: boolean;
}
interface UpFlags extends AppFlags {
  team?: string;
  size?: string;
  addons?: string;
  set?: string[];
  resetOwner?: boolean;
}

export function register(topic: Command, cli: Cli): void {
  const collect = (value: string, all: string[] = []): string[] => [...all, value];
  const command = topic.command("heroku").description("the platform on Heroku, with no question asked; again: only what differs");
  const withApp = (sub: Command): Command =>
    sub.option("--app <name>", "the app (default: the one that the context remembers)").option("--dry-run", "every call that would be made, and none of them");
  withApp(command)
    .option("--team <name>", "the Heroku team that owns a new app")
    .option("--size <dyno>", "of web and worker, such as standard-1x (default: Heroku's)")
    .option("--addons <list>", "logging, monitoring, or plans by name")
    .option("--set <NAME=VALUE>", "a limit or setting of the platform; repeatable", collect)
    .option("--reset-owner", "sign the owner in here with a new password, although somebody has signed in already")
    .addHelpText("after", upHelp)
    .action(async (flags: UpFlags) => up(cli, flags));
  // Flags of a subcommand that its parent has, too, are taken by the parent when they stand before it.
  const all = (sub: Command): AppFlags & Record<string, never> => sub.optsWithGlobals();
  const add = (name: string, description: string): Command => withApp(command.command(name).description(description));
  add("scale", "how many processes, of which size")
    .argument("[processes...]", "web=2 worker=1")
    .option("--size <dyno>", "such as standard-2x")
    .action(async (pairs: string[], _: object, sub: Command) => scale(cli, pairs, all(sub)));
  add("logs", "what the processes wrote")
    .option("--lines <number>", "at most 1500", "100")
    .option("-f, --follow", "until interrupted")
    .option("--process <name>", "web, worker, or one, such as web.1")
    .action(async (_: object, sub: Command) => logs(cli, all(sub)));
  add("config", "variables of the platform; change some")
    .argument("[changes...]", "NAME=VALUE sets, NAME- takes away")
    .addOption(new Option("--from-env <name>", "sets it to what it is in this shell, so that no secret is typed; repeatable").argParser(collect))
    .action(async (pairs: string[], _: object, sub: Command) => config(cli, pairs, all(sub)));
  add("restart", "start all processes anew").action(async (_: object, sub: Command) =>
    steps(cli, all(sub), { words: ["restart"] }, (hand) => [...running(hand).restart(), answers(cli, hand)]),
  );
  add("rotate-secrets", "new master key, signing key and metrics token").action(async (_: object, sub: Command) =>
    steps(cli, all(sub), { words: ["rotate-secrets"] }, (hand) => [...running(hand).rotateSecrets(), answers(cli, hand)]),
  );
  add("destroy", "take the platform away, its database too, and prove it")
    .option("--confirm <name>", "the app's name: destroys without asking")
    .option("--abandon-projects", "even while projects live: their AWS resources stay, and nobody manages them")
    .action(async (_: object, sub: Command) => destroy(cli, all(sub)));
}

const upHelp = `
The token is HEROKU_API_KEY, or what heroku login keeps. --region takes Heroku's
(us, eu) or AWS's for the platform. Settings with a name of their own in this
shell (MAX_COST_PER_PROJECT, CORS_ORIGIN, ALERT_EMAIL, AWS_ROLE_ARN...) are
taken over where none is set yet; --set wins over both. scale, config, restart
and rotate-secrets return when the platform answers again.
`;

/** Of the Common Runtime (Dev Center, "Regions"); the others are private spaces', which belong to a space. */
const herokuRegions = ["us", "eu"];

async function inHand(cli: Cli, flags: UpFlags | AppFlags, mayBeNew: boolean): Promise<HostInHand> {
  const { region, origins } = await cli.given({ newContext: true });
  const isHerokus = origins.region === "flag" && herokuRegions.includes(region);
  if (origins.region === "flag" && !isHerokus && !regionSchema.safeParse(region).success)
    throw wrong(
      "region.invalid",
      `${JSON.stringify(region)} is a region neither of Heroku's nor of the platform's`,
      `where it runs: --region ${herokuRegions.join(" or ")}; where projects are: --region ${regionSchema.options.join(" or ")}`,
    );
  return await cli.connect.heroku({
    app: flags.app,
    mayBeNew,
    team: "team" in flags ? flags.team : undefined,
    size: "size" in flags ? flags.size : undefined,
    addons: "addons" in flags ? flags.addons : undefined,
    resetOwner: "resetOwner" in flags && flags.resetOwner === true,
    chosen: "set" in flags ? parseChosen(flags.set ?? []) : {},
    region: isHerokus ? region : undefined,
    awsRegion: isHerokus ? "us-east-1" : region,
  });
}

/** Also a part of the tour. */
export async function up(cli: Cli, flags: UpFlags): Promise<void> {
  const hand = await inHand(cli, flags, true);
  const { team, size, addons, set } = flags;
  const { host, firstUse } = hand;
  const all: Step[] = [...host.bringUp(), readyStep(firstUse, cli.interrupt.gentle), ownerStep(firstUse), contextStep(firstUse)];
  const report = await run(cli, flags, host.name, all, { words: [], flags: { team, size, addons, set } });
  const url = flags.dryRun ? null : await host.url();
  const frontEnd = url === null ? {} : hand.frontEnd(url);
  cli.io.result("HostSetup", { host: "heroku", name: host.name, url, frontEnd, ...report }, () =>
    [
      setupText(report, cli.io.width),
      ...(url === null
        ? []
        : [
            "",
            `The platform runs at ${url}`,
            `(app ${host.name}), and the next commands use it.`,
            "Variables of its front end; on Vercel, chartctl setup vercel sets them:",
            ...Object.entries(frontEnd).map(([name, value]) => `  ${name}=${value}`),
            ...(report.steps.some(({ name, outcome }) => name === awsCredentials && outcome === "waits")
              ? [wrapped("Next: give it AWS keys, those of the user that chartctl setup aws named, as said above; then:", cli.io.width)]
              : ["Next:"]),
            "  chartctl tenants connect ID",
          ]),
    ].join("\n"),
  );
}

async function scale(cli: Cli, pairs: string[], flags: AppFlags & { size?: string }): Promise<void> {
  const wanted = Object.fromEntries(
    pairs.map((pair) => {
      const [, type, count] = /^(web|worker)=(\d{1,3})$/.exec(pair) ?? [];
      if (type && count) return [type, Number(count)];
      throw wrong("processes.invalid", `${JSON.stringify(pair)} is no number of processes`, "such as: chartctl setup heroku scale web=2 worker=1");
    }),
  );
  if (pairs.length === 0 && !flags.size)
    throw wrong("processes.missing", "Nothing is to be scaled", "such as: chartctl setup heroku scale web=2 worker=1 --size standard-1x");
  await steps(cli, flags, { words: ["scale", ...pairs], flags: { size: flags.size } }, (hand) => [
    ...running(hand).scale({ ...wanted, size: flags.size }),
    ...(wanted.web === 0 ? [] : [answers(cli, hand)]),
  ]);
}

async function logs(cli: Cli, flags: AppFlags & { lines?: string; follow?: boolean; process?: string }): Promise<void> {
  const lines = Number(flags.lines);
  if (!Number.isInteger(lines) || lines < 1 || lines > 1_500)
    throw wrong("lines.invalid", `${JSON.stringify(flags.lines)} is no number of lines`, "from 1 to 1500, such as: --lines 200");
  const hand = await inHand(cli, flags, false);
  const log = running(hand).logs({ lines, follow: flags.follow ?? false, process: flags.process });
  if (flags.dryRun) {
    const report: SetupReport = { dryRun: true, steps: [], calls: [{ step: "log", ...log.call }] };
    return cli.io.result("HostLogs", { name: hand.host.name, ...report }, () => setupText(report, cli.io.width));
  }
  const found: string[] = [];
  for await (const line of log.lines(cli.interrupt.gentle)) {
    if (cli.io.json && !flags.follow) found.push(line);
    else cli.io.line(line);
  }
  if (cli.io.json && !flags.follow) cli.io.result("HostLogs", { name: hand.host.name, lines: found }, () => "");
}

async function config(cli: Cli, pairs: string[], flags: AppFlags & { fromEnv?: string[] }): Promise<void> {
  const changes = { ...changesIn(pairs), ...cli.connect.environment(flags.fromEnv ?? []) };
  if (Object.keys(changes).length > 0)
    return await steps(cli, flags, { words: ["config", ...pairs.map(shown)], flags: { fromEnv: flags.fromEnv } }, (hand) => [
      ...running(hand).setConfig(changes),
      answers(cli, hand),
    ]);
  const hand = await inHand(cli, flags, false);
  const set = await running(hand).config();
  const rows = Object.entries(set)
    .map(([name, value]) => ({ name, value: isShownInClear(name) ? value : "***" }))
    .sort((a, b) => a.name.localeCompare(b.name));
  cli.io.result("HostConfig", { name: hand.host.name, config: Object.fromEntries(rows.map(({ name, value }) => [name, value])) }, () =>
    table(
      rows,
      [
        { title: "Variable", value: ({ name }) => name },
        { title: "Value", value: ({ value }) => value },
      ],
      cli.io.width,
    ),
  );
}

/** Without what may be a secret. */
const shown = (pair: string): string => {
  const [name = ""] = pair.split("=");
  return pair === name || isShownInClear(name) ? pair : `${name}=...`;
};

function changesIn(pairs: string[]): Record<string, string | Secret | null> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name = "", value] = /^(\w+)(?:=(.*)|-)$/s.exec(pair) ?? [];
      if (!name)
        throw wrong(
          "variable.invalid",
          `${JSON.stringify(pair.split("=")[0])} is no change of a variable`,
          "such as: MAX_COST_PER_PROJECT=20, or CORS_ORIGIN- to take it away",
        );
      return [name, value === undefined ? null : isShownInClear(name) ? value : new Secret(value)];
    }),
  );
}

async function destroy(cli: Cli, flags: AppFlags & { confirm?: string; abandonProjects?: boolean }): Promise<void> {
  const hand = await inHand(cli, flags, false);
  const { host } = hand;
  const url = await host.url().catch((error: unknown) => {
    if (isChartctlError(error, "not-found")) return undefined; // gone already: the steps prove it
    throw error;
  });
  if (url !== undefined && !flags.dryRun) {
    const lost = await host.lost(); // before another's app could be shown this platform's token
    if (!flags.abandonProjects) await refuseLiving(cli, url, host.name, "leave their resources behind: --abandon-projects");
    for (const line of ["This destroys, for good:", ...lost.map((one) => `  ${one}`)]) cli.io.note(line);
    await confirmed(cli, host.name, flags.confirm);
  }
  const report = await run(cli, flags, host.name, host.takeDown(), { words: ["destroy"], flags: { abandonProjects: flags.abandonProjects } });
  if (!flags.dryRun && url !== undefined) await hand.forget(url);
  cli.io.result("HostDestroyed", { host: "heroku", name: host.name, ...report }, () =>
    [setupText(report, cli.io.width), ...(flags.dryRun ? [] : [`The app ${host.name} is gone, and no context leads there.`])].join("\n"),
  );
}

async function confirmed(cli: Cli, name: string, given: string | undefined): Promise<void> {
  if (given === name || (given === undefined && cli.yes)) return;
  if (given !== undefined) throw wrong("confirmation.wrong", `${JSON.stringify(given)} is not the app's name`, `confirm with: --confirm ${name}`);
  const wrongName = (value: string): string | undefined => (value === name ? undefined : `Type ${name}, or press Ctrl-C.`);
  await cli.io.ask({ what: "confirmation", flag: `--confirm ${name}`, message: `Type ${name} to destroy it:`, wrong: wrongName });
}

/** Steps on an app that is there. */
async function steps(cli: Cli, flags: AppFlags, typed: Typed, choose: (hand: HostInHand) => Step[]): Promise<void> {
  const hand = await inHand(cli, flags, false);
  const report = await run(cli, flags, hand.host.name, choose(hand), typed);
  cli.io.result("HostSetup", { host: "heroku", name: hand.host.name, ...report }, () => setupText(report, cli.io.width));
}

/** `words`: the subcommand with its arguments. Every option counts as a global one for it, so those to type again are named. */
interface Typed {
  words: readonly string[];
  flags?: { [name: string]: string | boolean | readonly string[] | undefined };
}

const run = async (cli: Cli, { dryRun = false, app }: AppFlags, name: string, all: Step[], { words, flags = {} }: Typed): Promise<SetupReport> =>
  await runSteps(all, {
    dryRun,
    progress: cli.io.progress,
    interrupt: cli.interrupt,
    // A name that can't be had is not asked for again.
    goOn: ({ details }) =>
      typedCommand(["chartctl", "setup", "heroku", ...words], { ...flags, app: typeof details?.otherName === "string" ? details.otherName : app && name }),
    ...(words.length === 0 ? { undo: typedCommand(["chartctl", "setup", "heroku", "destroy"], { app: app && name }) } : {}),
  });

/** Until the platform, whose processes were started anew, can be used again. */
const answers = ({ interrupt }: Cli, hand: HostInHand): Step => answersStep(hand.firstUse, running(hand).serves, interrupt.gentle);

function running({ host }: HostInHand): NonNullable<HostInHand["host"]["running"]> {
  if (host.running) return host.running;
  throw new ChartctlError({ kind: "bug", code: "bug", message: "This host can't be asked" });
}

const wrong = (code: string, message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code, message, hint });
