/** The composition root: streams, environment, errors; the only place that catches. */
import { getEventListeners } from "node:events";
import type { Command } from "commander";
import { CommanderError } from "commander";
import { ChartctlError, messageOf, outcomes } from "./errors.ts";
import { buildProgram } from "./program.ts";
import type { Terminal } from "./ui/terminal.ts";
import { terminalOf } from "./ui/terminal.ts";
import { createCli } from "./wiring.ts";

/** Runs the command line of this process and sets its exit code; never throws. */
export async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const { gentle, now } = listenForInterrupts();
  const terminal = terminalOf({
    stdinIsTerminal: process.stdin.isTTY === true,
    stdoutIsTerminal: process.stdout.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
    columns: process.stdout.columns,
    env: process.env,
    noColor: args.includes("--no-color"),
    noInput: args.includes("--no-input"),
    json: args.includes("--json"),
  });
  outliveReaders((error) => void tellLostOutput(error, args, terminal));
  const ended: (() => Promise<void>)[] = [];
  const program = buildProgram(
    (root) => createCli(root, terminal, { gentle, now }, ended),
    { out: (text) => process.stdout.write(text), err: () => {} },
    terminal.width,
  );
  // Outside of every await: a bug, too, and told as one.
  process.on("uncaughtException", (error) => void report(error, args, terminal, program).finally(() => process.exit()));
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(helpAsFlag(args), { from: "user" });
  } catch (error) {
    await report(error, args, terminal, program);
  } finally {
    for (const end of ended) await end();
  }
  // What still waits then, such as a request's next try, nobody waits for; Terraform's guards end by themselves before.
  if (gentle.aborted && process.exitCode === outcomes.interrupted.exitCode) setTimeout(() => process.exit(), leaveMilliseconds).unref();
}

const leaveMilliseconds = 2_000;

/** `help provision` is `provision --help`: only a chosen command is loaded, and has its flags. */
const helpAsFlag = (args: string[]): string[] => (args[0] === "help" && args.length > 1 ? [...args.slice(1), "--help"] : args);

/** Once is gentle, twice is at once: who has to end others first (Terraform) listens. A third is for when that hangs, too. */
function listenForInterrupts(): { gentle: AbortSignal; now: AbortSignal } {
  const gentle = new AbortController();
  const now = new AbortController();
  let times = 0;
  let last = { signal: "", at: Number.NEGATIVE_INFINITY };
  const interrupted = (signal: NodeJS.Signals): void => {
    const at = performance.now();
    if (signal === last.signal && at - last.at < sameMilliseconds) return;
    last = { signal, at };
    times++;
    if (times === 1) {
      process.stderr.write("\nStopping gently; once more stops at once.\n");
      gentle.abort();
    } else if (times === 2 && getEventListeners(now.signal, "abort").length > 0) now.abort();
    else process.exit(outcomes.interrupted.exitCode);
  };
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", interrupted);
  process.on("SIGHUP", interrupted); // the terminal was closed
  return { gentle: gentle.signal, now: now.signal };
}

/** npm (as in `npx chartctl`) passes on the Ctrl-C that the terminal sent to all: so close together, it is one. */
const sameMilliseconds = 300;

/** `chartctl … | head` is no failure, nor is a terminal that was closed; a full disk is one. Work in hand is brought to its end each time. */
function outliveReaders(onLost: (error: Error) => void): void {
  let lost = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (lost || error.code === "EPIPE" || error.code === "EIO") return;
    lost = true;
    onLost(error);
  });
  process.stderr.on("error", () => {}); // progress that can't be told stops no work
}

async function tellLostOutput(error: Error, args: string[], terminal: Terminal): Promise<void> {
  process.exitCode ||= outcomes.failed.exitCode;
  await print(
    new ChartctlError({
      kind: "failed",
      code: "output.unwritable",
      message: `The answer can't be written to stdout: ${messageOf(error)}`,
      hint: "what was to be done is done; free some space, or write it elsewhere, and ask again",
      cause: error,
    }),
    { args, terminal, json: false },
  );
}

async function report(thrown: unknown, args: string[], terminal: Terminal, program: Command): Promise<void> {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return; // help and version have been printed
  const [{ asKnown }, { usageError }] = await Promise.all([import("./ui/errors.ts"), import("./usage-error.ts")]);
  const known = asKnown(thrown instanceof CommanderError ? usageError(thrown, args, program) : thrown);
  await print(known, { args, terminal, json: args.includes("--json") });
  process.exitCode = outcomes[known.kind].exitCode;
}

async function print(known: ChartctlError, { args, terminal, json }: { args: string[]; terminal: Terminal; json: boolean }): Promise<void> {
  const [{ errorDocument, errorText }, { inAscii }, { inContext }, { redact }, { default: chalk }] = await Promise.all([
    import("./ui/errors.ts"),
    import("./ui/ascii.ts"),
    import("./ui/context.ts"),
    import("./ui/redact.ts"),
    import("chalk"),
  ]);
  chalk.level = terminal.color ? 1 : 0;
  const error =
    known.hint === undefined ? known : new ChartctlError({ ...known, message: known.message, hint: inContext(known.hint, args), cause: known.cause });
  const secrets = [process.env.AWS_SECRET_ACCESS_KEY, process.env.AWS_SESSION_TOKEN, process.env.CHARTCTL_TOKEN].filter((secret) => secret !== undefined);
  if (json) process.stdout.write(`${redact(JSON.stringify(errorDocument(error), undefined, 2), secrets)}\n`);
  else process.stderr.write(`${redact(terminal.unicode ? errorText(error) : inAscii(errorText(error)), secrets)}\n`);
  if (args.includes("--debug") || process.env.CHARTCTL_LOG === "debug")
    process.stderr.write(`${redact(String((error.cause as Error | undefined)?.stack ?? error.stack), secrets)}\n`);
}
