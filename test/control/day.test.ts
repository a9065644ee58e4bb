/**
 * A day of a busy platform in simulated time: 10,000 projects of 1,000 users in ten tenants are booked, used, renewed, expire, die in the
 * middle, and are cleaned up every five minutes. CHARTCTL_FAULT_SEED repeats a day.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Insertable } from "kysely";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { booksFrom, controlApiClient } from "../../src/adapters/control-api.ts";
import type { OpenedOperation } from "../../src/contract/lifecycle-endpoints.ts";
import type { Project } from "../../src/contract/resources.ts";
import { defaultLimits } from "../../src/contract/resources.ts";
import { createControlApi } from "../../src/control/app.ts";
import { trustOperator } from "../../src/control/principal.ts";
import { noteDailyCosts } from "../../src/control/store/costs.ts";
import type { Database } from "../../src/control/store/database.ts";
import { forgetOld } from "../../src/control/store/housekeeping.ts";
import { getProject, listProjects } from "../../src/control/store/projects.ts";
import type { Decision } from "../../src/core/lifecycle/clean-up-rules.ts";
import { decide } from "../../src/core/lifecycle/clean-up-rules.ts";
import type { Books } from "../../src/core/ports.ts";
import { isChartctlError } from "../../src/errors.ts";
import { random } from "../support/random.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest } from "./hosted.ts";
import { destroyOf, onPostgres, proof, provisionOf } from "./support.ts";

const seed = Number(process.env.CHARTCTL_FAULT_SEED ?? Date.now() % 1_000_000);
const tenantIds = Array.from({ length: 10 }, (_, at) => `tenant-${at}`);
const usersATenant = 100;
const projectsAUser = 10;
/** A full user may book this many more. */
const room = 1;
const minute = 60_000;
const hour = 60 * minute;
const sweepMinutes = 5;
const cents = 98;

type Row<T extends keyof Database> = Insertable<Database[T]>;

it(`leaves nothing behind after a day (seed ${seed})`, { timeout: 240_000 }, async () => {
  const api = await hostedTest({ cents: () => cents });
  try {
    await theDay(api);
  } finally {
    await api.close();
  }
});

