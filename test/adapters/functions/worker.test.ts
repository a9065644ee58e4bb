/** A function in a thread: what Lambda says of it, this says, too. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { RunningFunction } from "../../../src/adapters/functions/worker.ts";
import { startFunction } from "../../../src/adapters/functions/worker.ts";

const started: { one: RunningFunction; folder: string }[] = [];
const lines: string[] = [];
afterEach(async () => {
  lines.length = 0;
  for (const { one, folder } of started.splice(0)) {
    await one.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

function functionOf(source: string, env: Record<string, string> = {}): RunningFunction {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-function-"));
  writeFileSync(join(folder, "index.mjs"), source);
  const one = startFunction({ folder, env, timeoutSeconds: 1, log: (line) => void lines.push(line) });
  started.push({ one, folder });
  return one;
}
const failure = async (source: string) => {
  const ran = await functionOf(source).run({});
  expect(ran.failed).toBe(true);
  return JSON.parse(ran.payload) as { errorType: string; errorMessage: string };
};

describe("a function", () => {
  it("answers events, several at once, with its own environment alone, and its log is heard", async () => {
    const one = functionOf(
      `let calls = 0; export const handler = async (event, context) => { console.log("asked", event.n); calls++; await new Promise((r) => setTimeout(r, 20)); return { n: event.n, name: process.env.NAME, home: process.env.HOME, left: context.getRemainingTimeInMillis() > 0 }; };`,
      { NAME: "fn" },
    );
    const ran = await Promise.all([1, 2, 3].map((n) => one.run({ n })));
    expect(ran.map(({ payload }) => JSON.parse(payload))).toEqual([1, 2, 3].map((n) => ({ n, name: "fn", left: true })));
    await expect.poll(() => [...lines].sort()).toEqual(["asked 1", "asked 2", "asked 3"]);
  });

  it.each([
    ["throws", `export const handler = async () => { throw new TypeError("no"); };`, "TypeError", /^no$/],
    ["can't start", `throw new Error("no start"); export const handler = 1;`, "Error", /no start/],
    ["has no handler", "export const other = 1;", "TypeError", /handler is not a function/],
    ["ends its process", "export const handler = async () => process.exit(3);", "Runtime.ExitError", /ended/],
    ["never answers", "export const handler = () => new Promise(() => {});", "Sandbox.Timedout", /timed out after 1 seconds/],
    ["never lets go", "export const handler = () => { for (;;); };", "Sandbox.Timedout", /timed out/],
    ["answers too much", 'export const handler = async () => "x".repeat(7e6);', "Function.ResponseSizeTooLarge", /exceeded/],
  ])("that %s fails as on Lambda", async (_, source, type, message) => {
    expect(await failure(source)).toMatchObject({ errorType: type, errorMessage: expect.stringMatching(message) });
  });

  it("that has ended says so: another one is to be started", async () => {
    const one = functionOf("export const handler = async () => process.exit(0);");
    await one.run({});
    await one.ended;
    expect((await functionOf("export const handler = async () => 1;").run({})).payload).toBe("1");
  });
});
