import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";
import { isRunning, localProcesses, startTimeOf } from "../../src/adapters/processes.ts";

const processes = localProcesses();

describe("processes of this machine", () => {
  it("knows itself, the same each time", () => {
    expect(processes.self()).toMatchObject({ pid: process.pid, machine: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(localProcesses().self()).toEqual(processes.self());
    expect(processes.look(processes.self())).toBe("running");
  });

  it("sees that another one has ended", async () => {
    const child = spawn("sleep", ["30"]);
    const pid = child.pid ?? 0;
    const holder = { ...processes.self(), pid, startedAt: startTimeOf(pid) ?? "" };
    expect(processes.look(holder)).toBe("running");
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    expect(processes.look(holder)).toBe("gone");
    expect(startTimeOf(pid)).toBeUndefined();
  });

  it("isn't fooled by a process id that is used again", () => {
    expect(processes.look({ ...processes.self(), startedAt: "00000000-1" })).toBe("gone");
    expect(isRunning({ pid: process.pid, startedAt: "gone" })).toBe(false);
  });

  it("says nothing of another machine", () => {
    expect(processes.look({ ...processes.self(), machine: "another" })).toBe("elsewhere");
  });
});
