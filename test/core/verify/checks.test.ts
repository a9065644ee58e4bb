/** Each check against a platform that is well, and against one with exactly that fault: a check that can't fail is none. */
import { describe, expect, it } from "vitest";
import { endpoints } from "../../../src/contract/endpoints.ts";
import type { VerifyOptions } from "../../../src/core/verify/checks.ts";
import { checkNames, verify } from "../../../src/core/verify/checks.ts";
import type { Answer, Ask } from "../../../src/core/verify/platform.ts";
import { ChartctlError } from "../../../src/errors.ts";

const now = new Date("2026-03-01T12:00:00Z");
const origin = "https://app.example.org";
const ready = { status: "ready", checks: ["database", "migrations", "queue"].map((name) => ({ name, ok: true, found: "answers" })) };
const alive = { id: "worker-a", alive: true, terraform: "terraform 1.11.4" };
const refused = () => new ChartctlError({ kind: "refused", code: "quota.project-cost", message: "The estimate passes the limit" });

interface World {
  url: string;
  answer(asked: Ask, nth: number): Partial<Answer> | undefined;
  certificateDays: number;
  workers: unknown[];
  tenants: unknown[];
  /** What trying a role of a tenant finds. */
  role: { name: string; result: string; found: string };
  open(): never | { operation: { id: string; fence: number } };
  signedIn: boolean;
}

const headers = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "content-security-policy": "default-src 'none'",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "strict-transport-security": "max-age=31536000",
};

/** What a platform that is well answers. */
function well({ path, as, headers: sent }: Ask, nth: number): Partial<Answer> {
  if (path === "/api/health") return { body: { status: "ok", version: "1.0.0" }, headers };
  if (path === "/api/ready") return { body: ready };
  if (path === "/api/auth/login") return nth > 10 ? { status: 429, headers: { "retry-after": "900" } } : { status: 401 };
  if (sent?.origin !== undefined) return { status: 204, headers: sent.origin === origin ? { "access-control-allow-origin": origin } : {} };
  return { status: as === "operator" ? 200 : 401 };
}

async function look(change: Partial<World> = {}, more: Partial<VerifyOptions> = {}) {
  const world: World = {
    url: "https://platform.example.org",
    answer: () => undefined,
    certificateDays: 60,
    workers: [alive],
    tenants: [
      { id: "acme", roleArn: "arn:aws:iam::111122223333:role/x" },
      { id: "later", roleArn: null },
    ],
    role: { name: "wrong external ID", result: "ok", found: "refused" },
    open: () => {
      throw refused();
    },
    signedIn: true,
    ...change,
  };
  const finished: unknown[] = [];
  const counts = new Map<string, number>();
  let slept = 0;
  const results = await verify({
    platform: {
      url: world.url,
      signedIn: world.signedIn,
      ask: async (asked) => {
        const nth = (counts.get(asked.path) ?? 0) + 1;
        counts.set(asked.path, nth);
        return { status: 200, headers: {}, body: undefined, ...(world.answer(asked, nth) ?? well(asked, nth)) };
      },
      certificate: async () => ({ endsAt: new Date(now.getTime() + world.certificateDays * 86_400_000), issuer: "Example CA" }),
    },
    call: (async (endpoint: unknown, input: unknown) => {
      if (endpoint === endpoints.me) return { tenantId: "platform", userId: "root", role: "global_owner", via: "token" };
      if (endpoint === endpoints.listTenants) return world.tenants;
      if (endpoint === endpoints.verifyTenant) return { checks: [world.role] };
      if (endpoint === endpoints.adminStats) return { workers: world.workers };
      if (endpoint === endpoints.openOperation) return world.open();
      finished.push(input);
      return {};
    }) as VerifyOptions["call"],
    clock: {
      now: () => now,
      sleep: async () => {
        slept++;
      },
    },
    processes: { self: () => ({ machine: "here", pid: 1, startedAt: "now" }), look: () => "gone" },
    origin,
    version: "1.0.0",
    newId: () => "0f0f0f0f-0000-4000-8000-000000000000",
    skip: [],
    onCheck: () => {},
    ...more,
  });
  const of = (result: string): string[] => results.filter((one) => one.result === result).map(({ name }) => name);
  return { results, failed: of("fail"), skipped: of("skipped"), finished, counts, slept: () => slept };
}

