/** The hosted application on a real store of its own: users, tokens and sessions as they are, a queue and AWS as literals. */
import { randomBytes } from "node:crypto";
import { defaultLimits, defaultTtlSeconds } from "../../src/contract/resources.ts";
import type { Role } from "../../src/contract/roles.ts";
import { createControlApi } from "../../src/control/app.ts";
import { identifyByToken } from "../../src/control/auth/identify.ts";
import { hashPassword } from "../../src/control/auth/passwords.ts";
import { apiTokenText, hashSecret, newSecret } from "../../src/control/auth/secrets.ts";
import type { Sessions } from "../../src/control/auth/sessions.ts";
import { sessionsOf } from "../../src/control/auth/sessions.ts";
import type { VerifyWorkload } from "../../src/control/auth/workload.ts";
import { workloadVerifier } from "../../src/control/auth/workload.ts";
import type { RateLimits } from "../../src/control/limits.ts";
import type { ControlApi, Hosted } from "../../src/control/parts.ts";
import type { Db } from "../../src/control/store/database.ts";
import type { Seal } from "../../src/control/store/seal.ts";
import { sealWith } from "../../src/control/store/seal.ts";
import type { RoleProbe } from "../../src/core/tenants/role-probe.ts";
import { harmlessReads } from "../../src/core/tenants/role-probe.ts";
import { testStore } from "./support.ts";

export const issuer = "https://chartctl.test";
export const password = "correct horse battery";

/** One day's bill of nothing: of a month that nobody read there is no report. */
export async function readADay(db: Db, tenantId: string, day: string): Promise<void> {
  await db
    .insertInto("billed_days")
    .values({ tenant_id: tenantId, day, source: "ce", open: 0, read_at: `${day}T23:00:00.000Z` })
    .onConflict((row) => row.doNothing())
    .execute();
}

/** Never limited. */
const endless: RateLimits = { address: async () => {}, caller: async () => {}, signIn: async () => {}, signedIn: async () => {} };

/** A role as it should be, in account 123456789012. */
export const trustingRole: RoleProbe = {
  principal: async () => "arn:aws:iam::999988887777:role/platform",
  assume: async ({ externalId, tags }) => (externalId === "e" && tags.TenantId === "acme" ? { accessKeyId: "a", secretAccessKey: "s" } : undefined),
  account: async () => "123456789012",
  reads: async (_, read) => (harmlessReads.needed as readonly string[]).includes(read),
  trustPolicy: async () => undefined,
  report: async () => ({
    table: async () => ({ needed: [], missing: [], lacking: [], partitions: [], tags: false }),
    newest: async () => ({ newest: null, lines: 0, tagged: 0, dollars: "0" }),
  }),
  simulate: async () => undefined,
};

export interface HostedTest {
  clock: { now: Date };
  db: Db;
  seal: Seal;
  sessions: Sessions;
  api: ControlApi;
  /** Jobs that were handed to the queue. */
  enqueued: string[];
  /** Bugs that the API told of. */
  bugs: unknown[];
  /** Adds a user with the password of all tests. */
  user(tenant: string, id: string, role: Role): Promise<void>;
  /** A user's API token, as they show it. */
  token(tenant: string, user: string, role: Role, more?: { expiresAt?: string; revoked?: boolean }): Promise<string>;
  send(method: string, path: string, options?: { token?: string | undefined; body?: unknown; headers?: Record<string, string> }): Promise<Answer>;
  close(): Promise<void>;
}
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects
  body: any;
}

export async function hostedTest(
  options: { limits?: Partial<RateLimits>; verifyWorkload?: VerifyWorkload; hosted?: Partial<Hosted>; cents?: () => number } = {},
): Promise<HostedTest> {
  const { db, translate, close } = await testStore();
  const clock = { now: new Date("2026-01-01T12:00:00.000Z") };
  const now = () => clock.now;
  const seal = sealWith(randomBytes(32));
  const sessions = sessionsOf({ db, seal, issuer, now });
  const enqueued: string[] = [];
  const bugs: unknown[] = [];
  const limits = { ...endless, ...options.limits };
  const api: ControlApi = {
    db,
    seal,
    identify: identifyByToken({ db, sessions, now }),
    admit: ({ caller }) => limits.caller(caller),
    now,
    randomHex: (bytes) => randomBytes(bytes).toString("hex"),
    version: "0.0.0",
    platformLimits: defaultLimits,
    defaultTtlSeconds,
    estimateMonthlyCents: options.cents ?? (() => 100),
    onBug: (error) => bugs.push(error),
    alertReceiver: async () => undefined,
    translate,
    hosted: {
      publicUrl: issuer,
      sessions,
      limits,
      verifyWorkload: options.verifyWorkload ?? workloadVerifier({ audience: issuer, now }),
      issueCredentials: async ({ tenantId, purpose }) => ({
        accessKeyId: `for-${tenantId}-${purpose}`,
        secretAccessKey: "s",
        sessionToken: "t",
        expiration: new Date(clock.now.getTime() + 900_000).toISOString(),
        accountId: "123456789012",
      }),
      roleProbe: async () => trustingRole,
      enqueue: async (_, jobId) => void enqueued.push(jobId),
      ready: async () => ({ status: "ready", checks: [] }),
      addressOf: () => "192.0.2.1",
      ...options.hosted,
    },
  };
  const app = createControlApi(api);
  const tenant = (id: string) => ({
    id,
    role_arn: null,
    account_id: null,
    external_id: seal.seal("e", `tenant/${id}/external-id`),
    created_at: clock.now.toISOString(),
    version: 1,
  });
  await db.insertInto("tenants").values(["acme", "globex"].map(tenant)).execute();
  let hash: Promise<string> | undefined;
  const user: HostedTest["user"] = async (tenant, id, role) => {
    hash ??= hashPassword(password);
    const at = clock.now.toISOString();
    await db
      .insertInto("users")
      .values({
        tenant_id: tenant,
        id,
        role,
        password_hash: await hash,
        status: "active",
        version: 1,
        sessions_from: at,
        created_at: at,
        last_sign_in_at: null,
      })
      .execute();
  };
  return {
    clock,
    db,
    seal,
    sessions,
    api,
    enqueued,
    bugs,
    user,
    token: async (tenant, id, role, { expiresAt = new Date(clock.now.getTime() + 365 * 86_400_000).toISOString(), revoked = false } = {}) => {
      const secret = newSecret();
      const tokenId = randomBytes(8).toString("hex");
      const at = clock.now.toISOString();
      await db
        .insertInto("api_tokens")
        .values({
          id: tokenId,
          tenant_id: tenant,
          user_id: id,
          name: "test",
          role,
          hash: hashSecret(secret),
          created_at: at,
          expires_at: expiresAt,
          last_used_at: null,
          revoked_at: revoked ? at : null,
        })
        .execute();
      return apiTokenText(tokenId, secret);
    },
    send: async (method, path, { token, body, headers = {} } = {}) => {
      const answer = await app.fetch(
        new Request(`http://test/api${path}`, {
          method,
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { "content-type": "application/json" }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === "" ? undefined : JSON.parse(text) };
    },
    close,
  };
}
