/** Bad weather in AWS, through a proxy that throttles, fails, cuts connections and loses answers: every run ends clearly, the next converges. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AwsProxy } from "../support/aws-proxy.ts";
import { proxyAws } from "../support/aws-proxy.ts";
import type { Home, Ran } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { TestEmulator } from "../support/emulator.ts";
import { startEmulator } from "../support/emulator.ts";
import { liveResources } from "../support/oracle.ts";
import { processesOf } from "../support/processes.ts";

let emulator: TestEmulator;
let proxy: AwsProxy;
let home: Home;
const seed = Number(process.env.CHARTCTL_FAULT_SEED ?? 1);

beforeAll(async () => {
  emulator = await startEmulator();
  proxy = await proxyAws(emulator.url, seed);
  home = newHome({ AWS_ENDPOINT_URL: proxy.url, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1" });
  expect((await home.run("tenants", "add", "acme", "--role-arn", "arn:aws:iam::123456789012:role/acme")).code).toBe(0);
}, 60_000);

afterEach(async () => {
  expect(processesOf(home.path)).toEqual([]);
});
afterAll(async () => {
  await proxy?.close();
  await emulator?.stop();
  home?.remove();
});

const sales = ["-t", "acme", "-p", "sales", "--json", "--yes"];
const errorOf = (ran: Ran) => (JSON.parse(ran.stdout) as { error: { code: string; message: string; hint: string | null } }).error;
const booked = async (): Promise<number> => dataOf<{ used: { projects: number } }>(await home.run("-t", "acme", "--json", "quota")).used.projects;

/** Runs until it succeeds; each failure on the way must be one that a person can act on. */
async function untilDone(...command: string[]): Promise<Ran> {
  for (let attempt = 1; ; attempt++) {
    const ran = await home.run(...sales, ...command);
    if (ran.code === 0) return ran;
    expect(ran.code, ran.stdout + ran.stderr).toBe(7);
    expect(errorOf(ran)).toMatchObject({ code: expect.stringMatching(/^(aws|terraform|provision|destroy)\./), hint: expect.any(String) });
    expect(attempt, `still failing: ${ran.stdout}`).toBeLessThan(6);
  }
}

describe("bad weather", { timeout: 400_000 }, () => {
  it("a shower of everything: provision and destroy converge, nothing is orphaned", async () => {
    const calm = [
      proxy.disturb({ fault: "throttle", share: 0.06 }),
      proxy.disturb({ fault: "unavailable", share: 0.04 }),
      proxy.disturb({ fault: "drop", share: 0.03 }),
      proxy.disturb({ fault: "lose-answer", share: 0.03 }),
    ];
    await untilDone("provision");
    for (const stop of calm) stop();
    expect(proxy.done.length).toBeGreaterThan(3);
    expect(dataOf<{ outcome: string }>(await home.run(...sales, "provision")).outcome).toBe("unchanged");
    expect(await booked()).toBe(1);
    const storm = [proxy.disturb({ fault: "throttle", share: 0.06 }), proxy.disturb({ fault: "lose-answer", share: 0.05 })];
    // A lost answer to a delete can end as "gone already", by Terraform or by the proof: the project is gone either way.
    const ended = await untilDone("destroy");
    for (const stop of storm) stop();
    expect(dataOf<{ outcome: string }>(ended).outcome).toBe("destroyed");
    expect(await liveResources(emulator.url)).toEqual([]);
    expect(await booked()).toBe(0);
  });

  it("a create whose answer is lost: the failed provision takes its own away, and its booking ends", async () => {
    const calm = proxy.disturb({ fault: "lose-answer", pattern: /CreateTable/, times: 1 });
    const ran = await home.run(...sales, "provision");
    calm();
    if (ran.code !== 0) {
      expect(ran.code, ran.stdout + ran.stderr).toBe(7);
      expect(await liveResources(emulator.url)).toEqual([]);
      expect(await booked()).toBe(0);
      expect((await home.run(...sales, "provision")).code).toBe(0);
    }
    expect(await booked()).toBe(1);
    expect((await home.run(...sales, "destroy")).code).toBe(0);
    expect(await liveResources(emulator.url)).toEqual([]);
  });

  it("credentials that expire in the middle: said so, and what was made is taken away with fresh ones", async () => {
    const calm = proxy.disturb({ fault: "expire", pattern: /CreateTable/ });
    const ran = await home.run(...sales, "provision");
    calm();
    expect(ran.code, ran.stdout + ran.stderr).toBe(7);
    expect(errorOf(ran)).toMatchObject({ code: "aws.expired-credentials", hint: expect.stringContaining("sign in") });
    expect(await liveResources(emulator.url)).toEqual([]);
    expect(await booked()).toBe(0);
  });

  it.each([
    ["expire", "aws.expired-credentials", 4],
    ["throttle", "aws.throttled", 7],
    ["unavailable", "aws.unavailable", 7],
    ["drop", "aws.unreachable", 7],
  ] as const)("the role can't be assumed (%s): %s, nothing booked", async (fault, code, exit) => {
    const calm = proxy.disturb({ fault, pattern: /AssumeRole/ });
    const ran = await home.run(...sales, "provision");
    calm();
    expect(ran.code, ran.stdout + ran.stderr).toBe(exit);
    expect(errorOf(ran).code).toBe(code);
    expect(await booked()).toBe(0);
  });
});
