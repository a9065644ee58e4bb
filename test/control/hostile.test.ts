/** What a hostile tester found once, and must not find again. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { createControlApi } from "../../src/control/app.ts";
import { networkOf, rateLimits } from "../../src/control/limits.ts";
import { claimJob } from "../../src/control/store/jobs.ts";
import { roleNow } from "../../src/control/store/users.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest, issuer, password } from "./hosted.ts";
import { provisionOf } from "./support.ts";

let api: HostedTest;
let ana: string;
let boss: string;
beforeEach(async () => {
  api = await hostedTest();
  for (const tenant of ["acme", "globex"]) await api.user(tenant, "boss", "admin");
  await api.user("acme", "ana", "member");
  await api.user("acme", "chief", "owner");
  ana = await api.token("acme", "ana", "member");
  boss = await api.token("acme", "boss", "admin");
});
afterEach(() => api.close());

it("an admin can't book another tenant's key, live or ended, nor learn whose it is", async () => {
  const theirs = await api.token("globex", "boss", "admin");
  const { project, operation } = (await api.send("POST", "/operations", { token: theirs, body: provisionOf("secret-plan") })).body;
  const adopting = provisionOf("mine");
  const desired = { ...adopting.desired, adopt: { key: project.key, userId: "ana", createdAt: "2026-01-01T00:00:00.000Z" } };
  for (const ended of [false, true]) {
    if (ended) await api.send("POST", `/operations/${operation.id}/finish`, { token: theirs, body: { fence: 1, outcome: "cancelled", standing: "nothing" } });
    const { status, body } = await api.send("POST", "/operations", { token: boss, body: { ...adopting, desired } });
    expect({ status, code: body.code }).toEqual({ status: 409, code: "project.adopt" });
    expect(JSON.stringify(body)).not.toContain("secret-plan");
  }
  expect((await api.db.selectFrom("projects").select("key").where("tenant_id", "=", "globex").execute()).map(({ key }) => key)).toEqual([project.key]);
});

it("a job is done with the rights of whoever ordered it, as they are by then", async () => {
  const { body: job } = await api.send("POST", "/deploy", { token: boss, body: { projectId: "sales" }, headers: { "x-chartctl-user": "ana" } });
  const claimed = await claimJob(api.db, job.id, "w", api.clock.now);
  expect(claimed?.order).toEqual({ homeTenant: "acme", homeUser: "boss", role: "admin", projectKey: null });
  const order = claimed?.order as NonNullable<typeof claimed>["order"];
  expect(await roleNow(api.db, order)).toBe("admin");
  await api.db.updateTable("users").set({ role: "member" }).where("tenant_id", "=", "acme").where("id", "=", "boss").execute();
  expect(await roleNow(api.db, order)).toBe("member");
  await api.db.updateTable("users").set({ status: "disabled" }).where("tenant_id", "=", "acme").where("id", "=", "boss").execute();
  await expect(roleNow(api.db, order)).rejects.toMatchObject({ code: "auth.disabled" });
});

it("of two orders for a project that isn't there yet, one is taken", async () => {
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([ana, boss].map((token) => api.send("POST", "/deploy", { token, body: { projectId: `new-${round}` } })));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
  }
});

it("an invitation ends when the role changes", async () => {
  const { body } = await api.send("POST", "/users", { token: boss, body: { id: "ben", role: "member" } });
  const chief = await api.token("acme", "chief", "owner");
  expect((await api.send("PATCH", "/users/ben", { token: chief, body: { role: "owner" } })).status).toBe(200);
  expect((await api.send("POST", "/auth/accept", { body: { invitation: body.invitation.token, password } })).body.code).toBe("invitation.invalid");
});

it("two owners who end each other at once leave one", async () => {
  await api.user("platform", "one", "global_owner");
  await api.user("platform", "two", "global_owner");
  const tokens = { one: await api.token("platform", "one", "global_owner"), two: await api.token("platform", "two", "global_owner") };
  const answers = await Promise.all([
    api.send("PATCH", "/users/two", { token: tokens.one, body: { disabled: true } }),
    api.send("PATCH", "/users/one", { token: tokens.two, body: { disabled: true } }),
  ]);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

it("an admin takes nothing from somebody above: no token, no session; and nobody makes tokens in another's name", async () => {
  const chief = await api.token("acme", "chief", "owner");
  const { body } = await api.send("POST", "/tokens", { token: chief, body: { name: "x" } });
  expect((await api.send("DELETE", `/tokens/${body.id}`, { token: boss })).body.code).toBe("role.above");
  expect((await api.send("POST", "/auth/logout", { token: boss, headers: { "x-chartctl-user": "chief" } })).body.code).toBe("role.above");
  expect((await api.send("POST", "/tokens", { token: boss, body: { name: "hers" }, headers: { "x-chartctl-user": "ana" } })).body.code).toBe("token.own");
});

it("credentials: none after the lease, their end is kept before they are given, and no client's word stretches it beyond an hour", async () => {
  const { operation } = (await api.send("POST", "/operations", { token: ana, body: provisionOf("sales") })).body;
  const at = `/operations/${operation.id}`;
  expect((await api.send("POST", `${at}/credentials`, { token: ana, body: { purpose: "purge" } })).body.code).toBe("credentials.purpose");
  const kept = async () => (await api.db.selectFrom("operations").selectAll().executeTakeFirstOrThrow()).credentials_expire_at;
  expect(await kept()).toBeNull();
  expect((await api.send("POST", `${at}/credentials`, { token: ana, body: { purpose: "provision" } })).status).toBe(200);
  expect(await kept()).toBe("2026-01-01T13:01:00.000Z");
  await api.send("POST", `${at}/lease`, { token: ana, body: { fence: 1, credentialsExpireAt: "9999-12-31T00:00:00.000Z" } });
  expect(await kept()).toBe("2026-01-01T13:01:00.000Z");
  const elsewhere = { ...provisionOf("sales"), holder: { machine: "there", pid: 2, startedAt: "x" } };
  api.clock.now = new Date("2026-01-01T12:02:00.000Z");
  expect((await api.send("POST", "/operations", { token: ana, body: elsewhere })).body.code).toBe("operation.running");
  expect((await api.send("POST", `${at}/credentials`, { token: ana, body: { purpose: "provision" } })).body.code).toBe("operation.fenced");
  const lines = await api.db.selectFrom("audit").selectAll().where("action", "=", "credentials.issued").execute();
  expect(lines).toMatchObject([{ actor: "ana", subject: "sales" }]);
});

it("what is kept for ever is bounded, and deep nesting is refused", async () => {
  const { operation } = (await api.send("POST", "/operations", { token: ana, body: provisionOf("sales") })).body;
  const finish = (more: object) =>
    api.send("POST", `/operations/${operation.id}/finish`, { token: ana, body: { fence: 1, outcome: "failed", standing: "something", ...more } });
  expect((await finish({ error: { code: "x", message: "m".repeat(5_000) } })).status).toBe(422);
  expect((await finish({ outputs: { all: "o".repeat(60_000) } })).status).toBe(422);
  const deep = JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`);
  expect(
    (await api.send("POST", `/operations/${operation.id}/journal`, { token: ana, body: { fence: 1, step: "x", phase: "done", detail: { deep } } })).body.detail,
  ).toContain("60 deep");
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`p${at}`, []]));
  const refused = await api.send("POST", "/deploy", { token: ana, body: { projectId: "x", parameters: many } });
  expect(refused.status).toBe(422);
  expect(JSON.stringify(refused.body).length).toBeLessThan(5_000);
});

it("large bodies have few places, refused before they are read; one caller has two of them, and gives them back", async () => {
  const bodies: ReadableStreamDefaultController<Uint8Array>[] = [];
  let read = 0;
  const app = createControlApi(api.api);
  /** Begun, and going on as slowly as it likes. */
  const sends = (token: string): Promise<Response> => {
    const body = new ReadableStream<Uint8Array>({ start: (sink) => void bodies.push(sink), pull: () => void read++ }, { highWaterMark: 0 });
    const headers = { authorization: `Bearer ${token}`, "content-length": "300000" };
    return Promise.resolve(app.fetch(new Request(`${issuer}/api/operations/x/state`, { method: "PUT", headers, body, duplex: "half" } as RequestInit)));
  };
  const code = async (answer: Promise<Response>): Promise<string> => ((await (await answer).json()) as { code: string }).code;
  const slow = [sends(ana), sends(ana)];
  await expect.poll(() => read).toBe(2);
  expect(await code(sends(ana))).toBe("server.busy");
  for (const id of ["cleo", "dora"]) {
    await api.user("acme", id, "member");
    const token = await api.token("acme", id, "member");
    slow.push(sends(token), sends(token));
  }
  await expect.poll(() => read).toBe(6);
  expect(await code(sends(boss))).toBe("server.busy");
  expect(read).toBe(6);
  for (const at of [0, 1, 3, 4, 5, 6]) {
    bodies[at]?.enqueue(new TextEncoder().encode("{"));
    bodies[at]?.close();
  }
  expect(await Promise.all(slow.map(code))).toEqual(Array(6).fill("request.invalid"));
  const again = sends(boss);
  await expect.poll(() => read).toBeGreaterThan(6);
  bodies.at(-1)?.close();
  await again;
});

