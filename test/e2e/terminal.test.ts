/** Prompts in a real terminal: a pseudo-terminal that Python opens (the emulator needs Python anyway). */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Home } from "../support/cli.ts";
import { newHome } from "../support/cli.ts";
import type { TestEmulator } from "../support/emulator.ts";
import { startEmulator } from "../support/emulator.ts";
import { liveResources } from "../support/oracle.ts";
import { processesOf } from "../support/processes.ts";

const launcher = fileURLToPath(new URL("../../bin/chartctl.js", import.meta.url));
/** Runs a program on a new terminal of so many columns, passing on what is typed and shown; ends with its exit code. */
const terminal = `
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(["sh", "-c", 'stty cols $1 rows 40; shift; exec "$@"', "sh", *sys.argv[1:]])))
`;

let emulator: TestEmulator;
let home: Home;
beforeAll(async () => {
  emulator = await startEmulator();
  home = newHome({ AWS_ENDPOINT_URL: emulator.url, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1", TERM: "xterm-256color" });
  await home.run("tenants", "add", "acme", "--role-arn", "arn:aws:iam::123456789012:role/acme");
});
afterAll(async () => {
  await emulator.stop();
  home.remove();
});

/** Types each answer when its question is on the screen. */
async function session(args: string[], answers: [question: RegExp, keys: string][], columns = "80"): Promise<{ code: number | null; screen: string }> {
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

const sales = ["-t", "acme", "-p", "sales"];
const makeThese = /Make these changes/;
const typeName = /Type sales to go on/;

describe("in a terminal", { timeout: 120_000 }, () => {
  it("provision asks with plan and price on the screen; no means no", async () => {
    const { code, screen } = await session([...sales, "provision"], [[makeThese, "n\r"]]);
    expect(code).toBe(0);
    expect(screen).toMatch(/to create[\s\S]*aws_s3_bucket\.site[\s\S]*\$0\.98 a month/);
    expect(screen).toContain("Nothing was changed");
    expect(await liveResources(emulator.url)).toEqual([]);
  });

  it("works on a terminal that nobody gave a size", async () => {
    const { code, screen } = await session([...sales, "provision"], [[makeThese, "n\r"]], "0");
    expect(code).toBe(0);
    expect(screen.length).toBeLessThan(20_000);
  });

  it("a terminal that is closed at the question ends it", async () => {
    const { screen } = await session([...sales, "provision"], [[makeThese, "close"]]);
    expect(screen).toContain("Make these changes");
    for (let waited = 0; waited < 40 && processesOf(home.path).length > 0; waited++) await new Promise((resolve) => setTimeout(resolve, 250));
    expect(processesOf(home.path)).toEqual([]);
    expect((await home.run(...sales, "status")).code).toBe(6);
  });

  it("Ctrl-C at the question changes nothing: exit 130", async () => {
    const { code, screen } = await session([...sales, "provision"], [[makeThese, "\u0003"]]);
    expect(code, screen).toBe(130);
    expect(await liveResources(emulator.url)).toEqual([]);
    expect((await home.run(...sales, "status")).code).toBe(6);
  });

  it("yes makes it; destroy wants the name, and takes no other", async () => {
    expect((await session([...sales, "provision"], [[makeThese, "y\r"]])).code).toBe(0);
    const wrong = await session([...sales, "destroy"], [[typeName, "sale\r"]]);
    expect([wrong.code, wrong.screen.includes("Nothing was changed")]).toEqual([0, true]);
    expect((await liveResources(emulator.url)).length).toBeGreaterThan(10);
    const right = await session([...sales, "destroy"], [[typeName, "sales\r"]]);
    expect(right.code, right.screen).toBe(0);
    expect(right.screen).toContain("is gone");
    expect(await liveResources(emulator.url)).toEqual([]);
  });
});
