/** The real application on a real store of its own, SQLite or (`CHARTCTL_TEST_STORE`) PostgreSQL, with a clock that a test sets. */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { inject } from "vitest";
import { booksFrom, controlApiClient } from "../../src/adapters/control-api.ts";
import { blueprintParameters } from "../../src/contract/blueprints.ts";
import type { CallApi } from "../../src/contract/endpoints.ts";
import type { OpenOperation } from "../../src/contract/lifecycle-endpoints.ts";
import type { Limits, Receipt } from "../../src/contract/resources.ts";
import { defaultLimits, defaultTtlSeconds } from "../../src/contract/resources.ts";
import { createControlApi } from "../../src/control/app.ts";
import type { Identify } from "../../src/control/principal.ts";
import { trustOperator } from "../../src/control/principal.ts";
import type { Db } from "../../src/control/store/database.ts";
import { openPostgres, postgresError } from "../../src/control/store/postgres.ts";
import { sealWith } from "../../src/control/store/seal.ts";
import { openSqlite, storeError } from "../../src/control/store/sqlite.ts";
import type { AlertReceiver } from "../../src/core/costs/limits/deliver-alerts.ts";
import type { Books } from "../../src/core/ports.ts";
import { templateDatabase } from "../support/postgres-setup.ts";

export interface TestApi {
  /** Moves on only by hand. */
  clock: { now: Date };
  call(tenant: string, user?: string): CallApi;
  books(tenant: string, user?: string): Books;
  /** As the server sees it: no client in between. */
  fetch(request: Request): Promise<Response>;
  db: Db;
  file: string;
  /** Alerts have a receiver. */
  receives: boolean;
  close(): Promise<void>;
}

export interface TestStore {
  db: Db;
  /** Of SQLite's. */
  file: string;
  translate(error: unknown): unknown;
  close(): Promise<void>;
}

export const onPostgres = process.env.CHARTCTL_TEST_STORE === "postgres";

let databases = 0;

/** A new database beside those of other tests, with the schema of now. */
async function postgresStore(): Promise<TestStore> {
  const url = new URL(inject("postgresUrl"));
  const name = `test_${process.pid}_${databases++}`;
  const admin = async (statement: string): Promise<void> => {
    const client = new pg.Client(url.href);
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await admin(`create database ${name} template ${templateDatabase}`);
  const { db } = openPostgres({ url: Object.assign(new URL(url), { pathname: name }).href, poolSize: 10, onIdleError: () => {} });
  return {
    db,
    file: "",
    translate: postgresError,
    close: async () => {
      await db.destroy();
      await admin(`drop database if exists ${name} with (force)`);
    },
  };
}

async function sqliteStore(): Promise<TestStore> {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-store-"));
  const file = join(folder, "chartctl.db");
  const db = openSqlite(file);
  return {
    db,
    file,
    translate: (error) => storeError(error, file),
    close: async () => {
      await db.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const testStore = onPostgres ? postgresStore : sqliteStore;

export async function testApi(
  options: {
    cents?: (desired: NonNullable<OpenOperation["desired"]>) => number;
    limits?: Partial<Limits>;
    identify?: Identify;
    alertReceiver?: AlertReceiver;
    onBug?(error: unknown): void;
  } = {},
): Promise<TestApi> {
  const { db, file, translate, close } = await testStore();
  const clock = { now: new Date("2026-01-01T12:00:00.000Z") };
  const app = createControlApi({
    db,
    seal: sealWith(randomBytes(32)),
    identify: options.identify ?? trustOperator,
    admit: async () => {},
    now: () => clock.now,
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
    version: "0.0.0",
    platformLimits: { ...defaultLimits, ...options.limits },
    defaultTtlSeconds,
    estimateMonthlyCents: options.cents ?? (() => 100),
    alertReceiver: async () => options.alertReceiver,
    onBug:
      options.onBug ??
      ((error) => {
        throw error;
      }),
    translate,
  });
  const call: TestApi["call"] = (tenant, user = "ana") =>
    controlApiClient({
      fetch: async (request) => await app.fetch(request),
      baseUrl: "http://test",
      headers: { "x-chartctl-tenant": tenant, "x-chartctl-user": user },
    });
  return {
    clock,
    call,
    fetch: async (request) => await app.fetch(request),
    db,
    books: (tenant, user) => booksFrom(call(tenant, user)),
    file,
    get receives() {
      return options.alertReceiver !== undefined;
    },
    close,
  };
}

export const holder = { machine: "here", pid: 1, startedAt: "boot-1" };

export const provisionOf = (projectId: string, more: Partial<OpenOperation> = {}): OpenOperation => ({
  idempotencyKey: randomUUID(),
  kind: "provision",
  projectId,
  holder,
  desired: { blueprint: "serverless-web", region: "us-east-1", environment: "development", parameters: blueprintParameters["serverless-web"].parse({}) },
  ...more,
});

export const destroyOf = (projectId: string, more: Partial<OpenOperation> = {}): OpenOperation => ({
  idempotencyKey: randomUUID(),
  kind: "destroy",
  projectId,
  holder,
  ...more,
});

export const proof = (answer: "absent" | "present" = "absent"): Receipt => ({
  stateResources: 0,
  reads: [{ kind: "S3 bucket", asked: "s3:HeadBucket x", at: "2026-01-01T12:00:00.000Z", answer, found: answer === "absent" ? [] : ["x"] }],
  shared: [],
  verifiedAt: "2026-01-01T12:00:00.000Z",
});
