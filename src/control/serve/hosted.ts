/** A hosted control API put together: its store, keys, queue, limits, and the application on them. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Hono } from "hono";
import { serverlessWebParameters } from "../../contract/blueprints.ts";
import type { IssuedCredentials } from "../../contract/lifecycle-endpoints.ts";
import type { Ready } from "../../contract/platform-endpoints.ts";
import { estimate } from "../../core/costs/estimate.ts";
import type { CredentialRequest } from "../../core/ports.ts";
import { ChartctlError, messageOf } from "../../errors.ts";
import { createControlApi } from "../app.ts";
import { identifyByToken } from "../auth/identify.ts";
import { hashPassword } from "../auth/passwords.ts";
import { hashSecret, newSecret } from "../auth/secrets.ts";
import { sessionsOf } from "../auth/sessions.ts";
import { workloadVerifier } from "../auth/workload.ts";
import type { Queue } from "../jobs/queue.ts";
import { localQueue, postgresQueue } from "../jobs/queue.ts";
import { rateLimits } from "../limits.ts";
import type { ControlApi, Hosted } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { invitationUrl } from "../scope/access.ts";
import type { Db } from "../store/database.ts";
import { openPostgres, postgresError } from "../store/postgres.ts";
import { resealAll } from "../store/reseal.ts";
import { newestSchema } from "../store/schema.ts";
import { keyFromFile, keysFromText, sealWith } from "../store/seal.ts";
import { openSqlite, storeError } from "../store/sqlite.ts";
import { noteLimited } from "../store/stats.ts";
import { addFirstOwner, hasOwner } from "../store/users.ts";
import type { HostConfig } from "./config.ts";
import type { Log } from "./log.ts";

export interface HostedOptions {
  config: HostConfig;
  /** Of SQLite's file and key, where there is no PostgreSQL. */
  dataDir: string;
  version: string;
  now(): Date;
  log: Log;
  /** Also takes jobs. */
  worker: boolean;
  /** Assumes tenants' roles in the server's own name, through their connections. */
  issuer(
    connection: (tenantId: string) => Promise<{ roleArn: string | null; accountId: string | null; externalId: string }>,
  ): (request: CredentialRequest) => Promise<IssuedCredentials>;
  addressOf(request: Request): string;
}

export interface HostedPlatform {
  /** For users: signs in by token. */
  api: ControlApi & { hosted: Hosted };
  /** For this process's own worker: everything is asked as this principal. */
  trustedAs(principal: Principal): Hono;
  db: Db;
  queue: Queue;
  pool(): { used: number; waiting: number };
  /** Makes the first owner where there is none; the link, when somebody must set the password. */
  firstOwner(): Promise<{ url: string; expiresAt: string } | undefined>;
  /** Seals everything under the newest key, and signs sessions with a new one. */
  rotateKeys(): Promise<{ resealed: Record<string, number>; signingKey: string }>;
  close(): Promise<void>;
}

/** Errors: `store.*`, `config.*`. */
export async function openHosted(options: HostedOptions): Promise<HostedPlatform> {
  const { config, log, version } = options;
  const onError = (error: unknown): void => log.error({ message: "background work failed", error });
  const store = await openStore(options, onError);
  const { db } = store;
  const clock = await databaseClock(store, options.now, onError);
  const { now } = clock;
  const seal = sealWith(sealKeys(options));
  const sessions = sessionsOf({ db, seal, issuer: config.publicUrl, now });
  const refused = refusedCallers(db, now, onError);
  const limits = rateLimits(config.rateLimits, store.pool, refused.count);
  const { pool } = store;
  const queue = pool ? await whenReachable(log, () => postgresQueue(pool, { worker: options.worker, onError })) : localQueue({ onError });
  const shared: Omit<ControlApi, "identify" | "admit" | "hosted"> = {
    db,
    seal,
    now,
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
    version,
    platformLimits: config.limits,
    defaultTtlSeconds: config.defaultTtlSeconds,
    estimateMonthlyCents: ({ blueprint, region, parameters }) => estimate(blueprint, region, serverlessWebParameters.parse(parameters)).monthlyCents,
    onBug: (error) => log.error({ message: "bug", error }),
    translate: store.translate,
  };
  const hosted: Hosted = {
    publicUrl: config.publicUrl,
    sessions,
    limits,
    verifyWorkload: workloadVerifier({ audience: config.publicUrl, now }),
    issueCredentials: options.issuer(async (tenantId) => {
      const { tenantConnection } = await import("../store/tenants.ts");
      return await tenantConnection(db, seal, tenantId);
    }),
    enqueue: queue.enqueue,
    ready: keptFor(readyMilliseconds, () => readiness(store, queue)),
    addressOf: options.addressOf,
  };
  return {
    api: { ...shared, identify: identifyByToken({ db, sessions, now }), admit: ({ caller }) => limits.caller(caller), hosted },
    trustedAs: (principal) => createControlApi({ ...shared, identify: async () => principal, admit: async () => {} }),
    db,
    queue,
    pool: () => ({ used: (store.pool?.totalCount ?? 0) - (store.pool?.idleCount ?? 0), waiting: store.pool?.waitingCount ?? 0 }),
    firstOwner: async () => {
      const { id, password } = config.owner;
      if (await hasOwner(db)) return undefined; // every start but the first
      const secret = newSecret();
      const made = await addFirstOwner(db, {
        id,
        passwordHash: password ? await hashPassword(password) : null,
        invitationHash: hashSecret(secret),
        now: now(),
      });
      return made && !password ? { url: invitationUrl(config.publicUrl, secret), expiresAt: made.expiresAt } : undefined;
    },
    rotateKeys: async () => ({ resealed: await resealAll(db, seal), signingKey: await sessions.rotate() }),
    close: async () => {
      clock.stop();
      await refused.flush();
      await queue.stop().catch(onError);
      await db.destroy();
    },
  };
}