it("nobody is locked out by a stranger's ten tries, and one IPv6 customer is one address", async () => {
  const limits = rateLimits({ perAddress: 1_000, perCaller: 1_000, signIns: 10 }, undefined, () => {});
  for (let time = 0; time < 10; time++) await limits.signIn("192.0.2.7", "owner");
  await expect(limits.signIn("192.0.2.7", "owner")).rejects.toMatchObject({ code: "rate.limited" });
  await limits.signIn("198.51.100.1", "owner");
  await limits.signIn("198.51.100.1");
  for (const [address, network] of [
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["192.0.2.1", "192.0.2.1"],
  ] as const)
    expect(networkOf(address)).toBe(network);
});

it("somebody of the same name from elsewhere has other idempotency keys", async () => {
  await api.user("platform", "ana", "global_owner");
  const root = await api.token("platform", "ana", "global_owner");
  const renew = (token: string, headers: Record<string, string> = {}) =>
    api.send("PUT", "/quota", { token, body: { limits: { projectsPerUser: 4 } }, headers: { "idempotency-key": "k", ...headers } });
  await api.user("acme", "anna", "admin");
  expect((await renew(root, { "x-chartctl-tenant": "acme" })).body.version).toBe(1);
  expect((await renew(boss)).body.version).toBe(2);
  expect((await api.db.selectFrom("idempotency").select("user_id").orderBy("user_id").execute()).map(({ user_id }) => user_id)).toEqual([
    "boss",
    "platform/ana for ana",
  ]);
});
