import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTimeOf } from "../../../src/adapters/processes.ts";
import type { RunFolder } from "../../../src/adapters/terraform/run-folder.ts";
import {
  endEarlierRun,
  forgetProcesses,
  makeRunFolder,
  readText,
  recordProcesses,
  writeDurably,
  writeStack,
} from "../../../src/adapters/terraform/run-folder.ts";

let home: string;
const folders: RunFolder[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "chartctl-folder-"));
});
afterEach(() => {
  for (const { scratch } of folders.splice(0)) rmSync(scratch, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});
const folder = (): RunFolder => {
  const made = makeRunFolder(join(home, "runs", "key"));
  folders.push(made);
  return made;
};

describe("a run folder", () => {
  it("is private, and so are its files and its sockets' place", () => {
    mkdirSync(join(home, "runs", "key"), { recursive: true });
    chmodSync(join(home, "runs", "key"), 0o755); // made by someone less careful
    const { path, scratch } = folder();
    for (const each of [path, scratch]) expect(statSync(each).mode & 0o777).toBe(0o700);
    expect(join(scratch, "plugin1234567890").length).toBeLessThan(100);
    writeDurably(path, "file", "text");
    expect(statSync(join(path, "file")).mode & 0o777).toBe(0o600);
    expect(readText(path, "file")).toBe("text");
    expect(readText(path, "none")).toBeUndefined();
  });

  it("holds just this stack's configuration, and keeps the state", () => {
    const { path } = folder();
    writeStack(path, { "main.tf.json": "{}", "old.tf.json": "{}", "app.zip": Buffer.from([1, 2]) });
    for (const name of ["terraform.tfstate", "plan.tfplan", "by-hand.tf"]) writeFileSync(join(path, name), "");
    writeStack(path, { "main.tf.json": '{"new":1}', "app.zip": Buffer.from([3]) });
    expect(readdirSync(path).sort()).toEqual(["app.zip", "main.tf.json", "terraform.tfstate"]);
    expect(readText(path, "main.tf.json")).toBe('{"new":1}');
    expect([...readFileSync(join(path, "app.zip"))]).toEqual([3]);
  });

  it("says what is wrong with it", () => {
    writeFileSync(join(home, "file"), "");
    expect(() => makeRunFolder(join(home, "file", "key"))).toThrow(expect.objectContaining({ code: "run-folder.unwritable", kind: "failed" }));
    expect(() => writeDurably(join(home, "gone"), "file", "")).toThrow(expect.objectContaining({ code: "run-folder.unwritable" }));
  });
});

describe("an earlier run", () => {
  const earlier = (owner: object, terraform: object, scratch: string, provider?: object) =>
    writeDurably(folder().path, "processes.json", JSON.stringify({ owner, terraform, scratch, provider }));
  const path = (): string => join(home, "runs", "key");

  it("is waited for, and its sockets' folder goes", async () => {
    const scratch = join(home, "scratch");
    mkdirSync(scratch);
    const child = spawn("cat", { detached: true }); // ends with its input
    const end = new Promise((resolve) => child.once("exit", (...how) => resolve(how)));
    earlier({ pid: 1, startedAt: "gone" }, { pid: child.pid, startedAt: startTimeOf(child.pid ?? 0) }, scratch);
    let waits = 0;
    await endEarlierRun(path(), () => {
      waits++;
      child.stdin.end();
    });
    expect({ waits, end: await end }).toEqual({ waits: 1, end: [0, null] });
    expect(existsSync(scratch)).toBe(false);
    expect(existsSync(join(path(), "processes.json"))).toBe(false);
  });

  it("is asked to stop when its owner only hangs: Terraform first, and its provider only after it", async () => {
    const owner = spawn("sleep", ["30"]);
    const [terraform, provider] = [0, 1].map(() => spawn("sleep", ["30"], { detached: true }));
    const ends = Promise.all([terraform, provider].map((child) => new Promise((resolve) => child?.once("exit", (_, signal) => resolve(signal)))));
    const named = (pid = 0) => ({ pid, startedAt: startTimeOf(pid) });
    earlier(named(owner.pid), named(terraform?.pid), join(home, "scratch"), named(provider?.pid));
    await endEarlierRun(path(), () => {});
    expect(await ends).toEqual(["SIGINT", "SIGKILL"]);
    expect(owner.signalCode).toBeNull();
    owner.kill("SIGKILL");
  });

  it("touches no process that only has the same id", async () => {
    const child = spawn("sleep", ["30"], { detached: true });
    earlier({ pid: 1, startedAt: "gone" }, { pid: child.pid, startedAt: "another time" }, join(home, "scratch"));
    await endEarlierRun(path(), () => expect.unreachable());
    expect(startTimeOf(child.pid ?? 0)).toBeDefined();
    child.kill("SIGKILL");
  });

  it("is nothing when its record is spoilt, or it ended well", async () => {
    const made = folder();
    writeFileSync(join(made.path, "processes.json"), "{ half");
    await endEarlierRun(made.path, () => expect.unreachable());
    recordProcesses(made, { terraform: process.pid });
    expect(JSON.parse(readText(made.path, "processes.json") ?? "")).toMatchObject({ terraform: { pid: process.pid, startedAt: startTimeOf(process.pid) } });
    forgetProcesses(made);
    expect(existsSync(made.scratch)).toBe(false);
    await endEarlierRun(made.path, () => expect.unreachable());
  });
});
