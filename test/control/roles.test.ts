/** Every route, with every role and every token that must not count. */
import { exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnyEndpoint } from "../../src/contract/endpoints.ts";
import { endpoints } from "../../src/contract/endpoints.ts";
import type { Role } from "../../src/contract/roles.ts";
import { atLeast, roles } from "../../src/contract/roles.ts";
import { signingKeys } from "../../src/control/store/signing-keys.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest, issuer, readADay } from "./hosted.ts";
import { holder, provisionOf } from "./support.ts";

let api: HostedTest;
let operationId: string;
let jobId: string;
let tokenId: string;
let trustId: string;
let reportId: string;

/** Something to ask of each route that passes its schema. */
const bodies = (): Partial<Record<keyof typeof endpoints, unknown>> => ({
  addTenant: { id: "initech", roleArn: null, accountId: null },
  updateTenant: { roleArn: null },
  connectBilling: { table: "cost_and_usage" },
  verifyTenant: { roleArn: "arn:aws:iam::123456789012:role/acme" },
  addUser: { id: "newcomer", role: "member" },
  updateUser: { disabled: false },
  createToken: { name: "ci" },
  addTrust: { userId: "ana", subject: "repo:acme/shop:ref:refs/heads/main" },
  renewProject: {},
  recordCleanup: { error: "x" },
  projectCredentials: { purpose: "read" },
  openOperation: provisionOf("sales"),
  renewLease: { fence: 1 },
  journal: { fence: 1, step: "plan", phase: "intent" },
  saveState: { fence: 1, serial: 1, lineage: "l", body: "{}" },
  recordRelease: { fence: 1, build: "0".repeat(64), codeSha256: "x", files: 0, bytes: 0, source: "folder /", health: "/" },
  operationCredentials: { purpose: "read" },
  finishOperation: { fence: 1, outcome: "succeeded", standing: "something" },
  setQuota: { limits: { projectsPerUser: 5 } },
  deliverAlerts: { again: true },
  startProvision: { projectId: "other" },
  createProject: { projectId: "another" },
  startDeploy: { projectId: "sales", template: "api-only" },
  startRetry: { projectId: "sales" },
  beginBillingRead: { onlyDue: false, holder },
  recordBill: {
    claim: "x",
    againInHours: 24,
    bill: {
      from: "2026-01-01",
      until: "2026-01-02",
      source: "ce",
      openFrom: null,
      byProject: [],
      byService: [],
      price: { requests: 2, dollars: "0.02", bytesScanned: 0, reused: false },
    },
  },
  failBillingRead: { claim: "x", error: "x" },
  generateReport: { month: "2025-12", format: "csv" },
});
const queries: Partial<Record<keyof typeof endpoints, string>> = {
  startDestroy: "?projectId=sales",
  startPurge: "?projectId=sales",
  billedCosts: "?from=2026-01-01&until=2026-01-02",
  billedUsage: "?project=sales&month=2026-01",
  listBookings: "?from=2026-01-01&until=2026-02-01",
};

const pathOf = (name: string, { path }: AnyEndpoint): string =>
  path
    .replace(":tenantId", "acme")
    .replace(":projectId", "sales")
    .replace(":operationId", operationId)
    .replace(":userId", "ana")
    .replace(":jobId", jobId)
    .replace(":tokenId", tokenId)
    .replace(":trustId", trustId)
    .replace(":reportId", reportId) + (queries[name as keyof typeof endpoints] ?? "");

const ask = async (name: string, endpoint: AnyEndpoint, token: string | undefined, headers: Record<string, string> = {}) =>
  await api.send(endpoint.method, pathOf(name, endpoint), {
    token,
    headers,
    ...(endpoint.method === "GET" ? {} : { body: bodies()[name as keyof typeof endpoints] ?? {} }),
  });

const all = Object.entries(endpoints) as [string, AnyEndpoint][];
const guarded = all.filter(([, { allow }]) => allow !== "anyone");

async function world(): Promise<void> {
  api = await hostedTest();
  for (const role of ["member", "admin", "owner"] as const) {
    await api.user("acme", role === "member" ? "ana" : role, role);
    await api.user("globex", role === "member" ? "ana" : role, role);
  }
  await api.user("platform", "root", "global_owner");
  const ana = await api.token("acme", "ana", "member");
  const opened = await api.send("POST", "/operations", { token: ana, body: provisionOf("sales") });
  operationId = opened.body.operation.id;
  const admin = await api.token("acme", "admin", "admin");
  jobId = (await api.send("POST", "/deploy", { token: ana, body: { projectId: "queued" } })).body.id;
  tokenId = (await api.send("POST", "/tokens", { token: ana, body: { name: "mine" } })).body.id;
  trustId = (await api.send("POST", "/workloads", { token: admin, body: { userId: "ana", subject: "repo:acme/shop" } })).body.id;
  await readADay(api.db, "acme", "2025-12-01");
  reportId = (await api.send("POST", "/reports/generate", { token: admin, body: { month: "2025-12", format: "csv" } })).body.id;
  expect([operationId, jobId, tokenId, trustId, reportId].every((id) => typeof id === "string")).toBe(true);
}