describe("a platform that is well", () => {
  it("passes every check", async () => {
    const { results, failed, skipped } = await look();
    expect([failed, skipped, results.map(({ name }) => name)]).toEqual([[], [], checkNames]);
  });

  it("is asked for nothing that needs a token by somebody without one", async () => {
    expect(await look({ signedIn: false })).toMatchObject({ failed: [], skipped: ["sign-in", "forged-token", "quota", "worker", "terraform", "assume-role"] });
  });

  it("is not asked what was left out", async () => {
    const { skipped, counts } = await look({}, { skip: ["rate-limit"] });
    expect([skipped, counts.get("/api/auth/login")]).toEqual([["rate-limit"], undefined]);
  });

  it("on this machine needs no TLS; on another one it does", async () => {
    expect((await look({ url: "http://127.0.0.1:5001" })).skipped).toEqual(["tls"]);
    expect((await look({ url: "http://platform.example.org" })).failed).toEqual(["tls"]);
  });
});

const on =
  (path: string, given: Partial<Answer>): World["answer"] =>
  (asked) =>
    asked.path === path ? given : undefined;
const without = (name: string) => Object.fromEntries(Object.entries(headers).filter(([one]) => one !== name));
const health = { body: { status: "ok", version: "1.0.0" } };
const notReady = (name: string) => ({ status: 503, body: { status: "not ready", checks: ready.checks.map((one) => ({ ...one, ok: one.name !== name })) } });

describe("one fault, found by its check alone", () => {
  it.each<[string, Partial<World>]>([
    ["health", { answer: on("/api/health", { body: { hello: "world" }, headers }) }],
    ["database", { answer: on("/api/ready", notReady("database")) }],
    ["migrations", { answer: on("/api/ready", notReady("migrations")) }],
    ["queue", { answer: on("/api/ready", notReady("queue")) }],
    ["tls", { certificateDays: 13 }],
    ["tls", { answer: on("/api/health", { ...health, headers: without("strict-transport-security") }) }],
    ...["x-content-type-options", "x-frame-options", "content-security-policy", "referrer-policy", "cache-control"].map((name): [string, Partial<World>] => [
      "headers",
      { answer: on("/api/health", { ...health, headers: without(name) }) },
    ]),
    ["cors", { answer: (asked) => (asked.method === "OPTIONS" ? { headers: { "access-control-allow-origin": "*" } } : undefined) }],
    ["cors", { answer: (asked) => (asked.method === "OPTIONS" ? { headers: {} } : undefined) }],
    ["sign-in", { answer: (asked) => (asked.path === "/api/projects" && asked.method === "GET" ? { status: 200 } : undefined) }],
    ["forged-token", { answer: (asked) => (asked.as === "forger" ? { status: 200 } : undefined) }],
    ["rate-limit", { answer: on("/api/auth/login", { status: 401 }) }],
    ["rate-limit", { answer: on("/api/auth/login", { status: 500 }) }],
    [
      "quota",
      {
        open: () => {
          throw new ChartctlError({ kind: "failed", code: "store.io", message: "The disk fails" });
        },
      },
    ],
  ])("%s", async (name, change) => {
    expect((await look(change)).failed).toEqual([name]);
  });

  it("assume-role: a role with a hole, by its tenant's name; none yet is no fault", async () => {
    const { failed, results } = await look({ role: { name: "wrong external ID", result: "fail", found: "accepted" } });
    expect(failed).toEqual(["assume-role"]);
    expect(results.at(-1)?.found).toBe("acme: wrong external ID: accepted");
    expect((await look({ tenants: [] })).skipped).toEqual(["assume-role"]);
  });

  it("quota: what was booked all the same is given back", async () => {
    const { failed, finished } = await look({ open: () => ({ operation: { id: "op", fence: 3 } }) });
    expect(failed).toEqual(["quota"]);
    expect(finished).toEqual([{ params: { operationId: "op" }, body: { fence: 3, outcome: "cancelled", standing: "nothing" } }]);
  });

  it("worker, and with it Terraform: none, after some waiting", async () => {
    const { failed, slept } = await look({ workers: [{ ...alive, alive: false }] });
    expect(failed).toEqual(["worker", "terraform"]);
    expect(slept()).toBe(10); // once for both
  });

  it("health: where nothing answers, that is said once", async () => {
    const unreachable = (): never => {
      throw new ChartctlError({ kind: "external", code: "api.unreachable", message: "It doesn't answer" });
    };
    const { failed, skipped } = await look({ answer: unreachable, url: "http://127.0.0.1:5001" });
    expect([failed, skipped]).toEqual([["health"], checkNames.filter((name) => name !== "health")]);
    expect((await look({ answer: unreachable })).failed).toEqual(["health", "tls"]); // the certificate may be why
  });

  it("terraform: not on one of the workers", async () => {
    const { failed, results } = await look({ workers: [alive, { ...alive, id: "worker-b", terraform: null }] });
    expect(failed).toEqual(["terraform"]);
    expect(results.at(-2)?.found).toContain("worker-b");
  });
});
