/** Kills and bad weather over deploy-app, purge and clean-up: the old release answers until the new one is good, a second run converges. */
import { join } from "node:path";
import { ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import Libsql from "libsql";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestApp } from "../support/app.ts";
import { handlerOf, newApp } from "../support/app.ts";
import type { Home, Ran } from "../support/cli.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { Cloud } from "../support/cloud.ts";
import { ask, startCloud } from "../support/cloud.ts";
import { liveResources } from "../support/oracle.ts";
import { processesOf } from "../support/processes.ts";

const trials = Number(process.env.CHARTCTL_FAULT_TRIALS ?? 6);
const seed = Number(process.env.CHARTCTL_FAULT_SEED ?? 1);

let cloud: Cloud;
let home: Home;
let app: TestApp;
let url: string;
const sales = ["-t", "acme", "-p", "sales", "--json", "--yes"];
const errorOf = (ran: Ran) => (JSON.parse(ran.stdout) as { error: { code: string; hint: string | null } }).error;

beforeAll(async () => {
  cloud = await startCloud(seed);
  home = newHome(cloud.env);
  app = newApp();
  for (let at = 0; at < 40; at++) app.write(`site/data/${at}.json`, JSON.stringify({ at }));
  expect((await home.run("tenants", "add", "acme", "--role-arn", "arn:aws:iam::123456789012:role/acme")).code).toBe(0);
  const provisioned = await home.run(...sales, "provision", "--ttl", "2h");
  expect(provisioned.code, provisioned.stderr).toBe(0);
  url = (await home.run("-t", "acme", "-p", "sales", "open", "--print")).stdout.trim();
}, 120_000);

afterAll(async () => {
  home?.remove();
  app?.remove();
  await cloud?.stop();
});

const deploy = () => home.run(...sales, "deploy-app", "--source", app.folder);
/** Page and API of one and the same release, or the placeholder. */
async function answering(): Promise<string> {
  const [page, api] = await Promise.all([ask(url), ask(`${url}/api/name`)]);
  expect(page.status, page.text).toBe(200);
  if (page.headers["x-chartctl-build"] === "placeholder") return "placeholder";
  const { name } = JSON.parse(api.text) as { name: string };
  expect(page.text).toContain(`<h1>${name}</h1>`);
  return name;
}
const write = (name: string): void => {
  app.write("site/index.html", `<h1>${name}</h1>`);
  app.write("api/index.ts", handlerOf(name));
};
const releases = async () => dataOf<{ number: number; status: string }[]>(await home.run(...sales, "releases"));
const versionsLeft = async (): Promise<number> => {
  const s3 = new S3Client({ endpoint: cloud.url, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" }, forcePathStyle: true });
  const { key } = dataOf<{ key: string }>(await home.run(...sales, "status"));
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: `chart-${key}-sales-site` }));
  return Versions.length + DeleteMarkers.length;
};

/** Kills a command so many milliseconds after it began; true when it was still running. */
async function killedAfter(milliseconds: number, ...command: string[]): Promise<boolean> {
  const { child, ended } = home.start(...sales, ...command);
  const timer = setTimeout(() => {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {} // ended just now
  }, milliseconds);
  const ran = await ended;
  clearTimeout(timer);
  return ran.signal !== null;
}

/** Moments spread over a run of this length. */
const moments = (length: number): number[] => Array.from({ length: trials }, (_, at) => Math.round(80 + ((at + (seed % 7) / 7) * length) / trials));

/** As if its time had passed: nobody wants to wait for that. */
function expireNow(projectId: string): void {
  const db = new Libsql(join(home.path, "data", "chartctl.db"), { timeout: 10_000 });
  db.prepare("update projects set expires_at = ? where id = ?").run(new Date(Date.now() - 1_000).toISOString(), projectId);
  db.close();
}

