/**
 * Every command where nobody can answer: without a terminal, with a pipe that stays open and says nothing, and in CI. Each must
 * end by itself, with an exit code of the list, having asked nothing. The commands come from the help texts: a new one is in.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Home } from "../support/cli.ts";
import { newHome } from "../support/cli.ts";

const launcher = fileURLToPath(new URL("../../bin/chartctl.js", import.meta.url));
/** Of README and help; 70 is a bug of ours, 130 an interrupt that nobody sent. */
const expectedCodes = [0, 1, 2, 3, 4, 5, 6, 7, 64];
/** What hangs hangs for ever; what only waits for its turn on a busy machine doesn't. */
const patienceMilliseconds = 300_000;
/** They go on until they are told to stop, or leave a process behind; tests of their own look at them. */
const goingOn = ["serve", "sandbox start"];

let home: Home;
beforeAll(async () => {
  // A tenant and a project are named, so that each command gets as far as it can: AWS is not there.
  home = newHome({
    CHARTCTL_TENANT: "acme",
    CHARTCTL_PROJECT: "sales",
    CHARTCTL_KEYRING: "0",
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-east-1",
    AWS_MAX_ATTEMPTS: "1",
    AWS_EC2_METADATA_DISABLED: "true",
  });
  expect((await home.run("tenants", "add", "acme")).code).toBe(0);
});
afterAll(() => home?.remove());

interface Ended {
  code: number | null;
  text: string;
}

function run(stdin: "ignore" | "pipe", env: NodeJS.ProcessEnv, args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [launcher, ...args], { cwd: home.path, env: { ...home.env, ...env }, stdio: [stdin, "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (more: string) => (text += more));
  const late = setTimeout(() => child.kill("SIGKILL"), patienceMilliseconds);
  return new Promise((resolve) =>
    child.once("close", (code) => {
      clearTimeout(late);
      resolve({ code, text });
    }),
  );
}

/** Each command with its subcommands, and something for every argument that it wants. */
async function commandLines(path: string[] = []): Promise<string[][]> {
  const { text } = await run("ignore", {}, [...path, "--help"]);
  const section = /\n(?:Commands|Subcommands):\n([\s\S]*?)(?:\n\n|$)/.exec(text)?.[1] ?? "";
  const names = [...section.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = ""]) => name).filter((name) => name !== "help");
  const usage = /Usage: chartctl ?([^\n]*)/.exec(text)?.[1] ?? "";
  const values = [...usage.matchAll(/<([\w-]+)(?:\.\.\.)?>/g)].map(() => "x1").filter(() => !usage.includes("<command>"));
  const below = [];
  for (const name of names) below.push(...(await commandLines([...path, name])));
  return path.length === 0 ? below : [[...path, ...values], ...below];
}

const modes: [string, "ignore" | "pipe", NodeJS.ProcessEnv][] = [
  ["without a terminal", "ignore", {}],
  ["with an open pipe that says nothing", "pipe", {}],
  ["in CI", "pipe", { CI: "true" }],
];

describe("nobody is asked, and each command ends", { timeout: 1_800_000 }, () => {
  let lines: string[][];
  it("of all that the help texts name", async () => {
    lines = await commandLines();
    const names = lines.map((line) => line.join(" "));
    expect(names.length).toBeGreaterThan(50);
    for (const one of goingOn) expect(names).toContain(one); // else it has another name by now
  });

  it.each(modes)("%s", async (_, stdin, env) => {
    const wrong: string[] = [];
    const waiting = lines.filter((line) => !goingOn.includes(line.join(" ")));
    const work = async (): Promise<void> => {
      for (let line = waiting.shift(); line; line = waiting.shift()) {
        const { code, text } = await run(stdin, env, line);
        if (code === null || !expectedCodes.includes(code) || /^\? /m.test(text) || /\n\s+at .*:\d+:\d+/.test(text))
          wrong.push(`${line.join(" ")}: ${code === null ? "had to be killed" : `ended with ${code}`}\n${text.slice(0, 500)}`);
      }
    };
    await Promise.all([work(), work(), work()]);
    expect(wrong).toEqual([]);
  });
});
