/** One Terraform command: its events, its end, and how it is stopped. */
import type { Writable } from "node:stream";
import type { Interrupt } from "../../core/ports.ts";
import { ChartctlError } from "../../errors.ts";
import type { Diagnostic, TerraformEvent } from "./events.ts";
import { lineSplitter, terraformEvent } from "./events.ts";
import { terraformFailure } from "./failures.ts";
import type { GuardOptions } from "./guarded.ts";
import { spawnGuarded } from "./guarded.ts";
import { followOutput } from "./output.ts";
import { signal } from "./run-folder.ts";

export interface CommandOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  interrupt: Interrupt;
  /** The shared provider's lifeline: it lives as long as this command does. */
  lifeline?: Writable;
  onEvent?(event: TerraformEvent): void;
  /** Told of the process id, before anything else. */
  onStart(pid: number): void;
  /** Exit codes that are no failure; `any`: it is for the caller to say. */
  allowed?: number[] | "any";
  /** On the terminal's own streams. */
  inherit?: boolean;
}

/** How often Terraform's events are read. */
const readMilliseconds = 50;

/** Longest that an orphaned Terraform may take for its gentle stop, seconds. */
const orphanPatienceSeconds = 600;

/** Runs to its end. Errors: `terraform.*`, `aws.*` (external); `interrupted` after a gentle stop. */
export async function terraformCommand(binary: string, args: string[], options: CommandOptions): Promise<{ exitCode: number; stdout: string }> {
  const { interrupt } = options;
  if (interrupt.gentle.aborted) throw stopped();
  const diagnostics: Diagnostic[] = [];
  const printed = { stdout: "", stderr: "" };
  const lines = lineSplitter((line) => {
    const event = terraformEvent(line);
    if (!event) return;
    if ("diagnostic" in event) diagnostics.push(event.diagnostic);
    options.onEvent?.(event);
  });
  const outputs = options.inherit
    ? undefined
    : {
        stdout: followOutput(options.cwd, ".stdout", readMilliseconds, (text) => {
          printed.stdout += text;
          lines(text);
        }),
        stderr: followOutput(options.cwd, ".stderr", readMilliseconds, (text) => {
          printed.stderr = (printed.stderr + text).slice(-20_000);
        }),
      };
  let ended: { code: number | null; by: NodeJS.Signals | null };
  try {
    ended = await untilEnd([binary, ...args], options, { stdout: outputs?.stdout.fd ?? "inherit", stderr: outputs?.stderr.fd ?? "inherit" });
  } finally {
    outputs?.stdout.finish();
    outputs?.stderr.finish();
  }
  const { code, by } = ended;
  const { stdout, stderr } = printed;
  if (interrupt.now.aborted) throw killed();
  if (interrupt.gentle.aborted) throw stopped();
  if (options.allowed === "any" && code !== null) return { exitCode: code, stdout };
  if (code === null || options.allowed === "any" || !(options.allowed ?? [0]).includes(code)) {
    throw terraformFailure(
      args[0] ?? "",
      by ? `killed by ${by}` : `exit code ${code}`,
      diagnostics,
      `${stderr}\n${diagnostics.length > 0 ? "" : plainLines(stdout.slice(-20_000))}`,
    );
  }
  return { exitCode: code, stdout };
}

/** Starts it, stops it when asked, and waits for its end. */
async function untilEnd(
  command: string[],
  { cwd, env, interrupt, lifeline, inherit, onStart }: CommandOptions,
  outputs: Pick<GuardOptions, "stdout" | "stderr">,
): Promise<{ code: number | null; by: NodeJS.Signals | null }> {
  const guarded = spawnGuarded(command, {
    cwd,
    env,
    ...outputs,
    onOrphaned: "INT",
    patienceSeconds: orphanPatienceSeconds,
    // A program of another session can't read the terminal; a pipe or file it can.
    ...(inherit && !process.stdin.isTTY ? { stdin: "inherit" } : {}),
    ...(lifeline ? { keepsAlive: lifeline } : {}),
  });
  // Once is gentle: Terraform has its provider cancel the requests under way and writes its state. What AWS made without
  // having answered isn't in it (measured, 1.11): the next run adopts that. A second signal would lose the state's last
  // writes, too, so it comes from the guard, who sends one whether we ask or die.
  const gently = (): void => guarded.stop();
  const atOnce = (): void => void signal(-guarded.pid, "SIGKILL");
  interrupt.gentle.addEventListener("abort", gently, { once: true });
  interrupt.now.addEventListener("abort", atOnce, { once: true });
  try {
    // Not "close": the lifeline stays open until the watcher is dismissed.
    const exit = new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve, reject) => {
      guarded.child.once("error", reject);
      guarded.child.once("exit", (code, by) => resolve({ code, by }));
    });
    onStart(guarded.pid);
    const ended = await exit;
    // Killed, it leaves its own provider behind; after an end of its own there is none.
    if (ended.code === null) atOnce();
    return ended;
  } finally {
    guarded.dismiss();
    interrupt.gentle.removeEventListener("abort", gently);
    interrupt.now.removeEventListener("abort", atOnce);
  }
}

/** What a `-json` run prints beside its events. */
const plainLines = (text: string): string =>
  text
    .split("\n")
    .filter((line) => !line.startsWith("{"))
    .join("\n");

const stopped = (): ChartctlError =>
  new ChartctlError({
    kind: "interrupted",
    code: "interrupted",
    message: "Interrupted: Terraform has stopped and written its state",
    hint: "go on with chartctl provision, or take it away with chartctl destroy; both look in AWS for what was under way",
  });

const killed = (): ChartctlError =>
  new ChartctlError({
    kind: "interrupted",
    code: "interrupted",
    message: "Interrupted at once: Terraform was killed, and the last things that it made may not be recorded",
    hint: "the next chartctl provision or chartctl destroy finds them in AWS",
  });