async function theDay(api: HostedTest): Promise<void> {
  const { db, clock } = api;
  // What a crash would lose is no matter here, and a commit a millisecond is.
  if (!onPostgres) await sql`pragma synchronous = off`.execute(db);
  const next = random(seed);
  const below = (count: number): number => Math.floor(next() * count);
  const one = <T>(of: readonly T[]): T => of[below(of.length)] as T;
  const after = (milliseconds: number): string => new Date(clock.now.getTime() + milliseconds).toISOString();
  const started = clock.now.getTime();
  const limits = { ...defaultLimits, projectsPerUser: projectsAUser + room };
  const embedded = createControlApi({ ...api.api, platformLimits: limits, identify: trustOperator, admit: async () => {} });
  const books = (tenant: string, user: string): Books =>
    booksFrom(
      controlApiClient({
        fetch: async (request) => await embedded.fetch(request),
        baseUrl: "http://test",
        headers: { "x-chartctl-tenant": tenant, "x-chartctl-user": user },
        retryAfter: [],
      }),
    );

  // ---------------------------------------------------------------- what there is in the morning

  const at = clock.now.toISOString();
  await insert(
    api,
    "tenants",
    tenantIds.map((id) => ({ id, role_arn: null, account_id: null, external_id: "sealed", created_at: at })),
  );
  const users = tenantIds.flatMap((tenant) => Array.from({ length: usersATenant }, (_, number) => ({ tenant, user: `user-${number}` })));
  await insert(
    api,
    "users",
    users.map(({ tenant, user }) => ({
      tenant_id: tenant,
      id: user,
      role: "member",
      password_hash: null,
      status: "active",
      version: 1,
      sessions_from: at,
      created_at: at,
      last_sign_in_at: null,
    })),
  );
  /** AWS, as far as this test needs it: what can't be taken away, and how often its clean-up has failed. */
  const stubborn = new Map<string, { left: number; failures: string[] }>();
  /** By tenant and user: what they know to be booked. */
  const ledger = new Map(users.map(({ tenant, user }) => [`${tenant} ${user}`, new Set<string>()]));
  const projects: Row<"projects">[] = [];
  const operations: Row<"operations">[] = [];
  const perTenant = usersATenant * projectsAUser;
  for (let number = 0; number < tenantIds.length * perTenant; number++) {
    const tenant = tenantIds[Math.floor(number / perTenant)] as string;
    const user = `user-${number % usersATenant}`;
    const id = `p-${number % perTenant}`;
    const key = `a${number.toString(36).padStart(9, "0")}`;
    const fate = next();
    const running = fate > 0.9 && fate < 0.92;
    const failed = fate > 0.93 && fate < 0.95;
    // Some of the running have died: their leases end in the first minutes, or have ended.
    const lease = after(fate < 0.91 ? below(5 * minute) : -minute);
    const ttl = fate < 0.06 ? 2 * 3_600 + below(28 * 3_600) : fate < 0.8 ? 7 * 86_400 : fate < 0.9 || fate > 0.95 ? null : 8 * 3_600;
    const idle = ttl === null ? 0 : fate < 0.06 ? below(ttl * 1_000) : below(Math.min(ttl * 1_000, 2 * hour));
    if (fate < 0.002) stubborn.set(`${tenant} ${id}`, { left: Number.POSITIVE_INFINITY, failures: [] });
    else if (fate < 0.004) stubborn.set(`${tenant} ${id}`, { left: 3, failures: [] });
    ledger.get(`${tenant} ${user}`)?.add(id);
    projects.push({
      key,
      tenant_id: tenant,
      id,
      user_id: user,
      blueprint: "serverless-web",
      region: "us-east-1",
      environment: "development",
      account_id: null,
      parameters: provisionOf(id).desired ? JSON.stringify(provisionOf(id).desired?.parameters) : "{}",
      monthly_cents: cents,
      infrastructure: running ? "provisioning" : failed ? "failed" : "deployed",
      application: fate < 0.03 ? "deployed" : "absent",
      created_at: at,
      last_activity_at: after(-idle),
      ttl_seconds: ttl,
      expires_at: ttl === null ? null : after(ttl * 1_000 - idle),
      outputs: running || failed ? "{}" : '{"url":"https://x"}',
      fence: 1,
      operation_id: `op-${key}`,
      previous: running ? "absent" : "deployed",
      receipt: null,
      ended_at: null,
      previous_application: "absent",
      estimates: "[]",
      keep_failed: fate > 0.915 && fate < 0.94 ? 1 : 0,
      cleanup_attempts: 0,
      cleanup_next_at: null,
      cleanup_error: null,
    });
    operations.push({
      id: `op-${key}`,
      idempotency_key: `key-${key}`,
      request_hash: "",
      tenant_id: tenant,
      project_key: key,
      project_id: id,
      kind: "provision",
      status: running ? "running" : failed ? "failed" : "succeeded",
      fence: 1,
      machine: "elsewhere",
      pid: 1,
      started_at: "boot",
      lease_expires_at: lease,
      credentials_expire_at: null,
      taken_over: null,
      fresh: 1,
      opened_at: at,
      finished_at: running ? null : at,
      error: null,
      reason: null,
    });
  }
  await insert(api, "projects", projects);
  await insert(api, "operations", operations);
  await oldThings(api, clock.now);

  // ---------------------------------------------------------------- the day

  const count = { booked: 0, refused: 0, died: 0, renewed: 0, leases: 0, ended: 0, again: 0, failed: 0, ordered: 0, listed: 0, listing: 0 };
  /** Held by somebody who goes on for that many steps more, or dies. */
  let holders: { books: Books; opened: OpenedOperation; steps: number; dies: boolean }[] = [];
  const member = await (async () => {
    await api.user("acme", "ana", "admin");
    return await api.token("acme", "ana", "admin");
  })();
  const first = await books("acme", "ana").open(provisionOf("kept"));
  await books("acme", "ana").finish(first.operation, { outcome: "succeeded", standing: "something" });
  const gc = exposedGc();
  let heapAtFirst = 0;

  const workOn = async (): Promise<void> => {
    const going: typeof holders = [];
    for (const holder of holders) {
      if (holder.steps-- > 0) {
        await holder.books.renewLease(holder.opened.operation);
        count.leases++;
        going.push(holder);
      } else if (holder.dies) count.died++;
      else {
        const { kind } = holder.opened.operation;
        await holder.books.finish(
          holder.opened.operation,
          kind === "provision" ? { outcome: "succeeded", standing: "something", outputs: { url: "https://x" } } : { outcome: "failed", standing: "something" },
        );
      }
    }
    holders = going;
  };
  const activity = async (tick: number): Promise<void> => {
    // Two bookings; in every fourth tick by one and the same, who is full after the first, mostly.
    let booker = one(users);
    for (let number = 0; number < 2; number++) {
      if (number > 0 && tick % 4 !== 0) booker = one(users);
      const { tenant, user } = booker;
      const own = books(tenant, user);
      const id = `b-${tick}-${number}`;
      const mine = ledger.get(`${tenant} ${user}`) as Set<string>;
      const fits = mine.size < limits.projectsPerUser;
      const wanted = provisionOf(id);
      const desired = { ...(wanted.desired as NonNullable<typeof wanted.desired>), ttlSeconds: 1_800 + below(4 * 3_600) };
      const opened = await own.open({ ...wanted, desired }).catch((error: unknown) => error);
      if (isChartctlError(opened)) {
        expect({ code: opened.code, fits }).toEqual({ code: "quota.projects", fits: false });
        count.refused++;
        continue;
      }
      expect(fits).toBe(true);
      mine.add(id);
      count.booked++;
      await own.saveState((opened as OpenedOperation).operation, { serial: 1, lineage: "a", body: "{}" });
      holders.push({ books: own, opened: opened as OpenedOperation, steps: below(4), dies: next() < 0.2 });
    }
    // Somebody works on what stands: provisions it again, or destroys it and fails; some die over it.
    const { tenant, user } = one(users);
    const id = [...(ledger.get(`${tenant} ${user}`) ?? [])][0];
    const project = id === undefined ? undefined : await books(tenant, user).project(id);
    if (project && project.operation?.status !== "running" && project.infrastructure === "deployed" && !stubborn.has(`${tenant} ${project.id}`)) {
      const destroys = project.application === "absent" && next() < 0.3;
      const opened = await books(tenant, user).open(destroys ? destroyOf(project.id) : provisionOf(project.id));
      holders.push({ books: books(tenant, user), opened, steps: below(4), dies: next() < 0.3 });
    }
    const kept = await api.send("POST", "/projects/kept/renew", { token: member, body: {}, headers: { "idempotency-key": `renew-${tick}` } });
    expect(kept.status, JSON.stringify(kept.body)).toBe(200);
    count.renewed++;
    if (tick % 12 === 0) {
      const ordered = await api.send("POST", "/deploy", { token: member, body: { projectId: `job-${tick}` }, headers: { "idempotency-key": `order-${tick}` } });
      expect(ordered.status, JSON.stringify(ordered.body)).toBe(202);
      const told = { job_id: ordered.body.id, event: '{"type":"note"}', at: clock.now.toISOString() };
      await db
        .insertInto("job_events")
        .values(Array.from({ length: 20 }, (_, number) => ({ ...told, sequence: number + 1 })))
        .execute();
      count.ordered++;
    }
  };

  const dice = new Map(tenantIds.map((tenant, number) => [tenant, random(seed * 31 + number)]));
  const act = async (tenant: string, project: Project, { action, reason, only }: Decision): Promise<void> => {
    const own = books(tenant, "platform");
    const name = `${tenant} ${project.id}`;
    const trouble = stubborn.get(name);
    if (action === "wait") {
      expect(trouble?.failures.length).toBeGreaterThan(0);
      return;
    }
    if (trouble && trouble.left > 0) {
      trouble.left--;
      trouble.failures.push(clock.now.toISOString());
      const { cleanup } = await own.recordCleanup(project.id, "AWS refuses");
      expect(cleanup).toMatchObject({ attempts: trouble.failures.length, nextAt: after(Math.min(minute * 2 ** (trouble.failures.length - 1), 6 * hour)) });
      count.failed++;
      return;
    }
    if (action === "provision") {
      const { operation } = await own.open(provisionOf(project.id, { reason }));
      await own.finish(operation, { outcome: "succeeded", standing: "something", outputs: { url: "https://x" } });
      return;
    }
    expect(action).toBe("destroy");
    // Its owner is faster, now and then: activity wins.
    if (only?.onlyExpired && (dice.get(tenant) as () => number)() < 0.05) {
      const renewed = project.userId;
      await books(tenant, renewed).project(project.id);
      await embedded.fetch(
        new Request(`http://test/api/projects/${project.id}/renew`, {
          method: "POST",
          headers: { "x-chartctl-tenant": tenant, "x-chartctl-user": renewed, "content-type": "application/json" },
          body: "{}",
        }),
      );
      await expect(own.open(destroyOf(project.id, { reason, ...only }))).rejects.toMatchObject({ code: "project.active-again" });
      count.again++;
      return;
    }
    if (project.application !== "absent") {
      const { operation } = await own.open(destroyOf(project.id, { kind: "purge", reason, ...only }));
      await own.finish(operation, { outcome: "succeeded", standing: "something" });
    }
    const { operation } = await own.open(destroyOf(project.id, { reason, ...only }));
    await own.finish(operation, { outcome: "succeeded", standing: "nothing", receipt: proof() });
    ledger.get(`${tenant} ${project.userId}`)?.delete(project.id);
    count.ended++;
  };
  /**
   * What a look at columns alone can call trouble; `decide` has the word. Every few hours all projects are listed instead, which must
   * find nothing more: a clean-up lists all, each time, and a day of that would take this test minutes.
   */
  const suspects = async (): Promise<{ tenant_id: string; id: string }[]> =>
    await db
      .selectFrom("projects")
      .select(["tenant_id", "id"])
      .where("ended_at", "is", null)
      .where("tenant_id", "!=", "acme")
      .where((where) =>
        where.or([
          where("expires_at", "<=", clock.now.toISOString()),
          where("infrastructure", "in", ["provisioning", "destroying", "failed"]),
          where("application", "in", ["purging", "deploying"]),
        ]),
      )
      .orderBy("tenant_id")
      .orderBy("id")
      .execute();
  const sweep = async (all: boolean): Promise<void> => {
    const found = await suspects();
    if (all) {
      const began = performance.now();
      const decided: string[] = [];
      for (const tenant of tenantIds) {
        const listed = await listProjects(db, tenant);
        count.listed += listed.length;
        for (const project of listed) if (decide(project, clock.now, () => "elsewhere")) decided.push(`${tenant} ${project.id}`);
      }
      count.listing += performance.now() - began;
      const names = new Set(found.map(({ tenant_id, id }) => `${tenant_id} ${id}`));
      expect(decided.filter((name) => !names.has(name))).toEqual([]);
    }
    // Tenants side by side, each with dice of its own: a seed's day stays the same.
    await Promise.all(
      tenantIds.map(async (tenant) => {
        for (const { tenant_id, id } of found) {
          if (tenant_id !== tenant) continue;
          const project = await getProject(db, tenant_id, id);
          const decision = decide(project, clock.now, () => "elsewhere");
          if (decision) await act(tenant_id, project, decision);
        }
      }),
    );
  };

  const steps = 6;
  for (let tick = 0; tick < (24 * 60) / sweepMinutes; tick++) {
    await activity(tick);
    for (let step = 0; step < steps; step++) {
      clock.now = new Date(started + (tick * sweepMinutes + ((step + 1) * sweepMinutes) / steps) * minute);
      await workOn();
    }
    await sweep((tick + 1) % (240 / sweepMinutes) === 0);
    if ((tick + 1) % (60 / sweepMinutes) === 0) {
      await noteDailyCosts(db, clock.now);
      await forgetOld(db, clock.now);
      if (heapAtFirst === 0) heapAtFirst = heapAfter(gc);
    }
  }
  const grown = (heapAfter(gc) - heapAtFirst) / 2 ** 20;
  const { listing, ...counts } = count;
  console.log(`day ${seed}: ${JSON.stringify(counts)}, ${Math.round(listing)} ms of listing, heap ${grown.toFixed(1)} MB more`);

  // ---------------------------------------------------------------- the next noon

  const now = clock.now;
  expect(count.booked).toBeGreaterThan(300);
  for (const what of ["refused", "died", "again", "failed"] as const) expect(count[what], what).toBeGreaterThan(0);
  const known = new Set([...users.map(({ tenant, user }) => `${tenant} ${user}`), "acme ana"]);
  const booked = await db.selectFrom("projects").selectAll().where("ended_at", "is", null).execute();
  expect(booked.filter((row) => !known.has(`${row.tenant_id} ${row.user_id}`))).toEqual([]);

  const late = booked.filter(({ expires_at }) => expires_at !== null && Date.parse(expires_at) < now.getTime() - hour);
  expect(late.length).toBeGreaterThan(0);
  for (const row of late) {
    const { failures } = stubborn.get(`${row.tenant_id} ${row.id}`) ?? { failures: [] };
    const wait = Math.min(minute * 2 ** (failures.length - 1), 6 * hour);
    expect(row.cleanup_next_at, `${row.tenant_id} ${row.id} stands without a failed clean-up`).not.toBeNull();
    expect({ attempts: row.cleanup_attempts, next: row.cleanup_next_at }).toEqual({
      attempts: failures.length,
      next: new Date(Date.parse(failures.at(-1) ?? "") + wait).toISOString(),
    });
    expect(Date.parse(row.cleanup_next_at ?? "") - now.getTime()).toBeLessThanOrEqual(6 * hour);
    // No try was due and left out: each followed the one before it within a sweep of its time.
    for (const [number, failure] of failures.slice(1).entries()) {
      const waited = Date.parse(failure) - Date.parse(failures[number] ?? "");
      const due = Math.min(minute * 2 ** number, 6 * hour);
      expect(waited).toBeGreaterThanOrEqual(due);
      expect(waited).toBeLessThan(due + sweepMinutes * minute);
    }
  }

  const ids = new Map<string, string[]>();
  for (const row of booked) ids.set(`${row.tenant_id} ${row.user_id}`, [...(ids.get(`${row.tenant_id} ${row.user_id}`) ?? []), row.id]);
  for (const { tenant, user } of users) {
    const mine = [...(ledger.get(`${tenant} ${user}`) ?? [])];
    expect((ids.get(`${tenant} ${user}`) ?? []).toSorted()).toEqual(mine.toSorted());
    expect((await books(tenant, user).quota()).used).toEqual({ projects: mine.length, monthlyCents: cents * mine.length });
  }

  const listed = new Map<string, Project>();
  for (const tenant of [...tenantIds, "acme"]) for (const project of await listProjects(db, tenant)) listed.set(project.key, project);
  const running = await db.selectFrom("operations").selectAll().where("status", "=", "running").execute();
  for (const row of running) {
    const project = listed.get(row.project_key);
    expect(project?.operation?.id, `operation ${row.id} runs, and its project knows nothing of it`).toBe(row.id);
    if (project && row.lease_expires_at <= now.toISOString()) {
      expect(
        decide(project, now, () => "elsewhere"),
        `no sweep takes ${row.id}, a ${row.kind}`,
      ).toBeDefined();
    }
  }
  const kept = await db.selectFrom("states").innerJoin("projects", "projects.key", "states.project_key").select("ended_at").execute();
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.filter(({ ended_at }) => ended_at !== null)).toEqual([]);

  const before = (hours: number): string => new Date(now.getTime() - hours * hour).toISOString();
  const timesOf = {
    idempotency: (await db.selectFrom("idempotency").select("created_at as at").execute()).map(({ at }) => at),
    // Days are forgotten whole.
    job_events: (await db.selectFrom("job_events").select("at").execute()).map(({ at }) => `${at.slice(0, 10)}T23:59:59.999Z`),
    limited_callers: (await db.selectFrom("limited_callers").select("day as at").execute()).map(({ at }) => `${at}T23:59:59.999Z`),
    workers: (await db.selectFrom("workers").select("seen_at as at").execute()).map(({ at }) => at),
  };
  for (const [table, times] of Object.entries(timesOf)) {
    expect(
      times.filter((time) => time <= before(oldest[table as keyof typeof oldest])),
      table,
    ).toEqual([]);
  }
  expect(timesOf.idempotency.length).toBe(count.renewed + count.ordered);
  expect(timesOf.job_events.length).toBeLessThan(20 * count.ordered + 25);
  expect(await db.selectFrom("invitations").select("hash").where("expires_at", "<", now.toISOString()).execute()).toEqual([]);
  if (onPostgres) expect((await sql<{ key: string }>`select key from rate_limits`.execute(db)).rows).toEqual([{ key: "new" }]);

  const costs = await db.selectFrom("daily_costs").select(["day", "project_key", "cents"]).execute();
  expect(new Set(costs.map(({ day, project_key }) => `${day} ${project_key}`)).size).toBe(costs.length);
  expect(new Set(costs.map(({ day }) => day)).size).toBe(2);
  expect(new Set(costs.map((row) => row.cents))).toEqual(new Set([Math.round((cents * 24) / 730)]));
  const today = new Set(costs.filter(({ day }) => day === now.toISOString().slice(0, 10)).map(({ project_key }) => project_key));
  expect(booked.filter(({ key }) => !today.has(key))).toEqual([]);
  expect(grown).toBeLessThan(50);
  expect(api.bugs).toEqual([]);
}