describe("killed with -9", { timeout: 300_000 }, () => {
  it("deploy-app: an answer is always one release's, whole; the next run is live", async () => {
    write("r0");
    const first = await deploy();
    expect([first.code, first.stderr.includes("Warning")]).toEqual([0, false]);
    let killed = 0;
    for (const [at, moment] of moments(700).entries()) {
      write(`r${at + 1}`);
      const before = await answering();
      const dead = await killedAfter(moment, "deploy-app", "--source", app.folder);
      if (dead) killed++;
      expect([before, `r${at + 1}`]).toContain(await answering());
      const again = await deploy();
      expect(again.code, again.stdout + again.stderr).toBe(0);
      expect(await answering()).toBe(`r${at + 1}`);
    }
    expect(killed).toBeGreaterThan(trials / 3);
    const all = await releases();
    expect(all.filter(({ status }) => status === "live")).toHaveLength(1);
    expect(all.map(({ number }) => number)).toEqual(all.map((_, at) => all.length - at)); // none is lost, none counted twice
    expect(processesOf(home.path)).toEqual([]);
  });

  it("rollback: the same", async () => {
    const target = (await releases()).find(({ status }) => status === "retired")?.number ?? 1;
    for (const moment of moments(450)) {
      await killedAfter(moment, "deploy-app", "--rollback", String(target));
      await answering();
    }
    expect((await home.run(...sales, "deploy-app", "--rollback", String(target))).code).toBe(0);
    await answering();
  });

  it("purge: goes on where it stopped, until nothing is left", async () => {
    for (const moment of moments(500)) {
      write(`p${moment}`);
      expect((await deploy()).code).toBe(0);
      await killedAfter(moment, "purge", "--data");
      const again = await home.run(...sales, "purge", "--data");
      expect(again.code, again.stdout + again.stderr).toBe(0);
      expect([await answering(), await versionsLeft()]).toEqual(["placeholder", 0]);
    }
  });

  it("clean-up of what has expired: the next one ends it, nothing is left in AWS or in the books", async () => {
    write("short");
    expect((await deploy()).code).toBe(0);
    const projectId = "brief";
    const brief = ["-t", "acme", "-p", projectId, "--json", "--yes"];
    expect((await home.run(...brief, "provision", "--ttl", "60s")).code).toBe(0);
    expireNow(projectId);
    const planned = dataOf<{ projectId: string; action: string }[]>(await home.run("-t", "acme", "--json", "cleanup", "--dry-run"));
    expect(planned).toMatchObject([{ projectId, action: "destroy" }]);
    for (const moment of [700, 2_000, 4_000]) await killedAfter(moment, "cleanup");
    await expect
      .poll(async () => dataOf<unknown[]>(await home.run("-t", "acme", "--json", "--yes", "cleanup")).length, { timeout: 120_000, interval: 1_000 })
      .toBe(0);
    expect((await home.run(...brief, "status")).code).toBe(6);
    expect(await answering()).toBe("short"); // the other project was left alone
    expect((await liveResources(cloud.url)).filter((name) => name.includes("brief"))).toEqual([]);
  });
});

