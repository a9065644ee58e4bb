/**
 * The hosted platform in a storm: two servers, two workers and their PostgreSQL, killed at random moments while clients order, book and
 * finish. Afterwards the books must hold everything that was answered, once, and nothing else.
 * CHARTCTL_FAULT_SEED repeats a run's moments and choices; CHARTCTL_FAULT_TRIALS makes that many storms of a minute.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PostgresServer } from "../../scripts/postgres.mjs";
import { startPostgres } from "../../scripts/postgres.mjs";
import { freePort } from "../../src/adapters/sandbox.ts";
import type { Job } from "../../src/contract/job-endpoints.ts";
import type { OpenedOperation } from "../../src/contract/lifecycle-endpoints.ts";
import { destroyOf, proof, provisionOf } from "../control/support.ts";
import type { Home } from "../support/cli.ts";
import { newHome } from "../support/cli.ts";
import { startEmulator } from "../support/emulator.ts";
import { liveResources } from "../support/oracle.ts";
import { processesOf } from "../support/processes.ts";
import { random } from "../support/random.ts";
import type { Supervised } from "../support/supervised.ts";
import { supervise } from "../support/supervised.ts";

const trials = Number(process.env.CHARTCTL_FAULT_TRIALS ?? 1);
const seed = Number(process.env.CHARTCTL_FAULT_SEED ?? Date.now() % 1_000_000);
const password = "correct horse battery";
const launcher = fileURLToPath(new URL("../../bin/chartctl.js", import.meta.url));
/** Inside the checkout: native packages are found from there. */
const stormWorker = fileURLToPath(new URL(`../../node_modules/.chartctl-storm-worker-${process.pid}.mjs`, import.meta.url));
const cwd = mkdtempSync(join(tmpdir(), "chartctl-storm-"));

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL("./storm-worker.ts", import.meta.url))],
    outfile: stormWorker,
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["libsql", "@node-rs/argon2", "pg-native"],
    banner: { js: "import{createRequire as __r}from'node:module';const require=__r(import.meta.url);" },
  });
});
afterAll(() => {
  rmSync(stormWorker, { force: true });
  rmSync(cwd, { recursive: true, force: true });
});

interface Platform {
  postgres: PostgresServer;
  urls: string[];
  servers: Supervised[];
  env: NodeJS.ProcessEnv;
  /** Undefined when nobody answered. */
  send(path: string, asked?: Asked): Promise<Answer | undefined>;
  stop(): Promise<void>;
}
interface Asked {
  /** Which server; any by default. */
  at?: number;
  method?: string;
  body?: unknown;
  tenant?: string;
  user?: string;
  key?: string;
}
interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects
  body: any;
}

