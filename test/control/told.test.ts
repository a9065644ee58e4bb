/** What AWS billed somebody is found by nobody who may not see it, wherever the API is asked. */
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnyEndpoint } from "../../src/contract/endpoints.ts";
import { endpoints } from "../../src/contract/endpoints.ts";
import { addEventStream } from "../../src/control/serve/events.ts";
import { claimBillingRead, recordBill } from "../../src/control/store/billing-reads.ts";
import { claimJob, endJob } from "../../src/control/store/jobs.ts";
import { overCostReason } from "../../src/core/lifecycle/clean-up-rules.ts";
import { review } from "./bill.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest, readADay } from "./hosted.ts";
import { destroyOf, provisionOf } from "./support.ts";

/** In no other number of this world; as the API says it, and as people read it. */
const billed = "61714.83";
const shown = /61[,.]?71[45]/;

let api: HostedTest;
let tokens: Record<"bob" | "carol" | "adam", string>;
let jobId: string;
let reportId: string;

beforeAll(async () => {
  api = await hostedTest();
  await api.user("acme", "bob", "member");
  await api.user("acme", "carol", "member");
  await api.user("acme", "adam", "admin");
  tokens = { bob: await api.token("acme", "bob", "member"), carol: await api.token("acme", "carol", "member"), adam: await api.token("acme", "adam", "admin") };
  const post = async (who: keyof typeof tokens, path: string, body: unknown) => {
    const answer = await api.send("POST", path, { token: tokens[who], body });
    expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
    return answer.body;
  };
  const stands = async (who: keyof typeof tokens, id: string): Promise<string> => {
    const { operation, project } = await post(who, "/operations", provisionOf(id));
    await post(who, `/operations/${operation.id}/finish`, { fence: operation.fence, outcome: "succeeded", standing: "something" });
    return project.key;
  };
  const sales = await stands("bob", "sales");
  const wiki = await stands("carol", "wiki");
  await api.send("PUT", "/quota", { token: tokens.adam, body: { overCost: { action: "clean-up", graceSeconds: 60 } } });
  jobId = (await post("bob", "/deploy", { projectId: "more" })).id;
  await readADay(api.db, "acme", "2025-12-01");
  reportId = (await post("adam", "/reports/generate", { month: "2025-12", format: "csv" })).id;

  api.clock.now = new Date("2026-01-06T12:00:00.000Z");
  const by = { tenantId: "acme", claim: "one", now: api.clock.now };
  await claimBillingRead(api.db, { ...by, onlyDue: false, holder: null });
  const line = { period: "2026-01-03", kind: "usage", currency: "USD" } as const;
  const bill = {
    from: "2026-01-01",
    until: "2026-01-07",
    source: "ce",
    openFrom: null,
    usage: {
      from: "2025-12-01",
      until: "2026-01-01",
      source: "ce",
      amounts: [sales, wiki].map((key, at) => ({
        ...line,
        period: "2025-12",
        key,
        amount: at === 0 ? billed : "0.5",
        used: { type: "Request-ARM", quantity: at === 0 ? billed : "1", service: null },
      })),
    },
    price: { requests: 2, dollars: "0.02", bytesScanned: 0, reused: false },
  } as const;
  const byProject = [
    { ...line, key: sales, amount: billed },
    { ...line, key: wiki, amount: "0.5" },
  ];
  await recordBill(api.db, by, { ...bill, byProject, byService: [{ ...line, key: "AWS Lambda", amount: "61715.33" }] }, new Date("2026-01-07T12:00:00.000Z"));
  await review(api.db, api.clock.now);

  // What the platform's machines write about it: a job's refusal, a clean-up that failed, and one that is on its way.
  const refused = await api.send("POST", "/deploy", { token: tokens.bob, body: { projectId: "other" } });
  const { kind, code, detail: message, hint } = refused.body;
  expect(code).toBe("quota.user-actual");
  await claimJob(api.db, jobId, "worker", api.clock.now);
  await endJob(api.db, jobId, "worker", { error: { kind, code, message, hint } }, api.clock.now);
  await post("adam", "/projects/sales/cleanup", { error: message });
  const project = (await api.send("GET", "/projects/sales", { token: tokens.bob })).body;
  api.clock.now = new Date("2026-01-06T12:02:00.000Z");
  await post("adam", "/operations", destroyOf("sales", { onlyOverCost: true, reason: overCostReason(project, project.overCost) }));
}, 60_000);
afterAll(async () => await api.close());