describe("bad weather", { timeout: 300_000 }, () => {
  /** Runs until it succeeds; each failure must be one that a person can act on. */
  async function untilDone(...command: string[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const ran = await home.run(...sales, ...command);
      if (ran.code === 0) return;
      expect([1, 7], ran.stdout + ran.stderr).toContain(ran.code);
      expect(errorOf(ran)).toMatchObject({ code: expect.stringMatching(/^(aws|app)\./), hint: expect.any(String) });
      expect(attempt, `still failing: ${ran.stdout}`).toBeLessThan(8);
    }
  }

  it("a shower of everything over deploy-app and purge: what answers is whole, and both end well", async () => {
    for (let round = 1; round <= 3; round++) {
      const weather = [cloud.aws, cloud.lambda].flatMap((proxy) => [
        proxy.disturb({ fault: "throttle", share: 0.06 }),
        proxy.disturb({ fault: "unavailable", share: 0.05 }),
        proxy.disturb({ fault: "drop", share: 0.04 }),
        proxy.disturb({ fault: "lose-answer", share: 0.04 }),
      ]);
      write(`w${round}`);
      await untilDone("deploy-app", "--source", app.folder);
      for (const stop of weather) stop();
      expect(await answering()).toBe(`w${round}`);
    }
    const storm = [cloud.aws, cloud.lambda].map((proxy) => proxy.disturb({ fault: "unavailable", share: 0.15 }));
    await untilDone("purge", "--data");
    for (const stop of storm) stop();
    expect([await answering(), await versionsLeft()]).toEqual(["placeholder", 0]);
    expect(cloud.aws.done.length + cloud.lambda.done.length).toBeGreaterThan(10);
  });

  it.each([
    ["throttle", "aws.throttled"],
    ["unavailable", "aws.unavailable"],
    ["expire", "aws.expired-credentials"],
    ["drop", "aws.unreachable"],
  ] as const)("the switch can't be made (%s): %s, and the old release answers", async (fault, code) => {
    write("calm");
    expect((await deploy()).code).toBe(0);
    write("never");
    const calm = cloud.lambda.disturb({ fault, pattern: /PUT .*\/aliases\// });
    const ran = await deploy();
    calm();
    expect(errorOf(ran)).toMatchObject({ code });
    expect(await answering()).toBe("calm");
    expect((await releases())[0]).toMatchObject({ status: "failed" });
  });

  it("the answer to the switch is lost: the next run finds it done", async () => {
    write("lost");
    const calm = cloud.lambda.disturb({ fault: "lose-answer", pattern: /PUT .*\/aliases\// });
    await deploy();
    calm();
    expect(["calm", "lost"]).toContain(await answering());
    expect((await deploy()).code).toBe(0);
    expect(await answering()).toBe("lost");
  });

  it("a purge whose batches are throttled asks again, and ends", async () => {
    const refused = cloud.aws.disturb({ fault: "throttle", pattern: /POST .*delete/, times: 2 });
    const ran = await home.run(...sales, "purge");
    refused();
    expect(ran.code, ran.stdout).toBe(0);
    expect(await versionsLeft()).toBe(0);
  });
});

describe("two operators at once", { timeout: 400_000 }, () => {
  const commands: Record<string, string[]> = {
    provision: ["provision"],
    deploy: ["deploy-app", "--source", "APP"],
    purge: ["purge", "--data"],
    destroy: ["destroy", "--purge"],
    cleanup: ["cleanup"],
  };
  const pairs = Object.keys(commands).flatMap((a, at, all) => all.slice(at).map((b) => [a, b] as const));
  const run = (name: string) => home.run(...sales, ...(commands[name] ?? []).map((word) => (word === "APP" ? app.folder : word)));

  it.each(pairs)("%s and %s: each ends well or is told, and what stands is whole", async (a, b) => {
    expect((await run("provision")).code).toBe(0);
    const both = await Promise.all([run(a), run(b)]);
    for (const ran of both) {
      // Done, a conflict, or (after a destroy) no such project and nothing deployed.
      expect([0, 5, 6], ran.stdout + ran.stderr).toContain(ran.code);
      if (ran.code === 5) expect(errorOf(ran).code).toMatch(/^(operation\.(running|fenced)|project\.not-deployed|application\.active)$/);
    }
    expect(both.some(({ code }) => code === 0)).toBe(true);
    expect(processesOf(home.path)).toEqual([]);
    const standing = await liveResources(cloud.url);
    const known = await home.run(...sales, "status");
    if (known.code === 6) expect(standing).toEqual([]);
    else {
      const { key, outputs } = dataOf<{ key: string; outputs: { url?: string } }>(known);
      expect(
        standing.every((name) => name.includes(key)),
        standing.join(),
      ).toBe(true);
      if (outputs.url) url = (await home.run("-t", "acme", "-p", "sales", "open", "--print")).stdout.trim();
      await answering();
    }
  });
});
