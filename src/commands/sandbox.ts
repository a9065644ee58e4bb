/** `chartctl sandbox`: the built-in AWS emulator. */
import type { Command } from "commander";
import { ChartctlError } from "../errors.ts";
import type { Cli } from "./cli.ts";

export function register(command: Command, cli: Cli): void {
  command.action(async () => status(cli));
  command
    .command("status")
    .description("is the emulator running?")
    .action(async () => status(cli));
  command
    .command("start")
    .description("start the emulator, or find the running one")
    .action(async () => start(cli));
  command
    .command("stop")
    .description("stop the emulator; what it held is gone")
    .action(async () => stop(cli));
  command
    .command("gateway", { hidden: true })
    .requiredOption("--upstream <url>")
    .requiredOption("--folder <path>")
    .requiredOption("--port <number>")
    .action(async ({ upstream, folder, port }: { upstream: string; folder: string; port: string }) =>
      (await cli.connect.sandbox()).gateway({ upstream, folder, port: Number(port) }),
    );
  command
    .command("reset")
    .description("stop the emulator and forget all of the sandbox")
    .action(async () => reset(cli));
}

async function status({ connect, io }: Cli): Promise<void> {
  const now = await (await connect.sandbox()).status();
  const text = {
    running: `The sandbox runs at ${now.url} (${now.runner}, process ${now.pid}).`,
    stopped: "The sandbox is stopped. Start it: chartctl sandbox start",
    died: "The sandbox's emulator has died, and what it held is lost. Forget the rest: chartctl sandbox reset",
  };
  io.result("Sandbox", now, () => text[now.state]);
}

async function start({ connect, io }: Cli): Promise<void> {
  const { url, started } = await (await connect.sandbox()).start();
  io.result(
    "Sandbox",
    { state: "running", url, started },
    () => `The sandbox ${started ? "runs" : "was running already"} at ${url}.\nTry it: chartctl --sandbox -p hello provision`,
  );
}

async function stop({ connect, io }: Cli): Promise<void> {
  const stopped = await (await connect.sandbox()).stop();
  io.result("Sandbox", { state: "stopped", stopped }, () => (stopped ? "The sandbox is stopped." : "The sandbox was not running."));
}

async function reset(cli: Cli): Promise<void> {
  if (!cli.yes && cli.io.canPrompt === false) {
    throw new ChartctlError({
      kind: "usage",
      code: "confirmation.missing",
      message: "Resetting forgets every project of the sandbox",
      hint: "confirm with --yes",
    });
  }
  await (await cli.connect.sandbox()).reset();
  cli.io.result("Sandbox", { state: "stopped" }, () => "The sandbox is empty.");
}
