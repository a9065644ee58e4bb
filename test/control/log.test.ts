/** A log's lines as a host collects them. */
import { expect, it } from "vitest";
import type { Log } from "../../src/control/serve/log.ts";
import { createLog } from "../../src/control/serve/log.ts";
import { ChartctlError } from "../../src/errors.ts";

const logged = (write: (log: Log) => void): Record<string, unknown> => {
  const lines: string[] = [];
  write(createLog("worker", "0.0.0", { write: (line) => void lines.push(line) }));
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? "");
};

it("tells what is known of an error, as code, message and hint, without passwords", () => {
  const error = { code: "a.b", message: "not enabled (postgres://u:secret@db/x)", hint: "enable it", tries: 3, more: [{ last: null }] };
  expect(logged((log) => log.error({ message: "bill not read", tenant: "acme", error }))).toMatchObject({
    level: "error",
    process: "worker",
    message: "bill not read",
    tenant: "acme",
    error: { ...error, message: "not enabled (postgres://[hidden]@db/x)" },
  });
  const facts = { kind: "bug", code: "bug", message: "m", token: "t0ken" };
  expect(logged((log) => log.info({ message: "job failed", error: facts }))).toMatchObject({ error: { ...facts, token: "[hidden]" } });
});

it("tells an error's hint, and what caused it; of a thing that holds itself, no end", () => {
  const thrown = new ChartctlError({ kind: "external", code: "a.b", message: "m", hint: "h", cause: new Error("deep") });
  expect(logged((log) => log.error({ message: "x", error: thrown }))).toMatchObject({
    error: { name: "ChartctlError", code: "a.b", message: "m", hint: "h", cause: { message: "deep" } },
  });
  const round: Record<string, unknown> = { name: "a" };
  round.self = round;
  expect(JSON.stringify(logged((log) => log.error({ message: "x", error: round })))).toContain('"self":"…"');
  expect(logged((log) => log.error({ message: "x", error: "plain postgres://u:p@db/x" }))).toMatchObject({ error: "plain postgres://[hidden]@db/x" });
  expect(logged((log) => log.error({ message: "x", error: undefined }))).toMatchObject({ message: "x" });
});
