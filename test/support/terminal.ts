/** A real terminal for the command line: a pseudo-terminal that Python opens (the emulator needs Python anyway). */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Home } from "./cli.ts";

const launcher = fileURLToPath(new URL("../../bin/chartctl.js", import.meta.url));
/** Runs a program on a new terminal of so many columns, passing on what is typed and shown; ends with its exit code. */
const terminal = `
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(["sh", "-c", 'stty cols $1 rows 40; shift; exec "$@"', "sh", *sys.argv[1:]])))
`;

export type Answer = [question: RegExp, keys: string];

/** Types each answer when its question is on the screen. */
export async function atTerminal(home: Home, args: string[], answers: Answer[], columns = "80"): Promise<{ code: number | null; screen: string }> {
  const { CI: _, ...env } = home.env;
  const child = spawn("python3", ["-c", terminal, columns, process.execPath, launcher, ...args], { env, cwd: home.path, stdio: ["pipe", "pipe", "inherit"] });
  let screen = "";
  let next = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    const answer = answers[next];
    if (!answer?.[0].test(screen.slice(-400))) return;
    next++;
    if (answer[1] === "close") child.kill("SIGKILL");
    else child.stdin.write(answer[1]);
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, screen };
}
