/** `chartctl setup container`: files for a machine of one's own; no cloud is called. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { parseChosen } from "../../core/setup/platform-config.ts";
import { runSteps } from "../../core/setup/steps.ts";
import { shellWord, typedCommand } from "../../core/typed-command.ts";
import { ChartctlError } from "../../errors.ts";
import { setupText } from "../../ui/setup.ts";
import { wrapped } from "../../ui/wrapped.ts";
import type { Cli } from "../cli.ts";

interface Flags {
  publicUrl?: string;
  set?: string[];
  force?: boolean;
  remove?: boolean;
  dryRun?: boolean;
}

export function register(topic: Command, cli: Cli): void {
  topic
    .command("container")
    .argument("[folder]", "where the files are written", "chartctl-platform")
    .description("files to run the platform on a machine of one's own")
    .option("--public-url <url>", "as users reach it (default: http://localhost:5001)")
    .option("--set <NAME=VALUE>", "a limit or setting of the platform; repeatable", (value: string, all: string[] = []) => [...all, value])
    .option("--force", "write over files that were changed by hand")
    .option("--remove", "take the files away again, but never those with secrets")
    .option("--dry-run", "every file that would be written, and none of them")
    .action(async (folder: string, flags: Flags) => run(cli, resolve(folder), flags));
}

/** Also a part of the tour. */
export async function run(cli: Cli, folder: string, flags: Flags): Promise<void> {
  const { publicUrl, dryRun = false, force = false, remove = false } = flags;
  if (publicUrl !== undefined && !(URL.canParse(publicUrl) && /^https?:$/.test(new URL(publicUrl).protocol)))
    throw new ChartctlError({
      kind: "usage",
      code: "public-url.invalid",
      message: `${JSON.stringify(publicUrl)} is no URL of http or https`,
      hint: "such as: --public-url https://chartctl.example.org",
    });
  const { region } = await cli.given();
  const host = await cli.connect.container({
    folder,
    publicUrl: publicUrl?.replace(/\/+$/, ""),
    chosen: parseChosen(flags.set ?? []),
    awsRegion: region,
    force,
  });
  const report = await runSteps(remove ? host.takeDown() : host.bringUp(), {
    dryRun,
    progress: cli.io.progress,
    interrupt: cli.interrupt,
    goOn: typedCommand(["chartctl", "setup", "container", folder], { publicUrl, set: flags.set, force, remove }),
    ...(remove ? {} : { undo: typedCommand(["chartctl", "setup", "container", folder], { remove: true }) }),
  });
  const url = await host.url();
  cli.io.result("HostSetup", { host: "container", name: folder, url, ...report }, () =>
    [setupText(report, cli.io.width), ...(remove || dryRun ? [] : ["", nextText(folder, cli.io.width)])].join("\n"),
  );
}

const nextText = (folder: string, width: number): string =>
  [
    wrapped("The AWS keys of the user that chartctl setup aws named go into its platform.env:", width),
    "  AWS_ACCESS_KEY_ID=...",
    "  AWS_SECRET_ACCESS_KEY=...",
    "Start it:",
    `  cd ${shellWord(folder)}`,
    "  docker compose up --build --detach",
    wrapped("Sign in with the owner's one-time link, which its log shows:", width),
    "  docker compose logs web",
    "  chartctl login --invitation LINK",
    "Next: chartctl tenants connect ID",
  ].join("\n");
