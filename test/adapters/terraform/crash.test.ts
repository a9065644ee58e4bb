/**
 * Deaths in the middle of an apply, at two instants: AWS has made the table, and Terraform waits for the answer (the worst:
 * even a gentle stop cancels that request, so no state can know the table); or it has the answer, and waits for the table
 * to become active. Whoever dies, no process is left, and what was made is in the state, or adopted by the next run.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { terraformStacks } from "../../../src/adapters/terraform/stack.ts";
import { stateAddresses } from "../../../src/adapters/terraform/state.ts";
import { ChartctlError } from "../../../src/errors.ts";
import type { AwsProxy } from "../../support/aws-proxy.ts";
import { proxyAws } from "../../support/aws-proxy.ts";
import type { TestEmulator } from "../../support/emulator.ts";
import { startEmulator } from "../../support/emulator.ts";
import { processesOf } from "../../support/processes.ts";
import type { Place } from "./small-stack.ts";
import { all, eventually, newPlace, recordingPorts, smallStack } from "./small-stack.ts";

let emulator: TestEmulator;
let aws: AwsProxy;
let place: Place;
let bundle: string;

beforeAll(async () => {
  emulator = await startEmulator();
  aws = await proxyAws(emulator.url);
  place = newPlace();
  bundle = join(place.path, "parent.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./parent.ts", import.meta.url))],
    outfile: bundle,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
}, 60_000);
afterAll(async () => {
  await aws?.close();
  await emulator?.stop();
  place?.remove();
});

const patient = { timeout: 120_000 };
const answerPending = /CreateTable/;
const answerKnown = /DescribeTable/;
const withoutTable = all.filter((address) => !address.includes("table"));
const stateOf = (name: string): string[] => stateAddresses(readFileSync(join(place.runFolder(name), "terraform.tfstate"), "utf8")).sort();
/** While Terraform writes it. */
function writtenState(name: string): string[] {
  try {
    return stateOf(name);
  } catch {
    return [];
  }
}
const running = (pattern: RegExp): number[] => processesOf(place.path).flatMap(({ pid, command }) => (pattern.test(command) ? [pid] : []));
/** Terraform itself; its guard has the same words behind its own. */
const terraform = /^\S*terraform apply/;
const provider = /terraform-provider-aws/;
const nobodyLeft = async (seconds: number): Promise<void> => {
  await eventually(() => processesOf(place.path).length === 0, seconds);
  expect(processesOf(place.path)).toEqual([]);
};

/** A chartctl of its own that applies the stack, held at one of the two instants. */
async function parentAt(instant: RegExp, name: string, shareProvider = true): Promise<{ parent: ChildProcess; release(): void }> {
  const { dataDir, cacheDir } = place.options(aws.url);
  const given = join(place.path, `${name}.json`);
  const ask = fileURLToPath(new URL("./ask.mjs", import.meta.url));
  writeFileSync(given, JSON.stringify({ url: aws.url, dataDir, cacheDir, ask, savedFile: join(place.path, `${name}.saved`), shareProvider, name }));
  const table = aws.hold(instant);
  const parent = spawn(process.execPath, [bundle, given], { stdio: "ignore", detached: true });
  const exited = new Promise((resolve) => parent.once("exit", resolve));
  await Promise.race([table.reached, exited.then((code) => Promise.reject(new Error(`the parent ended first: ${code}`)))]);
  // The state's last write before it; a cut file has a test of its own.
  await eventually(() => withoutTable.every((address) => writtenState(name).includes(address)), 60);
  return { parent, release: table.release };
}

/** The next run: opens, adopts what the state lacks, plans and applies; then takes everything away. */
async function converge(name: string, expected: string[], opened = (): void => {}): Promise<void> {
  const { ports } = recordingPorts({ loadState: async () => lastSaved(name) });
  const stack = await terraformStacks(place.options(emulator.url))(smallStack({ name }), ports);
  try {
    opened();
    expect((await stack.addresses()).sort()).toEqual(expected);
    const adopt = expected.length === all.length ? [] : [{ address: "aws_dynamodb_table.rows", importId: `${name}-rows` }];
    await stack.plan({ refresh: true, adopt });
    await stack.apply();
    expect((await stack.addresses()).sort()).toEqual(all);
    await stack.destroy();
    expect(await stack.addresses()).toEqual([]);
  } finally {
    await stack.close();
  }
  await stack.remove();
  await nobodyLeft(1);
}

