/** Processes that are started again whenever they end, as a host does it; each leads a process group of its own. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export interface Supervised {
  name: string;
  /** kill -9 of the whole group; it is started again at once. */
  kill(): void;
  /** Ends it for good, gently. */
  stop(): Promise<void>;
  /** Of all its lives. */
  lines(): Record<string, unknown>[];
  /** Lives that ended without a kill: their last words. */
  accidents: string[];
}

const restartMilliseconds = 150;
const gentleMilliseconds = 10_000;

/** `command` runs in `env` and `cwd`; its standard output are lines of JSON. */
export function supervise(name: string, command: string[], { env, cwd }: { env: NodeJS.ProcessEnv; cwd: string }): Supervised {
  const lines: Record<string, unknown>[] = [];
  const accidents: string[] = [];
  let child: ChildProcess;
  let ended: Promise<void>;
  let stopping = false;
  const signal = (which: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid as number), which);
    } catch {
      // ended by itself meanwhile
    }
  };
  const start = (): void => {
    const [program = "", ...args] = command;
    const born = Date.now();
    const mine = spawn(program, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"], detached: true });
    child = mine;
    let rest = "";
    let last = "";
    mine.stdout.setEncoding("utf8").on("data", (text: string) => {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      for (const part of parts) if (part.startsWith("{")) lines.push(JSON.parse(part));
    });
    mine.stderr.setEncoding("utf8").on("data", (text: string) => {
      last = (last + text).slice(-2_000);
    });
    ended = new Promise((resolve) => mine.once("close", () => resolve()));
    mine.once("exit", (code, killed) => {
      if (stopping) return;
      if (killed !== "SIGKILL") accidents.push(`${name} ended with ${code ?? killed} after ${Date.now() - born} ms: ${last}`);
      setTimeout(() => stopping || start(), restartMilliseconds);
    });
  };
  start();
  return {
    name,
    accidents,
    lines: () => lines,
    kill: () => signal("SIGKILL"),
    stop: async () => {
      stopping = true;
      signal("SIGTERM");
      await Promise.race([ended, sleep(gentleMilliseconds)]);
      signal("SIGKILL");
      await ended;
    },
  };
}
