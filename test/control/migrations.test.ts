/** A store of every earlier version comes to the newest one with its data, on both databases. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import pg from "pg";
import { expect, inject, it } from "vitest";
import type { Db } from "../../src/control/store/database.ts";
import { openPostgres } from "../../src/control/store/postgres.ts";
import { listProjects } from "../../src/control/store/projects.ts";
import { newestSchema, statementsFrom } from "../../src/control/store/schema.ts";
import { openSqlite } from "../../src/control/store/sqlite.ts";
import { onPostgres } from "./support.ts";

/** What a store of schema 1 could hold: every table with a row. */
const rowsOfOld = [
  `insert into tenants (id, role_arn, account_id, external_id, created_at) values ('acme', 'arn:aws:iam::123456789012:role/x', '123456789012', 'k1.a.b.c', '2026-01-01T00:00:00.000Z')`,
  `insert into accounts (tenant_id, user_id, version) values ('acme', 'ana', 4)`,
  `insert into quotas (tenant_id, user_id, limits) values ('acme', 'ana', '{"projectsPerUser":3}')`,
  `insert into projects (key, tenant_id, id, user_id, blueprint, region, environment, account_id, parameters, monthly_cents, infrastructure, application,
     created_at, last_activity_at, ttl_seconds, expires_at, outputs, fence, operation_id, previous, receipt, ended_at)
   values ('abcdefghij', 'acme', 'sales', 'ana', 'serverless-web', 'us-east-1', 'development', null, '{}', 98, 'deployed', 'absent',
     '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 3600, '2026-01-01T01:00:00.000Z', '{}', 1, 'op-1', 'deployed', null, null)`,
  `insert into operations (id, idempotency_key, request_hash, tenant_id, project_key, project_id, kind, status, fence, machine, pid, started_at,
     lease_expires_at, credentials_expire_at, taken_over, fresh, opened_at, finished_at, error)
   values ('op-1', 'k', 'h', 'acme', 'abcdefghij', 'sales', 'provision', 'succeeded', 1, 'here', 7, 'boot', '2026-01-01T00:01:00.000Z', null, null, 1,
     '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:30.000Z', null)`,
  `insert into journal (operation_id, step, phase, detail, at) values ('op-1', 'plan', 'done', null, '2026-01-01T00:00:10.000Z')`,
  `insert into states values ('abcdefghij', 3, 'lineage', 'k1.a.b.c', '2026-01-01T00:00:20.000Z')`,
  `insert into audit (tenant_id, actor, action, subject, before, after, at) values ('acme', 'ana', 'quota.set', 'ana', null, '{}', '2026-01-01T00:00:00.000Z')`,
];

/** What only a store of a later schema could hold. */
const rowsSince: [schema: number, row: string][] = [
  [
    6,
    `insert into alerts (id, tenant_id, kind, subject, month, user_id, project_id, body, status, attempts, created_at, next_at)
     values ('msg_1', 'acme', 'cost.project.over_limit', 'abcdefghij', '2026-01', 'ana', 'sales', '{"data":{"limit":"50.10","projects":[]}}', 'waiting', 0,
       '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`,
  ],
  [
    6,
    `update projects set over_cost = '{"of":"project","month":"2026-01","since":"2026-01-01T00:00:00.000Z","amount":"55","limitCents":5010,"cleanUpAt":"2026-01-02T00:00:00.000Z"}'`,
  ],
  [9, `update projects set estimates = '[{"since":"2026-01-01T00:00:00.000Z","monthlyCents":98}]'`],
  [10, "update alerts set limit_cents = 5010"],
  [
    10,
    `update projects set over_cost = '{"of":"project","month":"2026-01","since":"2026-01-01T00:00:00.000Z","amount":"55","limitCents":5010,"cleanUpAt":null,"warning":null}'`,
  ],
];
const rowsOf = (version: number): string[] => [...rowsOfOld, ...rowsSince.flatMap(([schema, row]) => (version < schema ? [] : [row]))];

