/** Workers: each job once in effect, whoever dies; queues on both stores. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import type { Queue } from "../../src/control/jobs/queue.ts";
import { localQueue, postgresQueue } from "../../src/control/jobs/queue.ts";
import type { WorkerOptions } from "../../src/control/jobs/worker.ts";
import { work } from "../../src/control/jobs/worker.ts";
import { makeReports } from "../../src/control/make-reports.ts";
import { writeBilledDays } from "../../src/control/store/billed-days.ts";
import { projectsWithJobs } from "../../src/control/store/jobs.ts";
import { ChartctlError } from "../../src/errors.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest } from "./hosted.ts";
import { onPostgres } from "./support.ts";

let api: HostedTest;
let queue: Queue;
let pool: pg.Pool | undefined;
const stops: AbortController[] = [];
const workers: Promise<void>[] = [];

beforeEach(async () => {
  const hosted = { enqueue: async (...args: Parameters<Queue["enqueue"]>) => await queue.enqueue(...args) };
  api = await hostedTest({ hosted });
  api.clock.now = new Date();
  if (onPostgres) {
    const name = (await import("kysely")).sql<{ name: string }>`select current_database() as name`;
    const { rows } = await name.execute(api.db);
    pool = new pg.Pool({ connectionString: Object.assign(new URL(inject("postgresUrl")), { pathname: rows[0]?.name }).href, max: 4 });
    pool.on("error", () => {}); // a connection may be told of the database's end while it ends itself
    queue = await postgresQueue(pool, { worker: true, onError: () => {} });
  } else queue = localQueue({ onError: () => {} });
  await api.user("acme", "ana", "member");
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop.abort();
  await Promise.all(workers.splice(0));
  await pool?.end();
  pool = undefined;
  await api.close();
});

function startWorker(run: WorkerOptions["run"], more: Partial<WorkerOptions> = {}): AbortController {
  const stop = new AbortController();
  stops.push(stop);
  workers.push(
    work(
      {
        db: api.db,
        queue,
        id: `worker-${stops.length}`,
        machine: "here",
        version: "0.0.0",
        terraform: null,
        concurrency: 2,
        now: () => new Date(),
        run,
        cleanUp: async () => {},
        deliverAlerts: async () => {},
        makeReports: async () => {},
        housekeeping: async () => {},
        onError: () => {},
        log: () => {},
        ...more,
      },
      stop.signal,
    ),
  );
  return stop;
}

const order = async (projectId: string): Promise<string> => {
  const token = await api.token("acme", "ana", "member");
  const { status, body } = await api.send("POST", "/deploy", { token, body: { projectId } });
  expect(status, JSON.stringify(body)).toBe(202);
  return body.id;
};
const job = async (id: string) => await api.db.selectFrom("jobs").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const until = async (id: string, status: string, seconds = 20) => {
  for (let tries = 0; tries < seconds * 20; tries++) {
    const row = await job(id);
    if (row.status === status) return row;
    await sleep(50);
  }
  throw new Error(`Job ${id} is ${(await job(id)).status}: ${(await job(id)).error}`);
};

it("does a job once, and tells what happens, in order", async () => {
  const done: string[] = [];
  startWorker(async ({ work: { input } }, tell) => {
    tell({ type: "step", step: "plan", phase: "start" });
    tell({ type: "step", step: "plan", phase: "done" });
    done.push(input.projectId);
    return { outcome: "applied" };
  });
  const id = await order("sales");
  expect(await until(id, "succeeded")).toMatchObject({ attempts: 1, result: '{"outcome":"applied"}', lease_expires_at: null });
  expect(done).toEqual(["sales"]);
  const token = await api.token("acme", "ana", "member");
  const { body } = await api.send("GET", `/jobs/${id}/progress`, { token });
  expect(body.events).toMatchObject([
    { sequence: 1, event: { phase: "start" } },
    { sequence: 2, event: { phase: "done" } },
  ]);
  expect((await api.send("GET", `/jobs/${id}/progress?after=1`, { token })).body.events).toHaveLength(1);
});

it("of twenty jobs and two workers, each job is one worker's", async () => {
  const done: string[] = [];
  const run: WorkerOptions["run"] = async ({ job }) => {
    await sleep(20);
    done.push(job.id);
    return {};
  };
  startWorker(run);
  startWorker(run);
  const ids = await Promise.all(Array.from({ length: 20 }, (_, at) => order(`p${at}`)));
  for (const id of ids) await until(id, "succeeded");
  expect(done.toSorted()).toEqual(ids.toSorted());
});

it("a project is its job's until that has ended, and no clean-up's", async () => {
  const id = await order("sales");
  await api.user("other", "bob", "member");
  for (const status of ["queued", "running", "waiting"]) {
    await api.db.updateTable("jobs").set({ status }).where("id", "=", id).execute();
    expect([...(await projectsWithJobs(api.db, "acme"))], status).toEqual(["sales"]);
    expect([...(await projectsWithJobs(api.db, "other"))], status).toEqual([]);
  }
  for (const status of ["succeeded", "failed"]) {
    await api.db.updateTable("jobs").set({ status }).where("id", "=", id).execute();
    expect([...(await projectsWithJobs(api.db, "acme"))], status).toEqual([]);
  }
});

it("a job whose worker died goes on elsewhere, numbered on, and the dead one's words change nothing any more", async () => {
  const id = await order("sales");
  // As a worker that died a minute ago left it.
  const dead = { status: "running", worker: "worker-dead", attempts: 1, lease_expires_at: new Date(Date.now() - 1_000).toISOString() };
  await api.db.updateTable("jobs").set(dead).where("id", "=", id).execute();
  await api.db.insertInto("job_events").values({ job_id: id, sequence: 7, event: "{}", at: new Date().toISOString() }).execute();
  startWorker(async (_, tell) => {
    tell({ type: "note" });
    return {};
  });
  expect(await until(id, "succeeded")).toMatchObject({ attempts: 2, worker: "worker-1" });
  const { endJob } = await import("../../src/control/store/jobs.ts");
  expect(await endJob(api.db, id, "worker-dead", { error: { code: "x", message: "late" } }, new Date())).toBe(false);
  expect((await api.db.selectFrom("job_events").selectAll().execute()).map(({ sequence }) => sequence)).toEqual([7, 8]);
});

it("a worker that is stopped puts its job back, and the next one takes it", async () => {
  const first = startWorker(async (_claimed, _tell, signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    throw new ChartctlError({ kind: "interrupted", code: "interrupted", message: "stopped" });
  });
  const id = await order("sales");
  await until(id, "running");
  first.abort();
  await until(id, "waiting");
  if (!onPostgres)
    queue = localQueue({ onError: () => {} }); // its process is gone, with the queue in it
  else queue = await postgresQueue(pool as pg.Pool, { worker: true, onError: () => {} });
  startWorker(async () => ({ outcome: "applied" }));
  expect(await until(id, "succeeded")).toMatchObject({ attempts: 2 });
});

it("waits for somebody else's operation, and fails for good at everything else", async () => {
  let tried = 0;
  startWorker(async ({ work: { input } }) => {
    if (input.projectId === "bad") throw new ChartctlError({ kind: "refused", code: "quota.projects", message: "too many", hint: "destroy one" });
    if (tried++ === 0)
      throw new ChartctlError({ kind: "conflict", code: "operation.running", message: "busy", details: { until: new Date(Date.now() + 1_000).toISOString() } });
    return {};
  });
  const bad = await order("bad");
  expect(JSON.parse((await until(bad, "failed")).error ?? "")).toEqual({ kind: "refused", code: "quota.projects", message: "too many", hint: "destroy one" });
  const good = await order("good");
  expect(await until(good, "succeeded", 30)).toMatchObject({ attempts: 2, error: null });
});

it("says that it lives, and is gone when it leaves", async () => {
  const stop = startWorker(async () => ({}));
  const workersSeen = async () => await api.db.selectFrom("workers").selectAll().execute();
  await expect.poll(workersSeen, { timeout: 20_000 }).toMatchObject([{ id: "worker-1", machine: "here", running: 0 }]);
  stop.abort();
  await workers[0];
  expect(await workersSeen()).toEqual([]);
});

it("stops when its clean-up has: the store is open until then", async () => {
  let ended = false;
  let begun = (): void => {};
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  // A minute passes on SQLite before the first one; what `every` runs is what matters here.
  const every: Queue["every"] = (name, minutes, what) => queue.every(name, onPostgres ? minutes : 0.01, what);
  const stop = startWorker(async () => ({}), {
    queue: { ...queue, every },
    cleanUp: async (signal) => {
      begun();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await sleep(300);
      await api.db.selectFrom("projects").selectAll().execute();
      ended = true;
    },
  });
  await started;
  stop.abort();
  await workers.at(-1);
  expect(ended).toBe(true);
});

it("makes the reports that were ordered, each once, whichever worker takes it", async () => {
  await api.user("acme", "boss", "admin");
  const token = await api.token("acme", "boss", "admin");
  const made: string[] = [];
  const reports = async (signal: AbortSignal) =>
    await makeReports(
      { ...api.api, now: () => new Date() },
      async ({ month }) => [`${month}\n`],
      ({ report, outcome }) => made.push(`${report} ${outcome}`),
      signal,
    );
  const month = new Date().toISOString().slice(0, 7);
  await writeBilledDays(api.db as never, "acme", { from: `${month}-01`, until: `${month}-02`, source: "ce", openFrom: null } as never, new Date());
  const ids: string[] = [];
  for (let at = 0; at < 6; at++) ids.push((await api.send("POST", "/reports/generate", { token, body: { month, format: "csv" } })).body.id);
  for (let workers = 0; workers < 2; workers++) startWorker(async () => ({}), { makeReports: reports });
  for (let tries = 0; tries < 200 && made.length < ids.length; tries++) await sleep(50);
  expect(made.toSorted()).toEqual(ids.map((id) => `${id} done`).toSorted());
});
