/** A running platform whose processes were started anew: when it can be used again. */
import { beforeEach, expect, it } from "vitest";
import type { FirstUsePorts } from "../../../src/core/setup/first-use.ts";
import { answersStep } from "../../../src/core/setup/first-use.ts";
import type { StepReport } from "../../../src/core/setup/steps.ts";
import { runSteps } from "../../../src/core/setup/steps.ts";

let time = 0;
let asked = 0;
let stop: AbortController;
beforeEach(() => {
  time = 0;
  asked = 0;
  stop = new AbortController();
});

const again = async ({ isReady, serves = true, dryRun = false }: { isReady(): boolean | undefined; serves?: boolean; dryRun?: boolean }) => {
  const ports = {
    clock: {
      now: () => new Date(time),
      sleep: async (milliseconds: number) => {
        time += milliseconds;
      },
    },
    url: async () => "https://charts.example.org",
    isReady: async () => {
      asked++;
      return isReady();
    },
    logsCommand: "chartctl setup heroku logs",
  } as unknown as FirstUsePorts;
  const interrupt = { gentle: stop.signal, now: new AbortController().signal };
  const goOn = "chartctl setup heroku config A=1";
  const { steps } = await runSteps([answersStep(ports, async () => serves, stop.signal)], { dryRun, progress: () => {}, interrupt, goOn });
  return steps[0] as StepReport;
};
const name = "the platform answers";

it("is asked until it says that it is ready", async () => {
  expect(await again({ isReady: () => [undefined, false, true][asked - 1] })).toEqual({
    name,
    outcome: "found",
    detail: "https://charts.example.org/api/ready",
  });
  expect([asked, time]).toEqual([3, 6_000]);
});

it("isn't asked where no web process is to run, nor in a dry run", async () => {
  expect(await again({ isReady: () => undefined, serves: false })).toEqual({ name, outcome: "absent", detail: "no web process is to run" });
  expect(await again({ isReady: () => undefined, dryRun: true })).toEqual({ name, outcome: "waits" });
  expect(asked).toBe(0);
});

it.each([
  [undefined, "doesn't answer"],
  [false, "says that the platform isn't ready"],
])("is waited for five minutes, however long each answer takes (%s)", async (answer, words) => {
  const isReady = (): boolean | undefined => {
    time += 10_000; // as long as one is waited for
    return answer;
  };
  await expect(again({ isReady })).rejects.toMatchObject({
    kind: "external",
    code: "host.not-ready",
    message: `Stopped at ${name}: https://charts.example.org/api/ready ${words}, after five minutes. Nothing was changed before it.`,
    hint: "see why: chartctl setup heroku logs; go on with: chartctl setup heroku config A=1",
  });
  expect([time >= 300_000, time < 320_000]).toEqual([true, true]);
});

it("is waited for no longer than whoever asked wants to", async () => {
  const isReady = (): undefined => stop.abort() as undefined;
  await expect(again({ isReady })).rejects.toMatchObject({ kind: "interrupted", hint: "go on with: chartctl setup heroku config A=1" });
  expect(asked).toBe(1);
});