async function expectAll(db: Db, version: number): Promise<void> {
  expect(await listProjects(db, "acme")).toMatchObject([
    { id: "sales", version: 1, keepFailed: false, cleanup: null, operation: { id: "op-1", reason: null } },
  ]);
  const [booked] = await db.selectFrom("projects").select("estimates").execute();
  expect(JSON.parse(booked?.estimates ?? "")).toEqual([{ since: "2026-01-01T00:00:00.000Z", monthlyCents: 98 }]);
  expect(await db.selectFrom("quotas").selectAll().execute()).toMatchObject([{ version: 1 }]);
  expect(await db.selectFrom("tenants").selectAll().execute()).toMatchObject([{ id: "acme", version: 1, next_external_id: null, rotating_since: null }]);
  expect(await db.selectFrom("audit").selectAll().execute()).toMatchObject([{ sequence: 1, request_id: null }]);
  for (const table of ["accounts", "journal", "states"] as const) expect(await db.selectFrom(table).selectAll().execute(), table).toHaveLength(1);
  if (version >= 6) {
    expect(await db.selectFrom("alerts").selectAll().execute()).toMatchObject([{ id: "msg_1", limit_cents: 5_010, round: 0, awaited: 0 }]);
    // No alert names its clean-up.
    expect((await listProjects(db, "acme"))[0]?.overCost).toMatchObject({ of: "project", amount: "55", cleanUpAt: null, warning: null });
  }
  await db.insertInto("journal").values({ operation_id: "op-1", step: "x", phase: "done", detail: null, at: "now" }).execute();
}

/** The statements that made a store of that version. */
const upTo = (version: number, dialect: "sqlite" | "postgres"): string[] => {
  const rest = statementsFrom(version, dialect).length;
  return statementsFrom(0, dialect).slice(0, -rest || undefined);
};

const earlier = Array.from({ length: newestSchema - 1 }, (_, at) => at + 1);

if (!onPostgres) {
  it.each(earlier)("SQLite, from schema %i", async (version) => {
    const folder = mkdtempSync(join(tmpdir(), "chartctl-migrate-"));
    const file = join(folder, "chartctl.db");
    const old = new Libsql(file);
    for (const statement of [...upTo(version, "sqlite"), ...rowsOf(version), `pragma user_version = ${version}`]) old.exec(statement);
    old.close();
    const db = openSqlite(file);
    await expectAll(db, version);
    await db.destroy();
    rmSync(folder, { recursive: true });
  });
} else {
  it.each(earlier)("PostgreSQL, from schema %i, by eight processes at once", async (version) => {
    const url = new URL(inject("postgresUrl"));
    const name = `migrate_${process.pid}_${version}`;
    const admin = new pg.Client(url.href);
    await admin.connect();
    await admin.query(`create database ${name}`);
    const at = Object.assign(new URL(url), { pathname: name }).href;
    const old = new pg.Client(at);
    await old.connect();
    for (const statement of [...upTo(version, "postgres"), ...rowsOf(version), "create table schema_version (version integer not null)"])
      await old.query(statement);
    await old.query("insert into schema_version values ($1)", [version]);
    await old.end();
    const opened = Array.from({ length: 8 }, () => openPostgres({ url: at, poolSize: 2, onIdleError: () => {} }));
    await Promise.all(opened.map(({ migrate }) => migrate()));
    expect(await opened[0]?.schema()).toEqual({ found: newestSchema, needed: newestSchema });
    await expectAll(opened[0]?.db as Db, version);
    await Promise.all(opened.map(({ db }) => db.destroy()));
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  });

  it("a PostgreSQL store of a newer program is left alone", async () => {
    const url = new URL(inject("postgresUrl"));
    const name = `newer_${process.pid}`;
    const admin = new pg.Client(url.href);
    await admin.connect();
    await admin.query(`create database ${name} template chartctl_template`);
    const { db, migrate } = openPostgres({ url: Object.assign(new URL(url), { pathname: name }).href, poolSize: 1, onIdleError: () => {} });
    await migrate();
    const client = new pg.Client(Object.assign(new URL(url), { pathname: name }).href);
    await client.connect();
    await client.query("update schema_version set version = version + 1");
    await expect(migrate()).rejects.toMatchObject({ code: "store.newer-schema" });
    await client.end();
    await db.destroy();
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  });
}