const homeOf = (role: Role): [string, string] => [
  role === "global_owner" ? "platform" : "acme",
  role === "member" ? "ana" : role === "global_owner" ? "root" : role,
];

describe.each(guarded)("%s", (name, endpoint) => {
  beforeAll(world, 60_000);
  afterAll(() => api?.close());

  it.each(roles)("by a %s", async (role) => {
    const [tenant, user] = homeOf(role);
    const token = await api.token(tenant, user, role);
    // The platform's owner works in a tenant by naming it.
    const { status, body } = await ask(
      name,
      endpoint,
      token,
      role === "global_owner" && endpoint.allow !== "global_owner" ? { "x-chartctl-tenant": "acme" } : {},
    );
    const where = `${role}: ${status} ${JSON.stringify(body).slice(0, 200)}`;
    if (!atLeast(role, endpoint.allow as Role)) {
      expect({ status, code: body.code }, where).toEqual({ status: 403, code: `role.${endpoint.allow}` });
    } else {
      expect(status, where).not.toBe(401);
      expect(body?.code ?? "", where).not.toMatch(/^(role\.|auth\.)/);
      expect(status, where).toBeLessThan(500);
    }
  });
});

describe("whoever must not get in", () => {
  let strangers: [string, string | undefined, RegExp][];
  beforeAll(async () => {
    await world();
    const ana = await api.db.selectFrom("users").selectAll().where("tenant_id", "=", "acme").where("id", "=", "owner").executeTakeFirstOrThrow();
    const { token } = await api.sessions.issue(ana, "session", "owner");
    const [key] = await signingKeys(api.db, api.seal);
    if (!key) throw new Error("no key");
    const claims = { tenant_id: "acme", via: "session", since: ana.sessions_from, role: "global_owner" };
    const signed = async (change: (jwt: SignJWT) => SignJWT, jwk = key.privateJwk, kid = key.kid): Promise<string> =>
      await change(
        new SignJWT(claims)
          .setProtectedHeader({ alg: "EdDSA", kid })
          .setSubject("owner")
          .setIssuer(issuer)
          .setAudience("chartctl")
          .setIssuedAt(api.clock.now)
          .setJti("j")
          .setExpirationTime(new Date(api.clock.now.getTime() + 60_000)),
      ).sign(await importJWK(jwk, "EdDSA"));
    const foreign = await exportJWK((await generateKeyPair("EdDSA", { extractable: true })).privateKey);
    const [head = "", payload = "", signature = ""] = token.split(".");
    const raised = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload, "base64url").toString()), sub: "root", tenant_id: "platform" })).toString(
      "base64url",
    );
    strangers = [
      ["nobody", undefined, /^auth\.missing$/],
      ["an unknown API token", "cct_0123456789abcdef_0123456789012345678901234567890123456789012", /^auth\.invalid$/],
      ["an expired API token", await api.token("acme", "owner", "owner", { expiresAt: "2026-01-01T11:59:59.000Z" }), /^auth\.expired$/],
      ["a revoked API token", await api.token("acme", "owner", "owner", { revoked: true }), /^auth\.revoked$/],
      ["an API token with another secret", (await api.token("acme", "owner", "owner")).replace(/.{10}$/, "AAAAAAAAAA"), /^auth\.invalid$/],
      ["an expired session", await signed((jwt) => jwt.setExpirationTime(new Date(api.clock.now.getTime() - 1_000))), /^auth\.expired$/],
      ["a session for another audience", await signed((jwt) => jwt.setAudience("elsewhere")), /^auth\.invalid$/],
      ["a session of another issuer", await signed((jwt) => jwt.setIssuer("https://evil.test")), /^auth\.invalid$/],
      ["a session signed by a stranger under our key's name", await signed((jwt) => jwt, foreign), /^auth\.invalid$/],
      ["a session signed by an unknown key", await signed((jwt) => jwt, foreign, "unknown"), /^auth\.invalid$/],
      [
        "an unsigned session",
        new UnsecuredJWT(claims).setSubject("owner").setIssuer(issuer).setAudience("chartctl").setExpirationTime("1h").encode(),
        /^auth\.invalid$/,
      ],
      ["a session with changed claims", `${head}.${raised}.${signature}`, /^auth\.invalid$/],
      ["a session without its signature", `${head}.${payload}.`, /^auth\.invalid$/],
      ["no token at all", "Basic", /^auth\.invalid$/],
    ];
  });
  afterAll(() => api.close());

  it.each(guarded)("%s", async (name, endpoint) => {
    for (const [who, token, code] of strangers) {
      const { status, body, headers } = await ask(name, endpoint, token);
      expect({ status, code: body.code }, who).toEqual({ status: 401, code: expect.stringMatching(code) });
      expect(headers.get("www-authenticate"), who).toMatch(/^Bearer/);
    }
  });

  it("a token of another tenant, whatever it names, finds nothing, and changes nothing", async () => {
    const before = await dump();
    const theirs = await api.token("globex", "owner", "owner");
    let notFound = 0;
    for (const [name, endpoint] of guarded) {
      if (!/:(projectId|operationId|jobId|tokenId|trustId|reportId)/.test(endpoint.path)) continue;
      const { status, body } = await ask(name, endpoint, theirs);
      if (name === "projectCredentials") {
        // A plan before the first provision: for their own tenant's role, and a key that names nothing.
        expect(body.accessKeyId).toBe("for-globex-read");
        continue;
      }
      expect([404, 409], `${name}: ${status} ${JSON.stringify(body)}`).toContain(status);
      expect(body.code, name).toMatch(/not-found|operation\.fenced/);
      notFound++;
    }
    expect(notFound).toBeGreaterThan(15);
    // Naming the tenant doesn't open it either.
    for (const [name, endpoint] of guarded) {
      const { status, body } = await ask(name, endpoint, theirs, { "x-chartctl-tenant": "acme" });
      expect({ status, code: body.code }, name).toEqual({ status: 404, code: "tenant.not-found" });
    }
    expect(await dump()).toBe(before);
  });

  it("a member can't act for another user, nor touch what is another's", async () => {
    await api.user("acme", "ben", "member");
    const ben = await api.token("acme", "ben", "member");
    const before = await dump();
    expect((await api.send("GET", "/projects", { token: ben, headers: { "x-chartctl-user": "ana" } })).body.code).toBe("role.admin");
    for (const name of [
      "renewProject",
      "recordCleanup",
      "getState",
      "renewLease",
      "journal",
      "saveState",
      "finishOperation",
      "recordRelease",
      "operationCredentials",
      "projectCredentials",
      "startDestroy",
      "revokeToken",
    ] as const) {
      const { status, body } = await ask(name, endpoints[name], ben);
      expect([403, 404, 409], `${name}: ${JSON.stringify(body)}`).toContain(status);
    }
    expect((await api.send("GET", "/quota?user=ana", { token: ben })).status).toBe(403);
    expect(await dump()).toBe(before);
  });

  it("a role is read at each request: lowered, it counts at once; disabled, nothing does", async () => {
    await api.user("acme", "cleo", "admin");
    const token = await api.token("acme", "cleo", "admin");
    const row = await api.db.selectFrom("users").selectAll().where("id", "=", "cleo").executeTakeFirstOrThrow();
    const session = (await api.sessions.issue(row, "session", "admin")).token;
    for (const one of [token, session]) expect((await api.send("GET", "/users", { token: one })).status).toBe(200);
    await api.db.updateTable("users").set({ role: "member" }).where("id", "=", "cleo").execute();
    for (const one of [token, session]) expect((await api.send("GET", "/users", { token: one })).body.code).toBe("role.admin");
    await api.db.updateTable("users").set({ status: "disabled" }).where("id", "=", "cleo").execute();
    for (const one of [token, session]) expect((await api.send("GET", "/projects", { token: one })).body).toMatchObject({ status: 401, code: "auth.disabled" });
  });

  it("a token gives no more than it was made for, whatever its user has", async () => {
    const narrow = await api.token("acme", "owner", "member");
    expect((await api.send("GET", "/users", { token: narrow })).body.code).toBe("role.admin");
    expect((await api.send("POST", "/tokens", { token: narrow, body: { name: "up", role: "owner" } })).body.code).toBe("role.above");
  });
});

const dump = async (): Promise<string> =>
  JSON.stringify(
    await Promise.all(
      (["projects", "operations", "states", "journal", "releases", "jobs", "quotas", "workload_trusts", "users", "tenants"] as const).map(
        async (table) => await api.db.selectFrom(table).selectAll().execute(),
      ),
    ),
  );
