/** Writes that happen once, versions that guard updates, and an audit log that nobody rewrites. */
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forgetOld } from "../../src/control/store/housekeeping.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest } from "./hosted.ts";
import { provisionOf } from "./support.ts";

let api: HostedTest;
let admin: string;
beforeEach(async () => {
  api = await hostedTest();
  await api.user("acme", "boss", "admin");
  await api.user("acme", "ana", "member");
  await api.user("platform", "root", "global_owner");
  admin = await api.token("acme", "boss", "admin");
});
afterEach(() => api.close());

const write = (key: string, body: unknown, token = admin, path = "/users", method = "POST") =>
  api.send(method, path, { token, body, headers: { "idempotency-key": key } });
const users = async () => (await api.send("GET", "/users", { token: admin })).body.length;

describe("an idempotency key", () => {
  it("does it once, and gives the same answer, secrets included, sealed where it is kept", async () => {
    const first = await write("k-1", { id: "ben", role: "member" });
    const again = await write("k-1", { id: "ben", role: "member" });
    expect(first.status).toBe(201);
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(await users()).toBe(3);
    const [row] = await api.db.selectFrom("idempotency").selectAll().execute();
    expect(row?.body).toMatch(/^k1\./);
    expect(JSON.stringify(row)).not.toContain(first.body.invitation.token);
  });

  it("with another body, path or query is refused: 422", async () => {
    await write("k-1", { id: "ben", role: "member" });
    for (const [path, method, body] of [
      ["/users", "POST", { id: "eve", role: "member" }],
      ["/tokens", "POST", { name: "x" }],
    ] as const)
      expect(await write("k-1", body, admin, path, method)).toMatchObject({ status: 422, body: { code: "idempotency.mismatch" } });
    expect(await users()).toBe(3);
  });

  it("belongs to its user: another one's is another key", async () => {
    const ana = await api.token("acme", "ana", "member");
    expect((await write("k-1", { name: "mine" }, admin, "/tokens")).body.userId).toBe("boss");
    expect((await write("k-1", { name: "mine" }, ana, "/tokens")).body.userId).toBe("ana");
  });

  it("of ten at once is done once; whoever comes meanwhile is told that it runs: 409", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => write("k-1", { id: "ben", role: "member" })));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses.filter((status) => status === 201).length).toBeGreaterThan(0);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    for (const { status, body } of answers) if (status === 409) expect(body.code).toBe("idempotency.running");
    expect(await users()).toBe(3);
  });

  it("of a write that was refused is free again, and nothing was done", async () => {
    expect((await write("k-1", { id: "boss", role: "member" })).body.code).toBe("user.exists");
    expect((await write("k-1", { id: "ben", role: "member" })).status).toBe(201);
  });

  it("is kept for seven days", async () => {
    const first = await write("k-1", { name: "a" }, admin, "/tokens");
    api.clock.now = new Date(api.clock.now.getTime() + 6.9 * 86_400_000);
    await forgetOld(api.db, api.clock.now);
    expect((await write("k-1", { name: "a" }, admin, "/tokens")).body.id).toBe(first.body.id);
    api.clock.now = new Date(api.clock.now.getTime() + 0.2 * 86_400_000);
    expect((await write("k-1", { name: "a" }, admin, "/tokens")).body.id).not.toBe(first.body.id);
    await forgetOld(api.db, new Date(api.clock.now.getTime() + 8 * 86_400_000));
    expect(await api.db.selectFrom("idempotency").selectAll().execute()).toHaveLength(0);
  });

  it("a job and its place in the queue come together, once", async () => {
    const jobs = await Promise.all([1, 2, 3].map(() => write("k-job", { projectId: "sales" }, admin, "/deploy")));
    const ids = new Set(jobs.filter(({ status }) => status === 202).map(({ body }) => body.id));
    expect(ids.size).toBe(1);
    expect((await api.db.selectFrom("jobs").selectAll().execute()).map(({ id }) => id)).toEqual([...ids]);
  });
});

