/** What a person sees when something is wrong: a clear error, the next step, the right exit code, and nothing booked. */

import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Home, Ran } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { TestEmulator } from "../support/emulator.ts";
import { startEmulator } from "../support/emulator.ts";
import { liveResources } from "../support/oracle.ts";

let emulator: TestEmulator;
const homes: Home[] = [];
const toolbox = mkdtempSync(join(tmpdir(), "chartctl-tools-"));

beforeAll(async () => {
  emulator = await startEmulator();
}, 60_000);
afterEach(() => {
  for (const home of homes.splice(0)) home.remove();
});
afterAll(async () => {
  await emulator.stop();
  rmSync(toolbox, { recursive: true, force: true });
});

const aws = () => ({ AWS_ENDPOINT_URL: emulator.url, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1" });
async function homeWith(env: NodeJS.ProcessEnv = {}, tenant: string[] = []): Promise<Home> {
  const home = newHome({ ...aws(), ...env });
  homes.push(home);
  expect((await home.run("tenants", "add", "acme", ...tenant)).code).toBe(0);
  return home;
}
const errorOf = (ran: Ran) => (JSON.parse(ran.stdout) as { error: { code: string; message: string; hint: string | null } }).error;
const sales = ["-t", "acme", "-p", "sales", "--json", "--yes"];

describe("wrong words", () => {
  it.each([
    [["-t", "acme", "-p", "Sales!", "provision"], "name.invalid", /must start with a letter/],
    [["-t", "acme", "-p", "a".repeat(25), "provision"], "name.invalid", /longer than 24/],
    [["-t", "acme", "provision"], "project.missing", /No project/],
    [["-p", "sales", "provision"], "tenant.missing", /No tenant/],
    [["-t", "acme", "-p", "sales", "--region", "eu-west-9", "provision"], "region.invalid", /eu-west-9/],
    [["-t", "acme", "-p", "sales", "provision", "--set", "memori_mb=1"], "parameter.unknown", /memori_mb/],
    [["-t", "acme", "-p", "sales", "provision", "--set", "memory_mb=big"], "parameter.invalid", /memory_mb can't be "big"/],
    [["-t", "acme", "-p", "sales", "provision", "--ttl", "soon"], "duration.invalid", /"soon"/],
    [["-t", "acme", "-p", "sales", "provision", "--max-cost", "lots"], "money.invalid", /"lots"/],
    [["-t", "acme", "-p", "sales", "provision", "--account-id", "12"], "account-id.invalid", /"12"/],
    [["-t", "acme", "-p", "sales", "provision", "--sett", "a=1"], "usage", /--sett/],
    [["provison"], "usage", /provison/],
    [["--context", "nowhere", "projects"], "context.unknown", /nowhere/],
    [["tenants", "add", "x", "--role-arn", "role"], "role-ARN.invalid", /"role"/],
  ])("%j → %s, exit 64", async (args, code, message) => {
    const home = await homeWith();
    const ran = await home.run(...args, "--json");
    expect(ran.code).toBe(64);
    expect(errorOf(ran)).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(ran.stderr).not.toContain("error:"); // said once, in the document
  });

  it("suggests the nearest parameter, option and command", async () => {
    const home = await homeWith();
    expect(errorOf(await home.run(...sales, "provision", "--set", "memori_mb=1")).hint).toContain("did you mean memory_mb");
    expect(errorOf(await home.run(...sales, "provision", "--sett", "a=1")).hint).toContain("--set");
    expect(errorOf(await home.run("provison", "--json")).hint).toContain("provision");
  });

  it("asks nothing without a terminal: names the flag, books nothing", async () => {
    const home = await homeWith();
    const ran = await home.run("-t", "acme", "-p", "sales", "--json", "provision");
    expect(ran.code).toBe(64);
    expect(errorOf(ran)).toMatchObject({ code: "confirmation.missing", hint: expect.stringContaining("--yes") });
    expect(dataOf<{ used: { projects: number } }>(await home.run("-t", "acme", "--json", "quota")).used.projects).toBe(0);
  });
});

describe("limits", { timeout: 180_000 }, () => {
  it.each([
    [["--set", "monthly_requests=1000000000"], "quota.project-cost"],
    [["--max-cost", "0.10"], "cost.over-max"],
  ])("%j → %s, exit 3, with the numbers", async (flags, code) => {
    const home = await homeWith();
    const ran = await home.run(...sales, "provision", ...flags);
    expect(ran.code).toBe(3);
    expect(errorOf(ran)).toMatchObject({ code, message: expect.stringMatching(/\$\d/) });
  });

  it("50 at once where one fits: exactly one is made", async () => {
    const home = await homeWith();
    expect((await home.run("-t", "acme", "quota", "set", "--projects", "1")).code).toBe(0);
    const all = await Promise.all(Array.from({ length: 50 }, (_, at) => home.run("-t", "acme", "-p", `p${at}`, "--json", "--yes", "provision")));
    expect(all.map(({ code }) => code).sort()).toEqual([0, ...Array<number>(49).fill(3)]);
    const { id } = dataOf<{ project: { id: string } }>(all.find(({ code }) => code === 0) as Ran).project;
    expect((await home.run("-t", "acme", "-p", id, "--yes", "destroy")).code).toBe(0);
  });
});

describe("a machine that isn't ready", { timeout: 120_000 }, () => {
  /** A PATH with just these programs, and Node and a shell. */
  const path = (name: string, programs: Record<string, string>): string => {
    const folder = join(toolbox, name);
    mkdirSync(folder, { recursive: true });
    for (const [program, script] of Object.entries(programs)) {
      writeFileSync(join(folder, program), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, program), 0o755);
    }
    symlinkSync(process.execPath, join(folder, "node"));
    return folder;
  };

  it("no Terraform: says how to install it", async () => {
    const ran = await (await homeWith({ PATH: path("none", {}) })).run(...sales, "provision");
    expect(ran.code).toBe(7);
    expect(errorOf(ran)).toMatchObject({ code: "terraform.missing", hint: expect.stringContaining("install") });
  });

  it("a Terraform that is too old", async () => {
    const ran = await (await homeWith({ PATH: path("old", { terraform: `echo '{"terraform_version":"1.2.9"}'` }) })).run(...sales, "provision");
    expect(errorOf(ran)).toMatchObject({ code: "terraform.too-old", message: expect.stringContaining("1.2.9") });
  });

  it("no provider to be had", async () => {
    const empty = join(toolbox, "empty-mirror");
    mkdirSync(empty);
    const home = await homeWith({ CHARTCTL_PLUGIN_MIRROR: empty });
    const ran = await home.run(...sales, "provision");
    expect(ran.code).toBe(7);
    expect(errorOf(ran)).toMatchObject({ code: "terraform.no-provider", hint: expect.stringContaining("CHARTCTL_PLUGIN_MIRROR") });
    expect((await home.run(...sales, "status")).code).toBe(6); // the booking has ended
  });

  it("no credentials", async () => {
    const home = await homeWith({ AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_EC2_METADATA_DISABLED: "true", HOME: toolbox });
    const ran = await home.run(...sales, "provision");
    expect(ran.code).toBe(4);
    expect(errorOf(ran)).toMatchObject({ code: "aws.no-credentials" });
    expect((await home.run(...sales, "status")).code).toBe(6);
  });

  it("AWS that can't be reached", async () => {
    const home = await homeWith({ AWS_ENDPOINT_URL: "http://127.0.0.1:1" });
    const ran = await home.run(...sales, "provision");
    expect(ran.code).toBe(7);
    expect(errorOf(ran)).toMatchObject({ code: "aws.unreachable" });
    expect((await home.run(...sales, "status")).code).toBe(6);
  });

  it("credentials of another account", async () => {
    const home = await homeWith({}, ["--account-id", "999999999999"]);
    const ran = await home.run(...sales, "provision");
    expect(ran.code).toBe(3);
    expect(errorOf(ran)).toMatchObject({ code: "account.mismatch" });
    expect(await liveResources(emulator.url)).toEqual([]);
  });

  it("a home that can't be written", async () => {
    const file = join(toolbox, "a-file");
    writeFileSync(file, "");
    const home = newHome({ ...aws(), CHARTCTL_HOME: join(file, "home") });
    homes.push(home);
    const ran = await home.run(...sales, "status");
    expect(ran.code).toBe(1);
    expect(errorOf(ran)).toMatchObject({ code: "store.unwritable", hint: expect.stringContaining("CHARTCTL_HOME") });
    expect((await home.run("--help")).code).toBe(0);
  });

  it("a damaged settings file, a damaged store", async () => {
    const home = await homeWith();
    writeFileSync(join(home.path, "config.json"), "{ not json");
    expect(errorOf(await home.run(...sales, "status"))).toMatchObject({ code: "config.corrupt", message: expect.stringContaining("config.json") });
    rmSync(join(home.path, "config.json"));
    for (const suffix of ["-wal", "-shm"]) rmSync(join(home.path, "data", `chartctl.db${suffix}`), { force: true });
    writeFileSync(join(home.path, "data", "chartctl.db"), "no database at all ".repeat(500));
    const ran = await home.run(...sales, "status");
    expect(ran.code).toBe(1);
    expect(errorOf(ran)).toMatchObject({ code: "store.corrupt" });
  });

  it("a disk that fills up: a clear error, and the next run goes on", async () => {
    const home = await homeWith();
    const runs = join(home.path, "data", "runs");
    mkdirSync(runs, { recursive: true, mode: 0o700 });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k,mode=700", "tmpfs", runs]);
    try {
      const ran = await home.run(...sales, "provision");
      expect(ran.code, ran.stdout + ran.stderr).not.toBe(0);
      expect(errorOf(ran).code).toBe("disk-full");
      execFileSync("mount", ["-o", "remount,size=64m", runs]);
      expect((await home.run(...sales, "provision")).code).toBe(0);
      expect((await home.run(...sales, "destroy")).code).toBe(0);
      expect(await liveResources(emulator.url)).toEqual([]);
    } finally {
      execFileSync("umount", [runs]);
    }
  });
});

describe("streams", () => {
  it("a reader that leaves early is no failure", async () => {
    const home = await homeWith();
    const { child } = home.start("--help");
    child.stdout?.destroy();
    const code = await new Promise((resolve) => child.on("exit", resolve));
    expect(code).toBe(0);
  });

  it("an open pipe without data hangs nobody", async () => {
    const home = await homeWith();
    const child = spawn(process.execPath, [join(dirname(dirname(import.meta.dirname)), "bin", "chartctl.js"), "-t", "acme", "-p", "none", "destroy"], {
      env: home.env,
      stdio: ["pipe", "ignore", "pipe"],
    });
    const code = await new Promise((resolve) => child.on("exit", resolve));
    expect(code).toBe(6);
    child.stdin.destroy();
  });

  it("never prints a secret, at any level", async () => {
    const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const home = await homeWith({ AWS_SECRET_ACCESS_KEY: secret, AWS_ENDPOINT_URL: "http://127.0.0.1:1" });
    const ran = await home.run("-t", "acme", "-p", "sales", "--yes", "--debug", "provision");
    expect(ran.stdout + ran.stderr).not.toContain(secret);
    expect(ran.stderr).toContain("can't be reached");
  });
});
