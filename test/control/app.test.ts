import { afterEach, describe, expect, it } from "vitest";
import type { Endpoint } from "../../src/contract/endpoint.ts";
import { endpoints } from "../../src/contract/endpoints.ts";
import type { Principal } from "../../src/control/principal.ts";
import { ChartctlError } from "../../src/errors.ts";
import type { TestApi } from "./support.ts";
import { destroyOf, proof, provisionOf, testApi } from "./support.ts";

let api: TestApi | undefined;
afterEach(() => api?.close());

const someone = {
  tenantId: "acme",
  userId: "ana",
  role: "member",
  via: "token",
  actor: "ana",
  caller: "ana",
  home: { tenantId: "acme", userId: "ana" },
  requestId: "r-1",
} as const;
const as = (principal: Partial<Principal>) => async (): Promise<Principal> => ({ ...someone, ...principal });
const headers = { "x-chartctl-tenant": "acme", "x-chartctl-user": "ana" };
const send = async (
  method: string,
  path: string,
  body?: string | ReadableStream | null,
): Promise<{ status: number; type: string | null; problem: Record<string, unknown> }> => {
  const answer = await (api as TestApi).fetch(
    new Request(`http://test/api${path}`, { method, headers, ...(body ? { body, duplex: "half" } : {}) } as RequestInit),
  );
  return { status: answer.status, type: answer.headers.get("content-type"), problem: (await answer.json()) as Record<string, unknown> };
};

describe("the application", () => {
  it("binds every endpoint of the contract", async () => {
    api = await testApi();
    for (const { method, path } of Object.values(endpoints)) {
      const { problem } = await send(method, path.replace(/:\w+/g, "some"), method === "GET" ? null : "{}");
      expect(problem, `${method} ${path}`).not.toMatchObject({ code: "route.not-found" });
    }
  });

  it.each([
    ["no JSON", "POST", "/operations", "{", 422, "request.invalid"],
    ["a missing field", "POST", "/operations", "{}", 422, "request.invalid"],
    ["a bad name in the path", "GET", "/projects/No_Good", null, 422, "request.invalid"],
    ["a bad query", "GET", "/quota?user=No_Good", null, 422, "request.invalid"],
    ["a parameter out of range", "POST", "/operations", JSON.stringify(withParameters({ memory_mb: 1 })), 422, "parameter.invalid"],
    ["an unknown route", "GET", "/nothing", null, 404, "route.not-found"],
    ["an unknown project", "GET", "/projects/none", null, 404, "project.not-found"],
    ["an unknown operation", "POST", "/operations/none/lease", '{"fence":1}', 409, "operation.fenced"],
  ])("answers %s with a problem", async (_, method, path, body, status, code) => {
    api = await testApi();
    const answer = await send(method, path, body);
    expect(answer).toMatchObject({ status, type: expect.stringContaining("application/problem+json"), problem: { status, code, detail: expect.any(String) } });
  });

  it("takes a state of several MB, and no body above its limit", async () => {
    api = await testApi();
    const { operation } = await api.books("acme").open(provisionOf("sales"));
    const body = "x".repeat(5_000_000);
    await api.books("acme").saveState(operation, { serial: 1, lineage: "l", body });
    expect((await api.books("acme").state("sales"))?.body).toBe(body);
    const tooLarge = { status: 413, problem: { code: "request.too-large" } };
    expect(await send("PUT", `/operations/${operation.id}/state`, "x".repeat(20_000_001))).toMatchObject(tooLarge);
    expect(await send("POST", "/operations", "x".repeat(1_000_001))).toMatchObject(tooLarge);
  });

  it("stops reading a body without end at the limit", async () => {
    api = await testApi();
    let chunks = 0;
    const endless = new ReadableStream({
      pull: (sink) => {
        chunks++;
        sink.enqueue(new Uint8Array(100_000));
      },
    });
    expect(await send("POST", "/operations", endless)).toMatchObject({ status: 413, problem: { code: "request.too-large" } });
    expect(chunks).toBeLessThan(15);
  });

  it("says nothing of its inside when it has a bug", async () => {
    const seen: unknown[] = [];
    api = await testApi({
      cents: () => {
        throw new Error("secret inside");
      },
      onBug: (error) => seen.push(error),
    });
    const answer = await send("POST", "/operations", JSON.stringify(provisionOf("sales")));
    expect(answer).toMatchObject({ status: 500, problem: { code: "bug", kind: "bug" } });
    expect(JSON.stringify(answer)).not.toContain("secret");
    expect(seen).toEqual([expect.objectContaining({ message: "secret inside" })]);
  });
});

