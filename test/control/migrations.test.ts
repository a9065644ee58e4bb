/** A store of every earlier version comes to the newest one with its data, on both databases. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import pg from "pg";
import { expect, inject, it } from "vitest";
import { writeBilledSums } from "../../src/control/store/billed-sums.ts";
import type { Db } from "../../src/control/store/database.ts";
import { openPostgres } from "../../src/control/store/postgres.ts";
import { listProjects } from "../../src/control/store/projects.ts";
import { newestSchema, statementsFrom } from "../../src/control/store/schema.ts";
import { openSqlite } from "../../src/control/store/sqlite.ts";
import { transact } from "../../src/control/store/transact.ts";
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
  ...[
    // Read when the first of them was whole, and the second one wasn't.
    `insert into billed_days (tenant_id, day, source, open, read_at) values ('acme', '2026-01-01', 'ce', 1, '2026-01-03T00:00:00.000Z')`,
    `insert into billed_days (tenant_id, day, source, open, read_at) values ('acme', '2026-01-02', 'ce', 1, '2026-01-03T23:59:59.999Z')`,
    ...["'2026-01-01', 'abcdefghij', 'usage', 'USD', '1.00000000000000000001'", "'2026-01-01', 'abcdefghij', 'credit', 'USD', '-0.3'"],
    ...["'2026-01-02', 'abcdefghij', 'usage', 'USD', '100000000000000000000'", "'2026-01-02', '', 'usage', 'EUR', '5'", "'2026-01-02', '', 'tax', 'EUR', '-5'"],
  ].map((row): [number, string] => [
    5,
    row.startsWith("insert") ? row : `insert into billed_costs (tenant_id, dimension, day, key, kind, currency, amount) values ('acme', 'project', ${row})`,
  ]),
  [5, `insert into daily_costs values ('2026-01-01', 'acme', 'ana', 'abcdefghij', 'sales', 'estimate', 3)`],
  [5, `insert into daily_costs values ('2026-01-02', 'acme', 'ana', 'abcdefghij', 'sales', 'estimate', 4)`],
  [9, `update projects set estimates = '[{"since":"2026-01-01T00:00:00.000Z","monthlyCents":98}]'`],
  [10, `update alerts set limit_cents = 5010`],
  [
    10,
    `update projects set over_cost = '{"of":"project","month":"2026-01","since":"2026-01-01T00:00:00.000Z","amount":"55","limitCents":5010,"cleanUpAt":"2026-01-02T00:00:00.000Z","warning":{"alertId":"msg_1","graceSeconds":86400}}'`,
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
    const named = { cleanUpAt: "2026-01-02T00:00:00.000Z", warning: { alertId: "msg_1", graceSeconds: 86_400 } };
    const unnamed = { cleanUpAt: null, warning: null }; // by no alert
    expect((await listProjects(db, "acme"))[0]?.overCost).toMatchObject({ of: "project", amount: "55", ...(version < 10 ? unnamed : named) });
  }
  if (version >= 5) {
    const all = async (table: "billed_day_sums" | "billed_month_sums" | "estimated_month_sums") =>
      (await db.selectFrom(table).selectAll().execute()).map((row) => JSON.stringify(Object.values(row).toSorted())).toSorted();
    const found = {
      days: await db.selectFrom("billed_days").select(["day", "whole"]).orderBy("day").execute(),
      daySums: await db.selectFrom("billed_day_sums").selectAll().orderBy("day").orderBy("currency").execute(),
      monthSums: await db.selectFrom("billed_month_sums").selectAll().orderBy("currency").execute(),
    };
    const of = { tenant_id: "acme", month: "2026-01", dimension: "project" };
    expect(found).toEqual({
      days: [
        { day: "2026-01-01", whole: 1 },
        { day: "2026-01-02", whole: 0 },
      ],
      daySums: [
        { day: "2026-01-01", tenant_id: "acme", currency: "USD", amount: "0.70000000000000000001", whole: 1 },
        { day: "2026-01-02", tenant_id: "acme", currency: "EUR", amount: "0", whole: 0 },
        { day: "2026-01-02", tenant_id: "acme", currency: "USD", amount: "100000000000000000000", whole: 0 },
      ],
      monthSums: [
        { ...of, key: "", currency: "EUR", amount: "0", whole_amount: "0" },
        { ...of, key: "abcdefghij", currency: "USD", amount: "100000000000000000000.70000000000000000001", whole_amount: "0.70000000000000000001" },
      ],
    });
    expect(await db.selectFrom("estimated_day_sums").select("cents").orderBy("day").execute()).toEqual([{ cents: 3 }, { cents: 4 }]);
    expect(await db.selectFrom("estimated_month_sums").selectAll().execute()).toEqual([
      { month: "2026-01", tenant_id: "acme", project_key: "abcdefghij", cents: 3 },
    ]);
    // As the next reading of the bill writes them.
    const tables = ["billed_day_sums", "billed_month_sums", "estimated_month_sums"] as const;
    const migrated = await Promise.all(tables.map(all));
    await transact(db, async (tx) => await writeBilledSums(tx, "acme", { from: "2026-01-02", until: "2026-01-03" }));
    expect(await Promise.all(tables.map(all))).toEqual(migrated);
  }
  await db.insertInto("journal").values({ operation_id: "op-1", step: "x", phase: "done", detail: null, at: "now" }).execute();
}

/** The statements that made a store of that version; what SQLite's own language can't do sums bills, and there were none. */
const upTo = (version: number, dialect: "sqlite" | "postgres"): string[] => {
  const rest = statementsFrom(version, dialect).length;
  return statementsFrom(0, dialect)
    .slice(0, -rest || undefined)
    .filter((step) => typeof step === "string");
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
