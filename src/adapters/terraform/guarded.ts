/**
 * Starts a program so that it never outlives chartctl: a shell waits on a pipe that only chartctl holds, and when that
 * closes, by whatever death, signals the program. The program keeps the shell's process id (`exec`), leads its own
 * process group, and so gets Ctrl-C only from us.
 */

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import type { Writable } from "node:stream";

/**
 * $1: signal to send when the pipe closes; $2: seconds until SIGKILL of the group; the rest: the program.
 * `read` succeeds only on the word that says all is well; the watcher ignores what the program is sent.
 */
const script = `
signal=$1 patience=$2; shift 2
(
  trap '' INT TERM
  if read -r word <&3; then exit 0; fi
  kill -s "$signal" $$ || exit 0
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
  /** Call when the program has ended by itself. */
  dismiss(): void;
}

export function spawnGuarded(
  command: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; onOrphaned: "INT" | "TERM"; patienceSeconds: number; keepsAlive?: Writable; inherit?: boolean },
): Guarded {
  const child = spawn("/bin/sh", ["-c", script, "chartctl-guard", options.onOrphaned, String(options.patienceSeconds), ...command], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    // A program of another session can't read the terminal; a pipe or file it can.
    stdio: [
      options.inherit && !process.stdin.isTTY ? "inherit" : "ignore",
      options.inherit ? "inherit" : "pipe",
      options.inherit ? "inherit" : "pipe",
      "pipe",
      options.keepsAlive ?? "ignore",
    ],
  });
  const lifeline = child.stdio[3] as Writable;
  lifeline.on("error", () => {}); // the watcher may be gone first
  return { child, pid: child.pid ?? -1, lifeline, dismiss: () => lifeline.end("done\n") };
}
