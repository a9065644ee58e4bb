/** Prompts in a real terminal. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Home } from "../support/cli.ts";
import { newHome } from "../support/cli.ts";
import type { TestEmulator } from "../support/emulator.ts";
import { startEmulator } from "../support/emulator.ts";
import { liveResources } from "../support/oracle.ts";
import { processesOf } from "../support/processes.ts";
import type { Answer } from "../support/terminal.ts";
import { atTerminal } from "../support/terminal.ts";

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

const session = (args: string[], answers: Answer[], columns?: string): Promise<{ code: number | null; screen: string }> =>
  atTerminal(home, args, answers, columns);

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
