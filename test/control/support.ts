/** The real application on a real SQLite file in a folder of its own, with a clock that a test sets. */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { booksFrom, controlApiClient } from "../../src/adapters/control-api.ts";
import { blueprintParameters } from "../../src/contract/blueprints.ts";
import type { CallApi, OpenOperation } from "../../src/contract/endpoints.ts";
import type { Limits, Receipt } from "../../src/contract/resources.ts";
import { defaultLimits } from "../../src/contract/resources.ts";
import { createControlApi } from "../../src/control/app.ts";
import type { Identify } from "../../src/control/principal.ts";
import { trustOperator } from "../../src/control/principal.ts";
import type { Db } from "../../src/control/store/database.ts";
import { sealWith } from "../../src/control/store/seal.ts";
import { openSqlite, storeError } from "../../src/control/store/sqlite.ts";
import type { Books } from "../../src/core/ports.ts";

export interface TestApi {
  /** Moves on only by hand. */
  clock: { now: Date };
  call(tenant: string, user?: string): CallApi;
  books(tenant: string, user?: string): Books;
  /** As the server sees it: no client in between. */
  fetch(request: Request): Promise<Response>;
  db: Db;
  file: string;
  close(): Promise<void>;
}

export function testApi(
  options: {
    cents?: (desired: NonNullable<OpenOperation["desired"]>) => number;
    limits?: Partial<Limits>;
    identify?: Identify;
    onBug?(error: unknown): void;
  } = {},
): TestApi {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-store-"));
  const file = join(folder, "chartctl.db");
  const db = openSqlite(file);
  const clock = { now: new Date("2026-01-01T12:00:00.000Z") };
  const app = createControlApi({
    db,
    seal: sealWith(randomBytes(32)),
    identify: options.identify ?? trustOperator,
    now: () => clock.now,
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
    version: "0.0.0",
    platformLimits: { ...defaultLimits, ...options.limits },
    estimateMonthlyCents: options.cents ?? (() => 100),
    onBug:
      options.onBug ??
      ((error) => {
        throw error;
      }),
    translate: (error) => storeError(error, file),
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
    close: async () => {
      await db.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
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