/** In portions that fit into one statement of either database. */
async function insert<T extends keyof Database>({ db }: HostedTest, table: T, rows: Row<T>[]): Promise<void> {
  for (let from = 0; from < rows.length; from += 500) {
    await db
      .insertInto(table)
      .values(rows.slice(from, from + 500) as never)
      .execute();
  }
}

/** What housekeeping is to forget in this day, and what it is to keep: by age in hours, before the morning. */
const oldest = { idempotency: 7 * 24, job_events: 30 * 24, limited_callers: 30 * 24, workers: 24 } as const;

async function oldThings(api: HostedTest, now: Date): Promise<void> {
  const ago = (hours: number): string => new Date(now.getTime() - hours * hour).toISOString();
  /** Two hours apart, from a day before the limit to a day after it. */
  const around = (limit: number): number[] => Array.from({ length: 25 }, (_, at) => limit + 24 - 2 * at).filter((hours) => hours >= 0);
  const answer = { tenant_id: "acme", user_id: "ben", request_hash: "", status: 200, headers: "{}", body: "" };
  await insert(
    api,
    "idempotency",
    around(oldest.idempotency).map((hours) => ({ ...answer, key: `${hours}`, created_at: ago(hours) })),
  );
  await insert(
    api,
    "job_events",
    around(oldest.job_events).map((hours) => ({ job_id: "job-old", sequence: hours, event: "{}", at: ago(hours) })),
  );
  await insert(
    api,
    "limited_callers",
    around(oldest.limited_callers).map((hours) => ({ day: ago(hours).slice(0, 10), caller: `${hours}`, refused: 1, last_at: ago(hours) })),
  );
  await insert(
    api,
    "workers",
    around(oldest.workers).map((hours) => ({ id: `${hours}`, machine: "here", version: "0", started_at: ago(hours), seen_at: ago(hours), running: 0 })),
  );
  await insert(
    api,
    "invitations",
    around(0).map((hours) => ({ hash: `${hours}`, tenant_id: "acme", user_id: "ana", expires_at: ago(-hours), used_at: null })),
  );
  if (onPostgres) await sql`insert into rate_limits values ('old', 1, ${now.getTime()}), ('new', 1, ${now.getTime() + 48 * hour})`.execute(api.db);
}

function exposedGc(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

function heapAfter(gc: () => void): number {
  gc();
  return process.memoryUsage().heapUsed;
}
