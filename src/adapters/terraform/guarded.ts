/**
 * Starts a program so that it never outlives chartctl: a shell waits on a pipe that only chartctl holds, and when that
 * closes, by whatever death, signals the program, once. The program keeps the shell's process id (`exec`), leads its own
 * process group, and so gets Ctrl-C only from us.
 */

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { ChartctlError } from "../../errors.ts";

/**
 * $1: signal to send when the pipe closes; $2: seconds until SIGKILL of the group; the rest: the program.
 * `read` succeeds only on the word that says all is well; the watcher ignores what the program is sent. The group goes
 * last, even when its leader is dead: a killed Terraform leaves its provider there. Its id can't be another's, as long as
 * the watcher is in it.
 */
const script = `
signal=$1 patience=$2; shift 2
(
  trap '' INT TERM
  if read -r word <&3; then exit 0; fi
  kill -s "$signal" $$
  while [ "$patience" -gt 0 ] && kill -0 $$; do sleep 1; patience=$((patience - 1)); done
  kill -s KILL -- -$$
) </dev/null >/dev/null 2>&1 4>&- &
exec "$@" 3<&-
`;

export interface Guarded {
  child: ChildProcess;
  pid: number;
  /** The pipe's own end: a program that is given it keeps this one alive, too. */
  lifeline: Writable;
  /** Sends `onOrphaned` now. Once in its life, whatever happens afterwards: Terraform takes a second one as "at once". */
  stop(): void;
  /** Call when the program has ended by itself. */
  dismiss(): void;
}

export interface GuardOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  onOrphaned: "INT" | "KILL";
  patienceSeconds: number;
  /** Never a pipe to us: see `followOutput`. */
  stdin?: "inherit";
  stdout: number | "inherit" | "ignore";
  stderr: number | "inherit" | "ignore";
  /** Another program's lifeline, which then lives as long as this one does. */
  keepsAlive?: Writable;
}

/** Error `process.not-started` (`external`): no more processes, no memory. */
export function spawnGuarded(command: string[], options: GuardOptions): Guarded {
  const child = started(["/bin/sh", "-c", script, "chartctl-guard", options.onOrphaned, String(options.patienceSeconds), ...command], options);
  const { pid } = child;
  if (pid === undefined) {
    // Never a stand-in number: signals to -1 reach every process of the user.
    child.once("error", () => {});
    throw notStarted(command[0] ?? "");
  }
  const lifeline = child.stdio[3] as Writable;
  lifeline.on("error", () => {}); // the watcher may be gone first
  return {
    child,
    pid,
    lifeline,
    stop: () => void lifeline.end(),
    dismiss: () => {
      if (!lifeline.writableEnded) lifeline.end("done\n");
    },
  };
}

function started([shell = "", ...args]: string[], { cwd, env, stdin, stdout, stderr, keepsAlive }: GuardOptions): ChildProcess {
  try {
    return spawn(shell, args, { cwd, env, detached: true, stdio: [stdin ?? "ignore", stdout, stderr, "pipe", keepsAlive ?? "ignore"] });
  } catch (error) {
    throw notStarted(args.at(-1) ?? "", error);
  }
}

const notStarted = (program: string, cause?: unknown): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "process.not-started",
    message: `${program} can't be started: the system gives no more processes, or its folder is gone`,
    hint: "end some programs, or raise the limit (ulimit -u), and run the command again",
    cause,
  });