const clockMilliseconds = 60_000;

/** Leases and expiries count by the database's clock, which all processes share: this one's is corrected by it. */
async function databaseClock(store: OpenedStore, own: () => Date, onError: (error: unknown) => void): Promise<{ now(): Date; stop(): void }> {
  let ahead = 0;
  const look = async (): Promise<void> => {
    if (!store.pool) return;
    const asked = own().getTime();
    const { rows } = await store.pool.query<{ now: Date }>("select clock_timestamp() as now");
    const answered = own().getTime();
    if (rows[0]) ahead = rows[0].now.getTime() - (asked + answered) / 2;
  };
  await look();
  const timer = setInterval(() => void look().catch(onError), clockMilliseconds).unref();
  return { now: () => new Date(own().getTime() + ahead), stop: () => clearInterval(timer) };
}

const flushMilliseconds = 10_000;

/** Refused requests are many by nature: they are counted here, and written now and then. */
function refusedCallers(db: Db, now: () => Date, onError: (error: unknown) => void): { count(caller: string): void; flush(): Promise<void> } {
  let counts = new Map<string, number>();
  const write = async (): Promise<void> => {
    const counted = counts;
    counts = new Map();
    for (const [caller, refused] of counted) await noteLimited(db, caller, refused, now());
  };
  const timer = setInterval(() => void write().catch(onError), flushMilliseconds).unref();
  return {
    count: (caller) => {
      if (counts.size < 10_000 || counts.has(caller)) counts.set(caller, (counts.get(caller) ?? 0) + 1);
    },
    flush: async () => {
      clearInterval(timer);
      await write().catch(onError);
    },
  };
}

const readyMilliseconds = 500;

/** Anyone may ask: one look answers all who ask at about the same time. */
function keptFor<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let kept: { answer: Promise<T>; until: number } | undefined;
  return () => {
    if (!kept || kept.until < Date.now()) kept = { answer: ask(), until: Date.now() + milliseconds };
    return kept.answer;
  };
}

interface OpenedStore {
  db: Db;
  pool?: ReturnType<typeof openPostgres>["pool"];
  schema(): Promise<{ found: number; needed: number }>;
  translate(error: unknown): unknown;
}

const connectTries = 10;

async function openStore({ config, dataDir, log }: HostedOptions, onError: (error: unknown) => void): Promise<OpenedStore> {
  if (!config.databaseUrl) {
    const file = join(dataDir, "chartctl.db");
    const db = openSqlite(file);
    return { db, schema: async () => ({ found: newestSchema, needed: newestSchema }), translate: (error) => storeError(error, file) };
  }
  const postgres = openPostgres({ url: config.databaseUrl, poolSize: config.poolSize, ca: config.databaseCa, onIdleError: onError });
  try {
    await whenReachable(log, postgres.migrate);
  } catch (error) {
    await postgres.db.destroy();
    throw error;
  }
  return { db: postgres.db, pool: postgres.pool, schema: postgres.schema, translate: postgresError };
}

/** A process may start while its database does. */
async function whenReachable<T>(log: Log, open: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await open();
    } catch (thrown) {
      const error = postgresError(thrown);
      if (!(error instanceof ChartctlError && error.code === "store.unavailable" && tried < connectTries)) throw error;
      log.error({ message: "the database can't be reached; trying again", error });
      await new Promise((resolve) => setTimeout(resolve, Math.min(500 * tried, 3_000)));
    }
  }
}

/** A hosted store's key comes from its environment: a file on a host's disk is gone with the next release. */
function sealKeys({ config, dataDir }: HostedOptions) {
  if (config.masterKey) return keysFromText(config.masterKey);
  if (!config.databaseUrl) return keyFromFile(join(dataDir, "master.key"));
  throw new ChartctlError({
    kind: "usage",
    code: "config.master-key",
    message: "CHARTCTL_MASTER_KEY is not set, and what PostgreSQL keeps sealed needs one",
    hint: "make one, and keep it safe: openssl rand -base64 32",
  });
}

async function readiness(store: OpenedStore, queue: Queue): Promise<Ready> {
  const check = async (name: string, look: () => Promise<string>): Promise<Ready["checks"][number]> => {
    try {
      return { name, ok: true, found: await look() };
    } catch (error) {
      // For anyone to read: what is wrong, not where the database is.
      return { name, ok: false, found: error instanceof ChartctlError ? messageOf(error) : "it doesn't answer" };
    }
  };
  const checks = await Promise.all([
    check("database", async () => {
      await store.db.selectFrom("tenants").select("id").limit(1).execute();
      return "answers";
    }),
    check("migrations", async () => {
      const { found, needed } = await store.schema();
      if (found < needed) throw new ChartctlError({ kind: "failed", code: "store.old-schema", message: `schema ${found}, and ${needed} is needed` });
      return `schema ${found}`;
    }),
    check("queue", async () => {
      await queue.check();
      return "answers";
    }),
  ]);
  return { status: checks.every(({ ok }) => ok) ? "ready" : "not ready", checks };
}
