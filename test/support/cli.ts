/** Runs the built command line as its own process, in a home of its own. */

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const launcher = fileURLToPath(new URL("../../bin/chartctl.js", import.meta.url));

export interface Ran {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Home {
  path: string;
  env: NodeJS.ProcessEnv;
  /** Types a command; ends when it does. */
  run(...args: string[]): Promise<Ran>;
  /** Types a command, with this text piped into it. */
  pipe(input: string, ...args: string[]): Promise<Ran>;
  /** Types a command in a shell: `"$@"` is it, such as `"$@" > /dev/full`. */
  shell(script: string, ...args: string[]): Promise<Ran>;
  /** Types a command and leaves it running, as the leader of its own process group. */
  start(...args: string[]): { child: ChildProcess; ended: Promise<Ran> };
  remove(): void;
}

/** An empty home; `env` is added to a clean environment (nothing of the developer's AWS settings, nor of their terminal). */
export function newHome(env: NodeJS.ProcessEnv = {}): Home {
  const path = mkdtempSync(join(tmpdir(), "chartctl-test-"));
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS_|CHARTCTL_|TF_|CI$|NO_COLOR|FORCE_COLOR|LANG$|LC_)/.test(name)));
  const whole = { ...clean, TERM: "xterm", CHARTCTL_HOME: path, ...env };
  const run = (input: string | undefined, args: string[], [program = "", ...before]: string[] = [process.execPath]): ReturnType<Home["start"]> => {
    const stdin = input === undefined ? "ignore" : "pipe";
    const child = spawn(program, [...before, launcher, ...args], { env: whole, cwd: path, stdio: [stdin, "pipe", "pipe"], detached: true });
    child.stdin?.on("error", () => {}).end(input); // it may end without having read
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const ended = new Promise<Ran>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
    return { child, ended };
  };
  const start: Home["start"] = (...args) => run(undefined, args);
  return {
    path,
    env: whole,
    start,
    run: (...args) => start(...args).ended,
    shell: (script, ...args) => run(undefined, args, ["sh", "-c", script, "sh", process.execPath]).ended,
    pipe: (input, ...args) => run(input, args).ended,
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The `data` of a `--json` answer; fails with what was printed instead. */
export function dataOf<T = Record<string, unknown>>(ran: Ran): T {
  try {
    return (JSON.parse(ran.stdout) as { data: T }).data;
  } catch {
    throw new Error(`no JSON document (exit code ${ran.code}):\n${ran.stdout}\n${ran.stderr}`);
  }
}