function lastSaved(name: string) {
  try {
    return JSON.parse(
      readFileSync(join(place.path, `${name}.saved`), "utf8")
        .trimEnd()
        .split("\n")
        .at(-1) ?? "",
    );
  } catch {
    return undefined; // none was sent
  }
}

const kinds = [
  { shareProvider: true, how: "one provider" },
  { shareProvider: false, how: "a provider a command" },
];

describe("kill -9 of chartctl", () => {
  it.each(kinds)("alone, $how: Terraform writes all that AWS has answered, and nothing stays", patient, async ({ shareProvider }) => {
    const name = shareProvider ? "orphan" : "orphan2";
    const { parent, release } = await parentAt(answerKnown, name, shareProvider);
    parent.kill("SIGKILL");
    await nobodyLeft(15);
    release();
    expect(stateOf(name)).toEqual(all);
    await converge(name, all);
  });

  it("alone, with an answer pending: the state is whole without it, and the table is adopted", patient, async () => {
    const { parent, release } = await parentAt(answerPending, "pending");
    parent.kill("SIGKILL");
    await nobodyLeft(15);
    release();
    expect(stateOf("pending")).toEqual(withoutTable);
    await converge("pending", withoutTable);
  });

  it.each(kinds)("with Terraform, $how: no provider stays, and the table is adopted", patient, async ({ shareProvider }) => {
    const name = shareProvider ? "both" : "both2";
    const { parent, release } = await parentAt(answerPending, name, shareProvider);
    parent.kill("SIGKILL");
    for (const pid of running(terraform)) process.kill(pid, "SIGKILL");
    await nobodyLeft(5);
    release();
    expect(stateOf(name)).toEqual(withoutTable);
    await converge(name, withoutTable);
  });

  it("with Terraform and its guard: the provider that is left is ended by the next run", patient, async () => {
    const { parent, release } = await parentAt(answerPending, "guardless", false);
    parent.kill("SIGKILL");
    for (const pid of running(/terraform apply/)) process.kill(pid, "SIGKILL");
    release();
    await converge("guardless", withoutTable);
  });

  it("and the same command at once: it waits for the one that is still stopping", patient, async () => {
    const { parent, release } = await parentAt(answerKnown, "waited");
    parent.kill("SIGKILL");
    await converge("waited", all, release);
  });

  it("isn't needed: one that hangs loses its Terraform to the next run", patient, async () => {
    const { parent, release } = await parentAt(answerKnown, "hung");
    parent.kill("SIGSTOP");
    await converge("hung", all, () => {
      release();
      parent.kill("SIGKILL");
    });
  });
});

