import { describe, expect, it } from "vitest";
import type { ProgressEvent } from "../../../src/core/ports.ts";
import type { Step } from "../../../src/core/setup/steps.ts";
import { runSteps, Secret } from "../../../src/core/setup/steps.ts";
import { ChartctlError } from "../../../src/errors.ts";

const never = { gentle: new AbortController().signal, now: new AbortController().signal };

function world() {
  const sent: unknown[] = [];
  const told: ProgressEvent[] = [];
  const step = (name: string, fail?: Error): Step => ({
    name,
    run: async ({ make }) => {
      const answer = await make(
        { operation: `POST /${name}`, body: { name, key: new Secret("hunter2"), list: [new Secret("deep")] } },
        async (body) => {
          if (fail) throw fail;
          sent.push(body);
          return { id: `real-${name}` };
        },
        { id: "pretended" },
      );
      return { outcome: "made", detail: answer.id };
    },
  });
  const options = { progress: (event: ProgressEvent) => told.push(event), interrupt: never, goOn: "chartctl setup x", undo: "chartctl setup x destroy" };
  return { sent, told, step, options };
}

describe("steps of a setup", () => {
  it("sends each call with its secrets, in order", async () => {
    const { sent, step, options, told } = world();
    const report = await runSteps([step("a"), step("b")], { ...options, dryRun: false });
    expect(sent).toEqual([
      { name: "a", key: "hunter2", list: ["deep"] },
      { name: "b", key: "hunter2", list: ["deep"] },
    ]);
    expect(report).toEqual({
      dryRun: false,
      steps: [
        { name: "a", outcome: "made", detail: "real-a" },
        { name: "b", outcome: "made", detail: "real-b" },
      ],
      calls: [],
    });
    expect(told).toHaveLength(4);
  });

  it("sends nothing in a dry run, and shows the same calls without secrets", async () => {
    const { sent, step, options } = world();
    const report = await runSteps([step("a"), step("b")], { ...options, dryRun: true });
    expect(sent).toEqual([]);
    expect(report.calls).toEqual([
      { step: "a", operation: "POST /a", body: { name: "a", key: "***", list: ["***"] } },
      { step: "b", operation: "POST /b", body: { name: "b", key: "***", list: ["***"] } },
    ]);
    expect(JSON.stringify(report)).not.toContain("hunter2");
  });

  it("names what stands, and how to go on or undo, when a step fails", async () => {
    const { step, options } = world();
    const full = new ChartctlError({ kind: "external", code: "heroku.down", message: "Heroku doesn't answer", hint: "look at its status page" });
    const failing = runSteps([step("a"), step("b", full), step("c")], { ...options, dryRun: false });
    await expect(failing).rejects.toMatchObject({
      kind: "external",
      code: "heroku.down",
      message: "Stopped at b: Heroku doesn't answer. Before it: a.",
      hint: "look at its status page; go on with: chartctl setup x; undo with: chartctl setup x destroy",
      details: { stoppedAt: "b", done: [{ name: "a", outcome: "made", detail: "real-a" }] },
    });
  });

  it("leaves our own bugs what they are", async () => {
    const { step, options } = world();
    await expect(runSteps([step("a", new TypeError("oops"))], { ...options, dryRun: false })).rejects.toThrow(TypeError);
  });

  it("begins no step after an interrupt", async () => {
    const { sent, step, options } = world();
    const interrupt = { gentle: AbortSignal.abort(), now: never.now };
    await expect(runSteps([step("a")], { ...options, interrupt, dryRun: false })).rejects.toMatchObject({ kind: "interrupted" });
    expect(sent).toEqual([]);
  });
});