describe("a version", () => {
  it.each([
    ["a user", "PATCH", "/users/ana", "/users/ana", { disabled: true }],
    ["limits", "PUT", "/quota", "/quota", { limits: { projectsPerUser: 3 } }],
    ["a project", "POST", "/projects/sales/renew", "/projects/sales", { ttlSeconds: 7_200 }],
  ])("of %s guards its update: the second of two from the same look is refused", async (_, method, path, looked, body) => {
    await api.send("POST", "/operations", { token: admin, body: provisionOf("sales") });
    const seen = await api.send("GET", looked, { token: admin });
    // The limits' version is the tenant's own override's, as the answer of GET without a user says.
    const etag = seen.headers.get("etag") ?? "";
    expect(etag).toBe(`"${seen.body.version}"`);
    const first = await api.send(method, path, { token: admin, body, headers: { "if-match": etag } });
    expect(first.status, JSON.stringify(first.body)).toBe(200);
    expect(first.headers.get("etag")).toBe(`"${seen.body.version + 1}"`);
    const second = await api.send(method, path, { token: admin, body, headers: { "if-match": etag } });
    expect(second).toMatchObject({ status: 412, body: { code: "version.stale" } });
    expect((await api.send(method, path, { token: admin, body, headers: { "if-match": "nonsense" } })).status).toBe(422);
    expect((await api.send(method, path, { token: admin, body })).status).toBe(200);
  });
});

describe("the audit log", () => {
  it("says who, what, before, after, when, by which request, and who acted for whom", async () => {
    await api.send("PATCH", "/users/ana", { token: admin, body: { role: "admin" }, headers: { "x-request-id": "request-0001" } });
    const root = await api.token("platform", "root", "global_owner");
    await api.send("PUT", "/quota", { token: root, body: { limits: { projectsPerUser: 1 } }, headers: { "x-chartctl-tenant": "acme" } });
    const { body } = await api.send("GET", "/audit", { token: admin });
    expect(body).toMatchObject([
      {
        actor: "boss",
        action: "user.changed",
        subject: "ana",
        before: { role: "member", status: "active" },
        after: { role: "admin", status: "active" },
        at: "2026-01-01T12:00:00.000Z",
        requestId: "request-0001",
      },
      { actor: "platform/root", action: "quota.set", subject: "acme", before: { projectsPerUser: 10 }, after: { projectsPerUser: 1 } },
    ]);
    expect((await api.send("GET", `/audit?after=${body[0].sequence}&limit=1`, { token: admin })).body).toEqual([body[1]]);
    expect((await api.send("GET", "/admin/audit", { token: root })).body).toEqual(body);
  });

  it("can't be rewritten, by this program neither", async () => {
    await api.send("PATCH", "/users/ana", { token: admin, body: { role: "admin" } });
    await expect(api.db.updateTable("audit").set({ actor: "nobody" }).execute()).rejects.toThrow("append-only");
    await expect(api.db.deleteFrom("audit").execute()).rejects.toThrow("append-only");
    await expect(sql`insert into audit select * from audit`.execute(api.db)).rejects.toThrow();
    expect(await api.db.selectFrom("audit").selectAll().execute()).toHaveLength(1);
  });
});

describe("a job", () => {
  it("is refused at once when it can't succeed", async () => {
    const ana = await api.token("acme", "ana", "member");
    const order = (method: string, path: string, body?: unknown) => api.send(method, path, { token: ana, ...(body === undefined ? {} : { body }) });
    expect((await order("DELETE", "/deploy?projectId=sales")).body.code).toBe("project.not-found");
    expect((await order("POST", "/deploy", { projectId: "dear", maxMonthlyCents: 1 })).body.code).toBe("cost.over-max");
    expect((await order("POST", "/deploy", { projectId: "endless", ttlSeconds: null })).body.code).toBe("ttl.none");
    expect((await order("POST", "/deploy", { projectId: "old", ttlSeconds: 315_360_000 })).body.code).toBe("ttl.too-long");
    expect((await order("POST", "/deploy", { projectId: "odd", parameters: { memory: 1 } })).body.code).toMatch(/^parameter\./);
    expect((await order("POST", "/deploy/app", { projectId: "sales" })).status).toBe(422);
    const opened = await order("POST", "/operations", provisionOf("sales"));
    await order("POST", `/operations/${opened.body.operation.id}/finish`, { fence: 1, outcome: "succeeded", standing: "something" });
    await api.db.updateTable("projects").set({ application: "deployed" }).execute();
    expect(await order("DELETE", "/deploy?projectId=sales")).toMatchObject({ status: 409, body: { code: "application.active" } });
    expect(await order("DELETE", "/deploy?projectId=sales&purge=true")).toMatchObject({ status: 202, body: { kind: "destroy", status: "queued" } });
    expect((await order("DELETE", "/deploy/app/purge?projectId=sales")).body.code).toBe("job.running");
    expect(api.enqueued).toHaveLength(1);
  });
});
