import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Guarded } from "../../../src/adapters/terraform/guarded.ts";
import { spawnGuarded } from "../../../src/adapters/terraform/guarded.ts";
import { processesOf } from "../../support/processes.ts";
import { eventually } from "./small-stack.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartctl-guard-"));
});
afterEach(async () => {
  await eventually(() => processesOf(folder).length === 0, 20);
  const left = processesOf(folder);
  for (const { pid } of left) process.kill(pid, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
  expect(left).toEqual([]);
});

const guard = (script: string, more: Partial<Parameters<typeof spawnGuarded>[1]> = {}): Guarded =>
  spawnGuarded(["/bin/sh", "-c", script], {
    cwd: folder,
    env: process.env,
    onOrphaned: "INT",
    patienceSeconds: 10,
    stdout: "ignore",
    stderr: "ignore",
    ...more,
  });
const ended = ({ child }: Guarded): Promise<{ code: number | null; signal: string | null }> =>
  new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
const noted = (): string => {
  try {
    return readFileSync(join(folder, "noted"), "utf8");
  } catch {
    return "";
  }
};
const ready = async (): Promise<void> => expect(await eventually(() => noted().includes("ready"), 20)).toBe(true);
/** Waits for the signal, however late it comes, and then long enough for a second one. */
const counts = "trap 'echo INT >> noted' INT; echo ready >> noted; until grep -q INT noted; do sleep 0.1; done; sleep 0.5; echo done >> noted";

describe("a guarded program", () => {
  it("ends by itself, and so does its watcher", async () => {
    const guarded = guard("exit 3");
    expect(await ended(guarded)).toEqual({ code: 3, signal: null });
    guarded.dismiss();
  });

  it("is signalled once when the pipe closes, as by chartctl's death", async () => {
    const guarded = guard(counts);
    await ready();
    guarded.lifeline.destroy();
    expect(await ended(guarded)).toEqual({ code: 0, signal: null });
    expect(noted()).toBe("ready\nINT\ndone\n");
  });

  it("is signalled once, when chartctl asks first and dies then", async () => {
    const guarded = guard(counts);
    await ready();
    guarded.stop();
    guarded.stop();
    guarded.lifeline.destroy();
    await ended(guarded);
    guarded.dismiss();
    expect(noted()).toBe("ready\nINT\ndone\n");
  });

  it("is killed with all of its group when it doesn't end in time", async () => {
    const guarded = guard("trap '' INT; echo ready >> noted; sleep 60 & sleep 60; wait", { patienceSeconds: 1 });
    await ready();
    guarded.lifeline.destroy();
    expect(await ended(guarded)).toEqual({ code: null, signal: "SIGKILL" });
  });

  it("takes its children along when it was killed and chartctl is dead", async () => {
    const guarded = guard("sleep 60 & echo ready >> noted; wait");
    await ready();
    process.kill(guarded.pid, "SIGKILL");
    await ended(guarded);
    guarded.lifeline.destroy();
  });

  it("keeps alive whose lifeline it is given, and takes it along", async () => {
    const provider = guard("echo ready >> noted; sleep 60", { onOrphaned: "KILL", patienceSeconds: 1 });
    await ready();
    const command = guard("until grep -q enough noted; do sleep 0.1; done", { keepsAlive: provider.lifeline });
    provider.lifeline.destroy();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(provider.child.signalCode).toBeNull();
    appendFileSync(join(folder, "noted"), "enough\n");
    await Promise.all([ended(command), ended(provider)]);
    expect(provider.child.signalCode).toBe("SIGKILL");
    command.dismiss();
  });

  it("is an error, not a process id of -1, when it can't be started", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(() => guard("true", { cwd: join(file, "nowhere") })).toThrow(expect.objectContaining({ code: "process.not-started" }));
    expect(() => guard("true", { cwd: join(folder, "nowhere") })).toThrow(expect.objectContaining({ code: "process.not-started" }));
  });
});
