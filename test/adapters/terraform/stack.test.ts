/** Real Terraform and the real provider against an emulator of this file's own. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { terraformStacks } from "../../../src/adapters/terraform/stack.ts";
import type { TestEmulator } from "../../support/emulator.ts";
import { startEmulator } from "../../support/emulator.ts";
import { processesOf } from "../../support/processes.ts";
import type { Place } from "./small-stack.ts";
import { all, newPlace, recordingPorts, secret, smallStack } from "./small-stack.ts";

let emulator: TestEmulator;
let place: Place;

beforeAll(async () => {
  emulator = await startEmulator();
  place = newPlace();
}, 60_000);
afterAll(async () => {
  await emulator?.stop();
  place?.remove();
});

const patient = { timeout: 120_000 };

describe("a stack's life", () => {
  it("is planned, applied, unchanged, updated and destroyed, with every state kept", patient, async () => {
    const open = terraformStacks(place.options(emulator.url));
    const { ports, saved, events } = recordingPorts();
    const stack = await open(smallStack(), ports);
    expect(statSync(place.runFolder()).mode & 0o777).toBe(0o700);
    const plan = await stack.plan({ refresh: false, adopt: [] });
    expect(plan.changes.map(({ address, action }) => `${action} ${address}`).sort()).toEqual(all.map((address) => `create ${address}`));
    expect(await stack.settled()).toBeUndefined();

    expect(await stack.apply()).toEqual({ outputs: { table: "demo-rows" } });
    expect((await stack.addresses()).sort()).toEqual(all);
    for (const address of all)
      for (const phase of ["start", "done"]) expect(events).toContainEqual(expect.objectContaining({ type: "resource", address, action: "create", phase }));
    const serial = await stack.settled();
    expect(serial).toBe(saved.at(-1)?.serial);
    expect(JSON.parse(saved.at(-1)?.body ?? "").resources).toHaveLength(4);

    expect((await stack.plan({ refresh: true, adopt: [] })).changes).toEqual([]);
    await stack.close();
    expect(processesOf(place.path)).toEqual([]);
    for (const name of readdirSync(place.runFolder())) {
      const file = join(place.runFolder(), name);
      if (statSync(file).isFile()) expect(readFileSync(file, "utf8"), name).not.toMatch(new RegExp(`${secret}|operator`));
    }

    writeFileSync(join(place.runFolder(), "old.tf.json"), "{ this would not parse");
    const second = await open(smallStack({ retention: 14 }), ports);
    expect((await second.plan({ refresh: true, adopt: [] })).changes).toEqual([
      { address: "aws_cloudwatch_log_group.first", type: "aws_cloudwatch_log_group", action: "update", attributes: ["retention_in_days"] },
    ]);
    await second.apply();
    expect(await second.settled()).toBeGreaterThan(serial ?? 0);
    expect(await second.passThrough(["output", "-raw", "no-such-output"])).toBeGreaterThan(0);

    await second.destroy();
    expect(await second.addresses()).toEqual([]);
    await second.settled();
    expect(JSON.parse(saved.at(-1)?.body ?? "").resources).toEqual([]);
    await second.close();
    await second.close();
    await second.remove();
    expect(existsSync(place.runFolder())).toBe(false);
    expect(saved.map((copy) => copy.serial)).toEqual(saved.map((copy) => copy.serial).sort((a, b) => a - b));
  });

  it("works with a provider for each command, too", patient, async () => {
    const open = terraformStacks(place.options(emulator.url, { shareProvider: false }));
    const { ports } = recordingPorts();
    const stack = await open(smallStack({ name: "alone" }), ports);
    expect((await stack.plan({ refresh: false, adopt: [] })).changes).toHaveLength(4);
    await stack.apply();
    expect((await stack.addresses()).sort()).toEqual(all);
    await stack.destroy();
    expect(await stack.addresses()).toEqual([]);
    await stack.close();
    await stack.remove();
    expect(processesOf(place.path)).toEqual([]);
  });
});

describe("state", () => {
  it("comes back from the stored copy when the local file is cut short, and resources that it never knew are adopted", patient, async () => {
    const open = terraformStacks(place.options(emulator.url));
    const { ports, saved } = recordingPorts();
    const first = await open(smallStack({ name: "cut" }), ports);
    await first.plan({ refresh: false, adopt: [] });
    await first.apply();
    await first.settled();
    await first.close();
    const file = join(place.runFolder("cut"), "terraform.tfstate");
    truncateSync(file, 700);
    writeFileSync(join(place.runFolder("cut"), ".terraform.tfstate.lock.info"), '{"ID":"of a dead run"}');

    const second = await open(smallStack({ name: "cut" }), ports);
    expect((await second.addresses()).sort()).toEqual(all);
    // In a plan, by import blocks.
    expect(await second.passThrough(["state", "rm", "aws_s3_bucket.files", "aws_dynamodb_table.rows"])).toBe(0);
    const adoptions = [
      { address: "aws_s3_bucket.files", importId: "cut-files" },
      { address: "aws_dynamodb_table.rows", importId: "cut-rows" },
    ];
    const { changes } = await second.plan({ refresh: true, adopt: adoptions });
    expect(changes.map(({ address, action }) => ({ address, action }))).toEqual(
      expect.arrayContaining(adoptions.map(({ address }) => ({ address, action: expect.stringMatching(/import|update/) }))),
    );
    await second.apply();
    expect((await second.addresses()).sort()).toEqual(all);
    expect(readdirSync(place.runFolder("cut"))).not.toContain("adopt.tf.json");
    // Before a destroy, by import; what is known or gone is no error.
    expect(await second.passThrough(["state", "rm", "aws_s3_bucket.files"])).toBe(0);
    await second.adopt([...adoptions, { address: "aws_cloudwatch_log_group.second", importId: "cut-second" }]);
    expect((await second.addresses()).sort()).toEqual(all);
    expect(await second.passThrough(["state", "rm", "aws_s3_bucket.files"])).toBe(0);
    await second.adopt([{ address: "aws_s3_bucket.files", importId: "cut-never-was" }]);
    expect(await second.addresses()).not.toContain("aws_s3_bucket.files");
    await second.settled();
    await second.close();
    expect(saved.at(-1)?.serial).toBeGreaterThan(1);
  });

  it("isn't touched by a throw-away stack, and what a killed one left is swept", patient, async () => {
    const options = place.options(emulator.url);
    const dead = join(options.cacheDir, "plans", "1-dead");
    const scratch = join(place.path, "dead-scratch");
    const { ports, saved } = recordingPorts();
    const open = terraformStacks(options);
    const stack = await open(smallStack({ name: "cut", scratch: true }), ports); // makes the plans folder
    await stack.close();
    for (const folder of [dead, scratch]) mkdirSync(folder, { recursive: true });
    writeFileSync(join(dead, "processes.json"), JSON.stringify({ owner: { pid: 1, startedAt: "long ago" }, scratch }));
    const before = readFileSync(join(place.runFolder("cut"), "terraform.tfstate"), "utf8");

    const again = await open(smallStack({ name: "cut", scratch: true }), ports);
    expect((await again.plan({ refresh: false, adopt: [] })).changes.length).toBeGreaterThan(0);
    await again.close();
    expect(readdirSync(join(options.cacheDir, "plans"))).toEqual([]);
    expect(existsSync(scratch)).toBe(false);
    expect(readFileSync(join(place.runFolder("cut"), "terraform.tfstate"), "utf8")).toBe(before);
    expect(saved).toEqual([]);
  });
});

describe("refuses clearly", () => {
  it("a run folder that can't be written", patient, async () => {
    const file = join(place.path, "a-file");
    writeFileSync(file, "");
    const open = terraformStacks({ ...place.options(emulator.url), dataDir: file });
    await expect(open(smallStack(), recordingPorts().ports)).rejects.toMatchObject({ code: "run-folder.unwritable", kind: "failed" });
  });

  it("an endpoint that nobody answers", patient, async () => {
    const { ports } = recordingPorts();
    const stack = await terraformStacks(place.options("http://127.0.0.1:9"))(smallStack({ name: "nobody" }), ports);
    await expect(stack.plan({ refresh: false, adopt: [] })).rejects.toMatchObject({ code: "aws.unreachable", kind: "external" });
    await stack.close();
  });

  it("what AWS already has and we don't know", patient, async () => {
    const open = terraformStacks(place.options(emulator.url));
    const make = { method: "POST", headers: { "x-amz-target": "Logs_20140328.CreateLogGroup", "content-type": "application/x-amz-json-1.1" } };
    const authorization = "AWS4-HMAC-SHA256 Credential=AKIA/20261121/us-east-1/logs/aws4_request, SignedHeaders=host, Signature=0";
    const made = await fetch(emulator.url, { ...make, headers: { ...make.headers, authorization }, body: '{"logGroupName":"taken-first"}' });
    expect(made.status).toBe(200);
    const stack = await open(smallStack({ name: "taken" }), recordingPorts().ports);
    await stack.plan({ refresh: false, adopt: [] });
    await expect(stack.apply()).rejects.toMatchObject({ code: "terraform.already-exists", message: expect.stringContaining("aws_cloudwatch_log_group.first") });
    await stack.close();
  });
});