describe("rights", () => {
  const asMember = async (): Promise<TestApi> => await testApi({ identify: as({}) });
  it("a member can't manage tenants, limits, expiry or another's project", async () => {
    api = await asMember();
    const call = api.call("acme");
    await expect(call(endpoints.listTenants, {})).rejects.toMatchObject({ kind: "auth", code: "role.global_owner" });
    for (const tenantId of ["acme", "globex"])
      await expect(call(endpoints.tenantConnection, { params: { tenantId } })).rejects.toMatchObject({ code: "role.global_owner" });
    await expect(call(endpoints.addTenant, { body: { id: "acme", roleArn: null, accountId: null } })).rejects.toMatchObject({ code: "role.global_owner" });
    await expect(call(endpoints.setQuota, { body: { limits: { projectsPerUser: 99 } } })).rejects.toMatchObject({ code: "role.admin" });
    await api.books("acme").open(provisionOf("sales"));
    const renew = (ttlSeconds: number | null) => call(endpoints.renewProject, { params: { projectId: "sales" }, body: { ttlSeconds } });
    await expect(renew(null)).rejects.toMatchObject({ code: "ttl.none" });
    await expect(renew(30 * 86_400 + 1)).rejects.toMatchObject({ kind: "auth", code: "ttl.too-long" });
    expect(await renew(30 * 86_400)).toMatchObject({ expiresAt: "2026-01-31T12:00:00.000Z" });
    expect(await renew(7_200)).toMatchObject({ expiresAt: "2026-01-01T14:00:00.000Z" });
    await api.db.updateTable("projects").set({ user_id: "ben" }).execute();
    await expect(renew(60)).rejects.toMatchObject({ kind: "refused", code: "project.not-yours" });
    await expect(api.books("acme").open(destroyOf("sales"))).rejects.toMatchObject({ code: "project.not-yours" });
  });

  it("an admin acts on another's project, and it stays booked on its owner", async () => {
    api = await testApi();
    const { operation } = await api.books("acme", "ana").open(provisionOf("sales"));
    await api.books("acme", "ana").finish(operation, { outcome: "succeeded", standing: "something" });
    expect((await api.books("acme", "root").open(provisionOf("sales"))).project.userId).toBe("ana");
    expect((await api.books("acme", "root").quota()).used.projects).toBe(0);
  });

  it("nobody is told who is not there", async () => {
    api = await testApi({
      identify: async () => {
        throw new ChartctlError({ kind: "auth", code: "auth.missing", message: "No token" });
      },
    });
    expect(await send("GET", "/projects")).toMatchObject({ status: 401, problem: { code: "auth.missing" } });
    expect((await send("GET", "/health")).status).toBe(200);
  });
});

