/** One Terraform command: its events, its end, and how it is stopped. */
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { Interrupt } from "../../core/ports.ts";
import { ChartctlError } from "../../errors.ts";
import type { Diagnostic, TerraformEvent } from "./events.ts";
import { lineSplitter, terraformEvent } from "./events.ts";
import { terraformFailure } from "./failures.ts";
import { spawnGuarded } from "./guarded.ts";
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

/** Longest that an orphaned Terraform may take for its gentle stop, seconds. */
const orphanPatienceSeconds = 600;

/** Runs to its end. Errors: `terraform.*`, `aws.*` (external); `interrupted` after a gentle stop. */
export async function terraformCommand(binary: string, args: string[], options: CommandOptions): Promise<{ exitCode: number; stdout: string }> {
  const { interrupt } = options;
  if (interrupt.gentle.aborted) throw stopped();
  const guarded = spawnGuarded([binary, ...args], {
    cwd: options.cwd,
    env: options.env,
    onOrphaned: "INT",
    patienceSeconds: orphanPatienceSeconds,
    ...(options.inherit ? { inherit: true } : {}),
    ...(options.lifeline ? { keepsAlive: options.lifeline } : {}),
  });
  options.onStart(guarded.pid);
  // Once is gentle: Terraform finishes what it has begun and writes its state. A second signal would leave orphans.
  const gently = (): void => void signal(guarded.pid, "SIGINT");
  const atOnce = (): void => void signal(-guarded.pid, "SIGKILL");
  interrupt.gentle.addEventListener("abort", gently, { once: true });
  interrupt.now.addEventListener("abort", atOnce, { once: true });

  const diagnostics: Diagnostic[] = [];
  let stdout = "";
  let stderr = "";
  guarded.child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  guarded.child.stdout?.on(
    "data",
    lineSplitter((line) => {
      const event = terraformEvent(line);
      if (!event) return;
      if ("diagnostic" in event) diagnostics.push(event.diagnostic);
      options.onEvent?.(event);
    }),
  );
  guarded.child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    stderr = (stderr + chunk).slice(-20_000);
  });
  // Not "close": the lifeline stays open until the watcher is dismissed.
  const { code, by } = await new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve, reject) => {
    guarded.child.once("error", reject);
    guarded.child.once("exit", (code, by) => resolve({ code, by }));
  });
  guarded.dismiss();
  await Promise.all([guarded.child.stdout, guarded.child.stderr].map((stream) => stream && !stream.closed && finished(stream).catch(() => {})));
  interrupt.gentle.removeEventListener("abort", gently);
  interrupt.now.removeEventListener("abort", atOnce);
  if (interrupt.gentle.aborted) throw stopped();
  if (options.allowed === "any" && code !== null) return { exitCode: code, stdout };
  if (code === null || options.allowed === "any" || !(options.allowed ?? [0]).includes(code)) {
    throw terraformFailure(
      args[0] ?? "",
      by ? `killed by ${by}` : `exit code ${code}`,
      diagnostics,
      `${stderr}\n${diagnostics.length > 0 ? "" : stdout.slice(-20_000)}`,
    );
  }
  return { exitCode: code, stdout };
}

const stopped = (): ChartctlError =>
  new ChartctlError({
    kind: "interrupted",
    code: "interrupted",
    message: "Interrupted: Terraform has stopped, and what it made is recorded",
    hint: "go on with chartctl provision, or take it away with chartctl destroy",
  });
