/**
 * kill -9 at any moment of provision and destroy: of the CLI alone, of Terraform alone, of the whole group.
 * Then the same command again must converge: no orphan in AWS, no stray process, no lost or doubled booking.
 * CHARTCTL_FAULT_TRIALS sets how many random kills of each kind are tried; CHARTCTL_FAULT_SEED repeats a run.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Home, Ran } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import { startEmulator } from "../support/emulator.ts";
import { liveResources } from "../support/oracle.ts";
import { processesOf } from "../support/processes.ts";
import { random } from "../support/random.ts";

const trials = Number(process.env.CHARTCTL_FAULT_TRIALS ?? 1);
const seed = Number(process.env.CHARTCTL_FAULT_SEED ?? Date.now() % 1_000_000);

let emulator: Awaited<ReturnType<typeof startEmulator>>;
let home: Home;
let expected: string[];
const project = ["-t", "acme", "-p", "crash", "--json", "--yes"];

beforeAll(async () => {
  emulator = await startEmulator();
  home = newHome({ AWS_ENDPOINT_URL: emulator.url, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_REGION: "us-east-1" });
  expect((await home.run("tenants", "add", "acme", "--role-arn", "arn:aws:iam::123456789012:role/acme")).code).toBe(0);
  const first = await home.run(...project, "provision");
  expect(first.stderr + first.stdout).toContain("deployed");
  expected = anonymous(await liveResources(emulator.url));
  expect(expected.length).toBeGreaterThan(10);
  expect((await home.run(...project, "destroy")).code).toBe(0);
  expect(await liveResources(emulator.url)).toEqual([]);
}, 120_000);

afterAll(async () => {
  await emulator?.stop();
  home?.remove();
});

const anonymous = (names: string[]): string[] => names.map((name) => name.replaceAll(/chart-[a-z0-9]{10}-/g, "chart-KEY-"));

type Victim = "cli" | "terraform" | "everything";

/** Kills after `delay` ms; true when the victim was still there. */
async function killDuring(victim: Victim, delay: number, ...args: string[]): Promise<{ ran: Ran; hit: boolean }> {
  const { child, ended } = home.start(...args);
  await new Promise((resolve) => setTimeout(resolve, delay));
  let hit = child.exitCode === null;
  if (victim === "cli") child.kill("SIGKILL");
  else {
    const targets = processesOf(home.path).filter(
      ({ pid, command }) => pid !== child.pid && (victim === "everything" || /terraform (plan|apply)/.test(command)),
    );
    hit &&= targets.length > 0;
    if (victim === "everything") child.kill("SIGKILL");
    for (const { pid } of targets) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // ended by itself meanwhile
      }
    }
  }
  return { ran: await ended, hit };
}

async function untilNoProcess(seconds: number): Promise<string[]> {
  for (let waited = 0; waited < seconds * 4; waited++) {
    if (processesOf(home.path).length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return processesOf(home.path).map(({ command }) => command);
}

describe(`killed at a random moment (seed ${seed})`, () => {
  const next = random(seed);
  for (const victim of ["cli", "terraform", "everything"] as const) {
    for (let trial = 1; trial <= trials; trial++) {
      const [provisionDelay, destroyDelay] = [200 + next() * 5_500, 200 + next() * 3_000];
      it(`${victim}, ${trial}: provision after ${provisionDelay.toFixed(0)} ms, destroy after ${destroyDelay.toFixed(0)} ms`, {
        timeout: 240_000,
      }, async () => {
        await killDuring(victim, provisionDelay, ...project, "provision");
        const again = await home.run(...project, "provision");
        expect({ code: again.code, stderr: again.stderr }).toMatchObject({ code: 0 });
        expect(anonymous(await liveResources(emulator.url))).toEqual(expected);
        expect(dataOf<{ used: { projects: number } }>(await home.run("-t", "acme", "--json", "quota")).used.projects).toBe(1);
        expect(await untilNoProcess(20)).toEqual([]);

        await killDuring(victim, destroyDelay, ...project, "destroy");
        const gone = await home.run(...project, "destroy");
        expect([0, 6], gone.stderr + gone.stdout).toContain(gone.code); // 6: the first one had finished
        expect(await liveResources(emulator.url)).toEqual([]);
        expect(dataOf<{ used: { projects: number } }>(await home.run("-t", "acme", "--json", "quota")).used.projects).toBe(0);
        expect(await untilNoProcess(20)).toEqual([]);
      });
    }
  }
});
