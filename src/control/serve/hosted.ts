/** A hosted control API put together: its store, keys, queue, limits, and the application on them. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Hono } from "hono";
import { serverlessWebParameters } from "../../contract/blueprints.ts";
import type { IssuedCredentials } from "../../contract/lifecycle-endpoints.ts";
import { estimate } from "../../core/costs/estimate.ts";
import type { AlertReceiver } from "../../core/costs/limits/deliver-alerts.ts";
import type { PriceTable } from "../../core/costs/prices/table.ts";
import type { CredentialRequest } from "../../core/ports.ts";
import type { RoleProbe } from "../../core/tenants/role-probe.ts";
import { ChartctlError } from "../../errors.ts";
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
import { resealAll } from "../store/reseal.ts";
import { keyFromFile, keysFromText, sealWith } from "../store/seal.ts";
import type { TenantConnection } from "../store/tenants.ts";
import { tenantConnection } from "../store/tenants.ts";
import { addFirstOwner, hasOwner, setOwner } from "../store/users.ts";
import type { HostConfig } from "./config.ts";
import { databaseClock } from "./database-clock.ts";
import { keptFor } from "./kept-for.ts";
import type { Log } from "./log.ts";
import { openStore, whenReachable } from "./open-store.ts";
import { readiness } from "./readiness.ts";
import { refusedCallers } from "./refused-callers.ts";

const readyMilliseconds = 500;

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
  issuer(connection: (tenantId: string) => Promise<TenantConnection>): (request: CredentialRequest) => Promise<IssuedCredentials>;
  /** Tries tenants' roles in the server's own name. */
  roleProbe(): Promise<RoleProbe>;
  /** Where alerts about costs go. */
  alertReceiver: AlertReceiver | undefined;
  addressOf(request: Request): string;
  prices(): PriceTable;
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
  /** The owner's password is the environment's from now on: whoever has the database may do that. Errors: `config.owner-password` (usage), `owner.in-use` (conflict). */
  setOwner(options: { ifUnused: boolean }): Promise<{ id: string }>;
  /** Seals everything under the newest key, and signs sessions with a new one; those that there are may end. */
  rotateKeys(options: { endSessions: boolean }): Promise<{ resealed: Record<string, number>; signingKey: string }>;
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
    estimateMonthlyCents: ({ blueprint, region, parameters }) =>
      estimate(options.prices(), blueprint, region, serverlessWebParameters.parse(parameters)).monthlyCents,
    alertReceiver: async () => options.alertReceiver,
    onBug: (error) => log.error({ message: "bug", error }),
    translate: store.translate,
  };
  const hosted: Hosted = {
    publicUrl: config.publicUrl,
    sessions,
    limits,
    verifyWorkload: workloadVerifier({ audience: config.publicUrl, now }),
    issueCredentials: options.issuer(async (tenantId) => await tenantConnection(db, seal, tenantId)),
    enqueue: queue.enqueue,
    roleProbe: options.roleProbe,
    // Anyone may ask.
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
    setOwner: async ({ ifUnused }) => {
      const { id, password } = config.owner;
      if (!password) throw noOwnerPassword();
      await setOwner(db, { id, passwordHash: await hashPassword(password), now: now(), ifUnused });
      return { id };
    },
    rotateKeys: async ({ endSessions }) => ({ resealed: await resealAll(db, seal), signingKey: await sessions.rotate({ endAll: endSessions }) }),
    close: async () => {
      clock.stop();
      await refused.flush();
      await queue.stop().catch(onError);
      await db.destroy();
    },
  };
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

const noOwnerPassword = (): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "config.owner-password",
    message: "CHARTCTL_OWNER_PASSWORD is not set, and the owner needs one",
    hint: "see what it is for: chartctl serve --help",
  });