const gets = Object.entries(endpoints as Record<string, AnyEndpoint>).filter(([, { method }]) => method === "GET");
/** Each as it is asked with what is there, and, where it says whose, of bob's. */
const asked: Record<string, string[]> = {
  listProjects: ["", "?user=bob"],
  getQuota: ["", "?user=bob"],
  getCosts: ["?days=90"],
  costTrends: ["?days=90", "?days=3"],
  billedCosts: ["project", "user", "service"].flatMap((by) => ["", "&project=sales"].map((of) => `?from=2026-01-01&until=2026-01-07&by=${by}${of}`)),
  billedUsage: ["?project=sales&month=2025-12", "?project=wiki&month=2025-12"],
  listBookings: ["?from=2026-01-01&until=2026-02-01"],
  listJobs: ["", "?projectId=more"],
};
const pathsOf = (name: string, { path }: AnyEndpoint): string[] => {
  const paths = path.includes(":projectId") ? ["sales", "more"].map((id) => path.replace(":projectId", id)) : [path];
  const ids = { tenantId: "acme", userId: "bob", jobId, tokenId: "none", trustId: "none", reportId };
  return paths.flatMap((one) =>
    (asked[name] ?? [""]).map((query) => Object.entries(ids).reduce((so, [id, value]) => so.replace(`:${id}`, value), one) + query),
  );
};
const answers = async (who: keyof typeof tokens): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  for (const [name, endpoint] of gets)
    for (const path of pathsOf(name, endpoint)) {
      const { status, body } = await api.send("GET", path, { token: tokens[who] });
      expect(status, `${path}: ${JSON.stringify(body)}`).toBeLessThan(500);
      found.set(path, JSON.stringify(body));
    }
  return found;
};
const showing = (found: Map<string, string>): string[] => [...found].filter(([, text]) => shown.test(text)).map(([path]) => path);

describe("what AWS billed bob", () => {
  it("is found by himself wherever it is told", async () => {
    expect(showing(await answers("bob"))).toEqual([
      "/projects",
      "/projects?user=bob",
      "/projects/sales",
      "/quota",
      "/quota?user=bob",
      "/deploy/status/sales",
      "/deploy/status/more",
      "/jobs",
      "/jobs?projectId=more",
      `/jobs/${jobId}`,
      `/jobs/${jobId}/progress`,
      "/costs?days=90",
      "/costs/trends?days=90",
      "/costs/trends?days=3",
      "/costs/billed?from=2026-01-01&until=2026-01-07&by=project",
      "/costs/billed?from=2026-01-01&until=2026-01-07&by=project&project=sales",
      "/costs/billed?from=2026-01-01&until=2026-01-07&by=user",
      "/costs/billed?from=2026-01-01&until=2026-01-07&by=user&project=sales",
      "/costs/usage?project=sales&month=2025-12",
      "/dashboard",
    ]);
  });

  it("is found by an admin there and in the audit log", async () => {
    const found = showing(await answers("adam"));
    for (const path of ["/projects/sales", "/quota?user=bob", "/deploy/status/more", "/audit", "/costs/billed?from=2026-01-01&until=2026-01-07&by=service"])
      expect(found).toContain(path);
  });

  it("is found by another member nowhere, who still sees that his project is there", async () => {
    const found = await answers("carol");
    expect(found.size).toBeGreaterThan(40);
    expect(showing(found)).toEqual([]);
    const { body } = await api.send("GET", "/projects/sales", { token: tokens.carol });
    expect(body).toMatchObject({
      userId: "bob",
      monthlyCents: 100,
      infrastructure: "destroying",
      overCost: null,
      cleanup: { attempts: 1, error: "what its owner and the tenant's admins are told" },
      operation: { kind: "destroy", reason: "of what its owner and the tenant's admins are told" },
    });
    expect((await api.send("GET", `/jobs/${jobId}`, { token: tokens.carol })).body).toMatchObject({
      status: "failed",
      error: { kind: "refused", code: "job.failed", message: "It failed; why, its owner and the tenant's admins are told" },
    });
    expect((await api.send("GET", "/projects/wiki", { token: tokens.carol })).body).toMatchObject({ userId: "carol", cleanup: null });
  });

  it("is in no refusal of what she does to it", async () => {
    const tries: [string, string, unknown?][] = [
      ["POST", "/operations", provisionOf("sales")],
      ["POST", "/operations", destroyOf("sales", { onlyOverCost: true })],
      ["POST", "/deploy", { projectId: "sales" }],
      ["DELETE", "/deploy?projectId=sales&purge=true"],
      ["POST", "/projects/sales/renew", {}],
      ["POST", "/projects/sales/credentials", { purpose: "read" }],
      ["PUT", "/quota", { user: "bob", limits: {} }],
    ];
    for (const [method, path, body = {}] of tries) {
      const answer = await api.send(method, path, { token: tokens.carol, body });
      expect(answer.status, path).toBe(403);
      expect(JSON.stringify(answer.body), path).not.toMatch(shown);
    }
  });

  it("is in no job's server-sent events, but his own", async () => {
    const app = new Hono();
    addEventStream(app, api.api, new AbortController().signal);
    const heard = async (who: keyof typeof tokens): Promise<string> =>
      await (await app.fetch(new Request(`http://test/api/jobs/${jobId}/events`, { headers: { authorization: `Bearer ${tokens[who]}` } }))).text();
    expect(await heard("bob")).toMatch(shown);
    const hers = await heard("carol");
    expect(hers).toContain("event: end");
    expect(hers).not.toMatch(shown);
  });
});