async function startPlatform(servers: number, more: NodeJS.ProcessEnv = {}): Promise<Platform> {
  const postgres = await startPostgres();
  const home = newHome({
    DATABASE_URL: postgres.url(),
    CHARTCTL_MASTER_KEY: randomBytes(32).toString("base64"),
    CHARTCTL_OWNER_PASSWORD: password,
    RATE_LIMIT_PER_ADDRESS: "10000000",
    RATE_LIMIT_PER_CALLER: "10000000",
    MAX_RESOURCES_PER_USER: "10000",
    MAX_TOTAL_COST_PER_USER: "1000000",
    PUBLIC_URL: "http://chartctl.test",
    ...more,
  });
  const ports = await Promise.all(Array.from({ length: servers }, () => freePort()));
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const running = ports.map((port, at) =>
    supervise(`server ${at}`, [process.execPath, launcher, "serve"], { env: { ...home.env, PORT: String(port) }, cwd: home.path }),
  );
  let token = "";
  let next = 0;
  const send: Platform["send"] = async (path, { at = next++ % servers, method = "GET", body, tenant = "acme", user, key } = {}) => {
    try {
      const answer = await fetch(`${urls[at]}/api${path}`, {
        method,
        signal: AbortSignal.timeout(20_000),
        headers: {
          "x-chartctl-tenant": tenant,
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(user ? { "x-chartctl-user": user } : {}),
          ...(key ? { "idempotency-key": key } : {}),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    } catch {
      return undefined;
    }
  };
  for (let at = 0; at < servers; at++) await until(60, async () => (await send("/ready", { at }))?.status === 200, `server ${at} is ready`);
  const signedIn = await send("/auth/login", { method: "POST", body: { tenant: "platform", user: "owner", password } });
  token = signedIn?.body.token;
  const made = await send("/tenants", { method: "POST", body: { id: "acme", roleArn: null, accountId: null } });
  expect(made?.status, JSON.stringify(made?.body)).toBe(201);
  return {
    postgres,
    urls,
    servers: running,
    env: home.env,
    send,
    stop: async () => {
      await Promise.all(running.map((server) => server.stop()));
      await postgres.stop();
      home.remove();
    },
  };
}

async function until(seconds: number, done: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; await sleep(200)) if (await done()) return;
  throw new Error(`After ${seconds} s it is still not so that ${what}`);
}

/** A minute on request; half of it in every run. */
const halves = process.env.CHARTCTL_FAULT_TRIALS ? 2 : 1;
const stormMilliseconds = halves * 30_000;

describe.each(Array.from({ length: trials }, (_, trial) => seed + trial))("a storm (seed %i)", (stormSeed) => {
  it("loses nothing that was answered, does nothing twice, and ends by itself", async () => {
    const platform = await startPlatform(2);
    const { postgres, send } = platform;
    const books = async <Row>(query: string): Promise<Row[]> => {
      const client = new pg.Client(postgres.url());
      await client.connect();
      try {
        return (await client.query(query)).rows as Row[];
      } finally {
        await client.end();
      }
    };
    await books(`create table storm_effects (sequence bigint generated always as identity, job_id text not null, operation_id text not null,
      project_key text not null, fence integer not null, worker text not null, attempt integer not null, step text not null)`);
    for (const user of bookers) {
      const set = await send("/quota", { method: "PUT", body: { user, limits: { projectsPerUser: bookerLimit } } });
      expect(set?.status, JSON.stringify(set?.body)).toBe(200);
    }
    const workers = [0, 1].map((at) => supervise(`worker ${at}`, [process.execPath, stormWorker], { env: platform.env, cwd }));
    const processes = [...platform.servers, ...workers];
    try {
      const clients = startClients(platform, stormSeed);
      const kills = await storm(platform, workers, stormSeed);
      clients.stop();
      await clients.ended;
      await expectAll(platform, workers, clients, books);
      const { jobs, booked, refused, unanswered } = clients;
      const [{ taken = 0 } = {}] = await books<{ taken: number }>(`select count(*)::int as taken from jobs where attempts > 1`);
      console.log(
        `storm ${stormSeed}: ${kills.join(", ")}; ${jobs.size} jobs (${taken} taken over), ${booked.size} bookings, ${refused.size} refused, ${unanswered()} requests unanswered`,
      );
      expect(processes.flatMap(({ accidents }) => accidents)).toEqual([]);
      expect(taken).toBeGreaterThan(0);
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
      await platform.stop();
    }
  }, 180_000);
});

/** Kills until the time is over; PostgreSQL twice. Workers early enough that a lease that a death left behind ends soon after. */
async function storm({ postgres, servers }: Platform, workers: Supervised[], stormSeed: number): Promise<string[]> {
  const next = random(stormSeed);
  const one = <T>(of: T[]): T => of[Math.floor(next() * of.length)] as T;
  const between = (from: number, to: number): number => from + next() * (to - from);
  const plan = [
    ...Array.from({ length: halves * 5 }, () => ({ at: between(1_500, stormMilliseconds - 12_000), victim: one(workers).name })),
    ...Array.from({ length: halves * 6 }, () => ({ at: between(1_500, stormMilliseconds - 2_000), victim: one(servers).name })),
    { at: between(3_000, 5_000), victim: "postgres" },
    { at: between(9_000, stormMilliseconds - 14_000), victim: "postgres" },
  ].sort((a, b) => a.at - b.at);
  const started = Date.now();
  for (const { at, victim } of plan) {
    await sleep(Math.max(0, started + at - Date.now()));
    if (victim === "postgres") {
      await postgres.kill();
      await sleep(between(0, 1_000));
      await postgres.start();
    } else [...servers, ...workers].find(({ name }) => name === victim)?.kill();
  }
  await sleep(Math.max(0, started + stormMilliseconds - Date.now()));
  return plan.map(({ at, victim }) => `${victim} at ${(at / 1_000).toFixed(1)} s`);
}

/** Two processes of clients book for each of them, at this limit. */
const bookers = ["ana", "ben"];
const bookerLimit = 6;

interface Clients {
  /** Answered orders. */
  jobs: Map<string, Job>;
  /** Answered bookings: operation by project. */
  booked: Map<string, OpenedOperation>;
  destroyed: Set<string>;
  refused: Set<string>;
  unanswered(): number;
  stop(): void;
  ended: Promise<unknown>;
}

function startClients({ send }: Platform, stormSeed: number): Clients {
  const jobs: Clients["jobs"] = new Map();
  const booked: Clients["booked"] = new Map();
  const destroyed = new Set<string>();
  const refused = new Set<string>();
  let unanswered = 0;
  let stopped = false;
  /** The same request until it is answered for good; what only a moment's trouble answers is none. */
  const answered = async (path: string, asked: Asked, wanted: number[]): Promise<Answer> => {
    for (;;) {
      const answer = await send(path, asked);
      if (answer && wanted.includes(answer.status)) return answer;
      const again = !answer || answer.status === 503 || (answer.status === 409 && answer.body.code === "idempotency.running");
      if (!again) throw new Error(`${asked.method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      unanswered++;
      await sleep(80);
    }
  };
  const orders = async (client: number): Promise<void> => {
    const next = random(stormSeed * 31 + client);
    const standing: { projectId: string; jobId: string }[] = [];
    for (let number = 0; !stopped; number++) {
      const projectId = `job-${client}-${number}`;
      const user = `user-${client}`;
      const { body } = await answered("/deploy", { method: "POST", body: { projectId }, user, key: randomUUID() }, [202]);
      jobs.set(body.id, body);
      standing.push({ projectId, jobId: body.id });
      await sleep(400 + next() * 500);
      const oldest = standing[0];
      if (!oldest || next() < 0.5) continue;
      const job = (await answered(`/jobs/${oldest.jobId}`, { user }, [200])).body as Job;
      if (job.status !== "succeeded") continue;
      standing.shift();
      const destroy = await answered(`/deploy?projectId=${oldest.projectId}`, { method: "DELETE", user, key: randomUUID() }, [202]);
      jobs.set(destroy.body.id, destroy.body);
    }
  };
  const books = async (client: number): Promise<void> => {
    const next = random(stormSeed * 37 + client);
    const user = bookers[client % bookers.length] as string;
    const mine: OpenedOperation[] = [];
    for (let number = 0; !stopped; number++) {
      const projectId = `book-${client}-${number}`;
      const { status, body } = await answered("/operations", { method: "POST", body: provisionOf(projectId), user }, [200, 403]);
      if (status === 403) {
        expect(body.code).toBe("quota.projects");
        refused.add(projectId);
      } else {
        booked.set(projectId, body);
        mine.push(body);
        const { id, fence } = body.operation;
        await answered(`/operations/${id}/finish`, { method: "POST", body: { fence, outcome: "succeeded", standing: "something" }, user }, [200]);
      }
      if (mine.length > 0 && (status === 403 || next() < 0.3)) {
        const { project } = mine.splice(Math.floor(next() * mine.length), 1)[0] as OpenedOperation;
        const { operation } = (await answered("/operations", { method: "POST", body: destroyOf(project.id), user }, [200])).body as OpenedOperation;
        const end = { fence: operation.fence, outcome: "succeeded", standing: "nothing", receipt: proof() };
        await answered(`/operations/${operation.id}/finish`, { method: "POST", body: end, user }, [200]);
        destroyed.add(project.id);
      }
      await sleep(20 + next() * 100);
    }
  };
  const ended = Promise.all([...[0, 1, 2].map(orders), ...[0, 1, 2, 3].map(books)]);
  ended.catch(() => {});
  return {
    jobs,
    booked,
    destroyed,
    refused,
    unanswered: () => unanswered,
    stop: () => {
      stopped = true;
    },
    ended,
  };
}

function groupedBy<T>(rows: T[], keyOf: (row: T) => string | number): Map<string | number, T[]> {
  const groups = new Map<string | number, T[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

/** With Terraform, in the emulator. */
describe("a real worker", () => {
  it("that is killed in the middle of an apply, and one in a destroy, leave their jobs to the next", async () => {
    const emulator = await startEmulator();
    const platform = await startPlatform(1, {
      AWS_ENDPOINT_URL: emulator.url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/platform",
    });
    const { send } = platform;
    const homes: Home[] = [];
    /** On a machine of its own, as far as files go. */
    const startWorker = () => {
      const home = newHome();
      Object.assign(home.env, platform.env, { CHARTCTL_HOME: home.path });
      homes.push(home);
      const { child, ended } = home.start("worker");
      return async (signal: NodeJS.Signals): Promise<void> => {
        if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid as number), signal);
        await ended;
      };
    };
    const events = async (id: string) => (await send(`/jobs/${id}/progress`))?.body.events ?? [];
    const toldOf = async (id: string, step: string): Promise<boolean> =>
      (await events(id)).some(({ event }: { event: Record<string, unknown> }) => event.step === step && event.phase === "start");
    const ended = async (id: string): Promise<Job> => {
      let job: Job | undefined;
      await until(
        180, // a lease of a minute ends in between
        async () => {
          job = (await send(`/jobs/${id}`))?.body;
          return job !== undefined && job.finishedAt !== null;
        },
        `job ${id} has ended`,
      );
      return job as Job;
    };
    let end = startWorker();
    try {
      const ordered = (await send("/deploy", { method: "POST", body: { projectId: "sales" }, key: randomUUID() }))?.body as Job;
      await until(60, () => toldOf(ordered.id, "apply"), "an apply has begun");
      await end("SIGKILL");
      end = startWorker();
      expect(await ended(ordered.id)).toMatchObject({ status: "succeeded", attempts: 2, error: null });
      const [project, ...others] = (await send("/projects"))?.body ?? [];
      expect(others).toEqual([]);
      expect(project).toMatchObject({ id: "sales", infrastructure: "deployed" });
      expect((await send("/quota"))?.body.used).toEqual({ projects: 1, monthlyCents: project.monthlyCents });
      const made = await liveResources(emulator.url);
      expect(new Set(made).size).toBe(made.length);
      expect(made.length).toBeGreaterThan(10);
      expect(made.filter((name) => !name.includes(project.key))).toEqual([]);

      const destroys = (await send("/deploy?projectId=sales", { method: "DELETE", key: randomUUID() }))?.body as Job;
      await until(60, () => toldOf(destroys.id, "destroy"), "a destroy has begun");
      await end("SIGKILL");
      end = startWorker();
      expect(await ended(destroys.id)).toMatchObject({ status: "succeeded", attempts: 2, error: null });
      expect(await liveResources(emulator.url)).toEqual([]);
      expect((await send("/projects"))?.body).toEqual([]);
      expect((await send("/quota"))?.body.used).toEqual({ projects: 0, monthlyCents: 0 });
      for (const id of [ordered.id, destroys.id]) {
        const numbers = (await events(id)).map(({ sequence }: { sequence: number }) => sequence);
        expect(numbers).toEqual(numbers.map((_: number, at: number) => at + 1));
      }
      await end("SIGTERM");
      for (const { path } of homes) await until(20, async () => processesOf(path).length === 0, "no process of a worker is left");
    } finally {
      await end("SIGKILL");
      await platform.stop();
      await emulator.stop();
      for (const home of homes) home.remove();
    }
  }, 480_000);
});

interface EffectRow {
  sequence: number;
  job_id: string;
  operation_id: string;
  project_key: string;
  fence: number;
  worker: string;
  step: string;
}

async function expectAll(
  { urls, send }: Platform,
  workers: Supervised[],
  { jobs, booked, destroyed, refused }: Clients,
  books: <Row>(query: string) => Promise<Row[]>,
): Promise<void> {
  for (const at of urls.keys()) await until(20, async () => (await send("/ready", { at }))?.status === 200, `server ${at} is ready by itself`);

  // Jobs: all of them, and no others, end well.
  const unfinished = () => books<Job>(`select * from jobs where status in ('queued', 'running', 'waiting')`);
  // An operation whose end couldn't be written has a live holder: its lease of a minute has to end.
  await until(90, async () => (await unfinished()).length === 0, "every job has ended").catch(async (error: Error) => {
    const log = workers.flatMap((worker) => worker.lines()).slice(-40);
    throw new Error(`${error.message}: ${JSON.stringify(await unfinished())}\n${log.map((line) => JSON.stringify(line)).join("\n")}`);
  });
  const rows = await books<{ id: string; status: string; project_id: string; kind: string; error: string | null }>(`select * from jobs`);
  expect(rows.filter(({ status }) => status !== "succeeded")).toEqual([]);
  expect(rows.map(({ id }) => id).toSorted()).toEqual([...jobs.keys()].toSorted());

  // Each of them is in effect once: one operation of it has succeeded, and that one did each step once, alone.
  const succeeded = await books<{ id: string; project_id: string; kind: string; project_key: string }>(
    `select id, project_id, kind, project_key from operations where status = 'succeeded' and project_id like 'job-%'`,
  );
  expect(succeeded.map(({ project_id, kind }) => `${kind} ${project_id}`).toSorted()).toEqual(
    rows.map(({ project_id, kind }) => `${kind} ${project_id}`).toSorted(),
  );
  const effects = await books<EffectRow>(`select * from storm_effects order by sequence`);
  for (const { id, kind } of succeeded) {
    const own = effects.filter(({ operation_id }) => operation_id === id);
    expect(own.map(({ step }) => step)).toEqual(kind === "provision" ? ["plan", "apply", "verify"] : ["destroy", "verify"]);
  }
  const byProject = groupedBy(effects, ({ project_key }) => project_key);
  for (const own of byProject.values()) {
    const fences = own.map(({ fence }) => fence);
    expect(fences, `nobody writes under a fence that another has passed: ${JSON.stringify(own)}`).toEqual(fences.toSorted((a, b) => a - b));
    for (const same of groupedBy(own, ({ fence }) => fence).values()) expect(new Set(same.map(({ worker }) => worker)).size).toBe(1);
  }

  // What was booked is there, what was refused isn't, and the quota is what clients know.
  const live = await books<{ id: string; user_id: string; infrastructure: string; monthly_cents: number }>(
    `select id, user_id, infrastructure, monthly_cents from projects where ended_at is null`,
  );
  const provisioned = rows.filter(({ kind }) => kind === "provision").map(({ project_id }) => project_id);
  const gone = new Set([...destroyed, ...rows.filter(({ kind }) => kind === "destroy").map(({ project_id }) => project_id)]);
  expect(live.map(({ id }) => id).toSorted()).toEqual([...booked.keys(), ...provisioned].filter((id) => !gone.has(id)).toSorted());
  expect(live.filter(({ infrastructure }) => infrastructure !== "deployed")).toEqual([]);
  const opened = await books<{ id: string }>(`select id from operations where kind = 'provision' and project_id like 'book-%'`);
  expect(opened.map(({ id }) => id).toSorted()).toEqual([...booked.values()].map(({ operation }) => operation.id).toSorted());
  const everBooked = new Set((await books<{ id: string }>(`select id from projects`)).map(({ id }) => id));
  expect([...refused].filter((id) => everBooked.has(id))).toEqual([]);
  for (const [user, own] of groupedBy(live, ({ user_id }) => user_id)) {
    const quota = (await send(`/quota?user=${user}`))?.body;
    expect(quota.used).toEqual({ projects: own.length, monthlyCents: own.reduce((cents, { monthly_cents }) => cents + monthly_cents, 0) });
    if (bookers.includes(String(user))) expect(own.length).toBeLessThanOrEqual(bookerLimit);
  }

  // All clients and jobs have ended: so have all operations, and every worker's lease.
  expect(await books(`select id, kind, project_id, lease_expires_at from operations where status = 'running'`)).toEqual([]);
  const numbered = await books<{ job_id: string; numbers: number[] }>(
    `select job_id, array_agg(sequence order by sequence) as numbers from job_events group by job_id`,
  );
  for (const { job_id, numbers } of numbered) expect({ job_id, numbers }).toEqual({ job_id, numbers: numbers.map((_, at) => at + 1) });
  expect(numbered.length).toBe(rows.length);
}