describe("in a chartctl that lives on", () => {
  const planned = async (name: string, more: Parameters<typeof recordingPorts>[0] = {}, shareProvider = true) => {
    const recorded = recordingPorts(more);
    const stack = await terraformStacks(place.options(aws.url, { shareProvider }))(smallStack({ name }), recorded.ports);
    await stack.plan({ refresh: false, adopt: [] });
    return { stack, ...recorded };
  };
  const settle = async (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => "no error",
      (error: unknown) => error,
    );

  it("Terraform alone is killed: a clear error, no provider of its own stays, and the same stack goes on", patient, async () => {
    for (const shareProvider of [true, false]) {
      const name = shareProvider ? "tf" : "tf2";
      const { stack } = await planned(name, {}, shareProvider);
      const table = aws.hold(answerPending);
      const applying = settle(stack.apply());
      await table.reached;
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (const pid of running(terraform)) process.kill(pid, "SIGKILL");
      expect(await applying).toMatchObject({ kind: "external", message: expect.stringContaining("killed by SIGKILL") });
      if (!shareProvider) expect(await eventually(() => running(provider).length === 0, 10)).toBe(true);
      table.release();
      await stack.adopt([{ address: "aws_dynamodb_table.rows", importId: `${name}-rows` }]);
      expect((await stack.addresses()).sort()).toEqual(all);
      await stack.destroy();
      await stack.close();
      await stack.remove();
      await nobodyLeft(1);
    }
  });

  it("the provider alone is killed: a clear error, and the next command has a new one", patient, async () => {
    const { stack } = await planned("prov");
    const table = aws.hold(answerPending);
    const applying = settle(stack.apply());
    await table.reached;
    for (const pid of running(provider)) process.kill(pid, "SIGKILL");
    expect(await applying).toMatchObject({ code: "terraform.provider-died" });
    table.release();
    await stack.adopt([{ address: "aws_dynamodb_table.rows", importId: "prov-rows" }]);
    expect((await stack.addresses()).sort()).toEqual(all);
    await stack.destroy();
    await stack.close();
    await nobodyLeft(1);
  });

  it("Ctrl-C once: all that AWS has answered is stored", patient, async () => {
    const { stack, interrupt, saved } = await planned("gentle");
    const table = aws.hold(answerKnown);
    const applying = settle(stack.apply());
    await table.reached;
    interrupt.gentle.abort();
    expect(await applying).toMatchObject({ code: "interrupted", kind: "interrupted" });
    await stack.settled();
    await stack.close();
    table.release();
    expect(stateAddresses(saved.at(-1)?.body).sort()).toEqual(all);
    await nobodyLeft(1);
  });

  it("Ctrl-C twice: ends at once, and everything can be resumed", patient, async () => {
    const { stack, interrupt } = await planned("now");
    const table = aws.hold(answerPending);
    const applying = settle(stack.apply());
    await table.reached;
    interrupt.gentle.abort();
    interrupt.now.abort();
    expect(await applying).toMatchObject({ code: "interrupted" }); // and the answer is still held back
    await stack.close();
    await nobodyLeft(1);
    table.release();
    await converge("now", withoutTable);
  });

  it("credentials refused half-way (the lease is lost): Terraform is stopped, with all that AWS answered in the state", patient, async () => {
    let mine = true;
    const get = async () => {
      if (!mine) throw new ChartctlError({ kind: "conflict", code: "operation.fenced", message: "Another run has taken over" });
      return { accessKeyId: "ASIATEST", secretAccessKey: "short", sessionToken: "token", expiration: new Date(Date.now() + 1_000) };
    };
    const { stack } = await planned("fenced", { credentials: { get } });
    const bucket = aws.hold(/PUT \/fenced-files/); // made, and the table not yet begun
    const applying = settle(stack.apply());
    await Promise.race([bucket.reached, applying.then((end) => expect(end).toBe("still applying"))]);
    mine = false;
    setTimeout(bucket.release, 1_500); // by then it needs new credentials
    const since = Date.now();
    expect(await applying).toMatchObject({ code: "operation.fenced", kind: "conflict" });
    expect(Date.now() - since).toBeLessThan(15_000);
    expect((await stack.addresses()).sort()).toEqual(withoutTable);
    await stack.close();
    await nobodyLeft(1);
  });

  it("credentials that can't be had: their own reason, not the helper's exit code", patient, async () => {
    const get = async () => {
      throw new ChartctlError({ kind: "auth", code: "aws.assume-role", message: "Role acme can't be assumed" });
    };
    const { ports } = recordingPorts({ credentials: { get } });
    const stack = await terraformStacks(place.options(aws.url))(smallStack({ name: "refused" }), ports);
    await expect(stack.plan({ refresh: false, adopt: [] })).rejects.toMatchObject({ code: "aws.assume-role", kind: "auth" });
    await stack.close();
  });

  it("a state that can't be stored is an error of `settled`, not of the apply", patient, async () => {
    let away = true;
    const serials: number[] = [];
    const saveState = async ({ serial }: { serial: number }): Promise<void> => {
      if (away) throw new Error("the control API is away");
      serials.push(serial);
    };
    const { stack } = await planned("unsaved", { saveState });
    await stack.apply();
    await expect(stack.settled()).rejects.toThrow("away");
    away = false;
    expect(serials).toEqual([]);
    const serial = await stack.settled();
    expect(serials).toEqual([serial]);
    await stack.destroy();
    await stack.close();
  });

  it("AWS refuses or throttles: named as that", patient, async () => {
    const cases = [
      { on: /CreateLogGroup/, status: 400, body: '{"__type":"ThrottlingException","message":"Rate exceeded"}', code: "aws.throttled" },
      {
        on: answerPending,
        status: 400,
        body: '{"__type":"com.amazon.coral.service#AccessDeniedException","message":"User is not authorized to perform: dynamodb:CreateTable"}',
        code: "aws.access-denied",
      },
    ];
    const { stack } = await planned("denied");
    for (const { on, status, body, code } of cases) {
      const allow = aws.refuse(on, status, body);
      await stack.plan({ refresh: false, adopt: [] });
      expect(await settle(stack.apply())).toMatchObject({ code, kind: "external" });
      allow();
    }
    await stack.destroy();
    await stack.close();
  });
});