describe("tenants", () => {
  it("get one random external ID, shown at adding, sealed in the store", async () => {
    api = await testApi();
    const call = api.call("platform");
    const ids = await Promise.all(["acme", "globex"].map((id) => call(endpoints.addTenant, { body: { id, roleArn: null, accountId: null } })));
    expect(new Set(ids.map(({ externalId }) => externalId)).size).toBe(2);
    for (const { id, externalId } of ids) {
      expect(externalId).toMatch(/^[0-9a-f]{32}$/);
      expect((await call(endpoints.tenantConnection, { params: { tenantId: id } })).externalId).toBe(externalId);
      expect(JSON.stringify(await api.db.selectFrom("tenants").selectAll().execute())).not.toContain(externalId);
      expect(JSON.stringify(await api.db.selectFrom("audit").selectAll().execute())).not.toContain(externalId);
    }
    expect(JSON.stringify(await call(endpoints.listTenants, {}))).not.toContain(ids[0]?.externalId);
    await expect(call(endpoints.addTenant, { body: { id: "acme", roleArn: null, accountId: null } })).rejects.toMatchObject({ code: "tenant.exists" });
  });

  it("reach nothing of each other by any endpoint that names a project or an operation", async () => {
    api = await testApi();
    const { operation } = await api.books("acme").open(provisionOf("sales"));
    await api.books("acme").saveState(operation, { serial: 1, lineage: "l", body: "secret" });
    const bodies: Record<string, object> = {
      renewProject: {},
      renewLease: { fence: 1 },
      journal: { fence: 1, step: "x", phase: "done" },
      saveState: { fence: 1, serial: 9, lineage: "l", body: "theirs" },
      recordRelease: { fence: 1, build: "0".repeat(64), codeSha256: "x", files: 0, bytes: 0, source: "folder /", health: "/" },
      recordCleanup: { error: "x" },
      operationCredentials: { purpose: "read" },
      projectCredentials: { purpose: "read" },
      finishOperation: { fence: 1, outcome: "failed", standing: "nothing" },
    };
    const dump = async () =>
      JSON.stringify(
        await Promise.all(
          (["projects", "operations", "states", "journal", "releases"] as const).map((table) => api?.db.selectFrom(table).selectAll().execute()),
        ),
      );
    const before = await dump();
    const named = Object.entries(endpoints as unknown as Record<string, Endpoint<never, never, never, never>>).filter(([, { path }]) =>
      /:(projectId|operationId)/.test(path),
    );
    expect(named).toHaveLength(13);
    for (const [name, endpoint] of named) {
      const asked = api.call("globex")(
        endpoint as never,
        { params: { projectId: "sales", operationId: operation.id }, ...(name in bodies ? { body: bodies[name] } : {}) } as never,
      );
      await expect(asked, name).rejects.toMatchObject({ code: expect.stringMatching(/^(project\.not-found|operation\.fenced|api\.embedded)$/) });
    }
    expect(await api.call("globex")(endpoints.listProjects, {})).toEqual([]);
    expect(await dump()).toBe(before);
  });
});

it("every change leaves a line of audit: who, what, before, after, when", async () => {
  api = await testApi();
  const call = api.call("acme", "root");
  await call(endpoints.addTenant, { body: { id: "acme", roleArn: null, accountId: null } });
  await call(endpoints.setQuota, { body: { limits: { projectsPerUser: 2 } } });
  const books = api.books("acme");
  const first = await books.open(provisionOf("sales"));
  await books.finish(first.operation, { outcome: "succeeded", standing: "something" });
  await call(endpoints.renewProject, { params: { projectId: "sales" }, body: { ttlSeconds: null } });
  const last = await books.open(destroyOf("sales"));
  await books.finish(last.operation, { outcome: "succeeded", standing: "nothing", receipt: proof() });
  const lines = await api.db.selectFrom("audit").selectAll().orderBy("sequence").execute();
  expect(lines.map(({ actor, action, subject }) => `${actor} ${action} ${subject}`)).toEqual([
    "root tenant.added acme",
    "root quota.set acme",
    "ana operation.provision.opened sales",
    "ana operation.provision.succeeded sales",
    "root project.renewed sales",
    "ana operation.destroy.opened sales",
    "ana operation.destroy.succeeded sales",
  ]);
  expect(JSON.parse(lines[1]?.before ?? "")).toMatchObject({ projectsPerUser: 10 });
  expect(JSON.parse(lines[1]?.after ?? "")).toMatchObject({ projectsPerUser: 2 });
  expect(lines.every(({ at }) => at === "2026-01-01T12:00:00.000Z")).toBe(true);
});

function withParameters(parameters: Record<string, number>) {
  const request = provisionOf("sales");
  return { ...request, desired: { ...request.desired, parameters } };
}
