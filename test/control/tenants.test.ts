/** Tenants that are there: their connection, their external ID, their end. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endpoints } from "../../src/contract/endpoints.ts";
import { resealAll } from "../../src/control/store/reseal.ts";
import { keysFromText, sealWith } from "../../src/control/store/seal.ts";
import { tenantConnection } from "../../src/control/store/tenants.ts";
import { ChartctlError } from "../../src/errors.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest, trustingRole } from "./hosted.ts";
import type { TestApi } from "./support.ts";
import { destroyOf, proof, provisionOf, testApi } from "./support.ts";

const roleIn = (account: string, name = "chartctl"): string => `arn:aws:iam::${account}:role/chartctl/tenants/${name}`;
const [one, two] = ["111122223333", "444455556666"];

describe("embedded", () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await testApi();
    for (const id of ["acme", "globex"]) await call()(endpoints.addTenant, { body: { id, roleArn: null, accountId: null } });
  });
  afterEach(() => api.close());
  const call = () => api.call("platform", "root");
  const connect = (tenantId: string, roleArn: string | null, more: { accountId?: string; ifMatch?: number } = {}) =>
    call()(endpoints.updateTenant, {
      params: { tenantId },
      body: { roleArn, ...(more.accountId ? { accountId: more.accountId } : {}) },
      ...(more.ifMatch === undefined ? {} : { ifMatch: more.ifMatch }),
    });
  const rotate = (tenantId = "acme") => call()(endpoints.rotateExternalId, { params: { tenantId } });
  const finish = (tenantId = "acme") => call()(endpoints.finishRotation, { params: { tenantId } });
  const remove = (tenantId = "acme") => call()(endpoints.removeTenant, { params: { tenantId } });
  const connection = (tenantId = "acme") => call()(endpoints.tenantConnection, { params: { tenantId } });
  const audit = async () => (await api.db.selectFrom("audit").selectAll().orderBy("sequence").execute()).map(({ action, subject }) => `${action} ${subject}`);

  it("a connection is stored with its account, once, and each change makes a version", async () => {
    expect(await connect("acme", roleIn(one))).toMatchObject({ roleArn: roleIn(one), accountId: one, version: 2 });
    expect(await connect("acme", roleIn(one))).toMatchObject({ version: 2 });
    await expect(connect("acme", roleIn(one, "other"), { ifMatch: 1 })).rejects.toMatchObject({ code: "version.stale" });
    expect(await connect("acme", roleIn(one, "other"), { ifMatch: 2 })).toMatchObject({ version: 3 });
    expect(await audit()).toEqual(["tenant.added acme", "tenant.added globex", "tenant.connected acme", "tenant.connected acme"]);
  });

  it("a report is connected, another one instead, and none", async () => {
    const billing = (table: string | null, ifMatch?: number) =>
      call()(endpoints.connectBilling, { params: { tenantId: "acme" }, body: { table }, ...(ifMatch === undefined ? {} : { ifMatch }) });
    expect((await connection()).billing).toBeNull();
    const since = "2026-01-01T12:00:00.000Z";
    expect(await billing("cost_and_usage")).toMatchObject({ billing: { table: "cost_and_usage", since }, version: 2 });
    expect(await billing("cost_and_usage")).toMatchObject({ version: 2 });
    expect((await connection()).billing).toEqual({ table: "cost_and_usage", since });
    await expect(billing("own", 1)).rejects.toMatchObject({ code: "version.stale" });
    await expect(billing('x"; drop')).rejects.toMatchObject({ kind: "usage" });
    expect(await billing(null)).toMatchObject({ billing: null, version: 3 });
    expect(await audit()).toEqual(["tenant.added acme", "tenant.added globex", ...Array(2).fill("tenant.billing-connected acme")]);
  });

  it("role and account are one tenant's, also for a new tenant", async () => {
    await connect("acme", roleIn(one));
    await expect(connect("globex", roleIn(one))).rejects.toMatchObject({
      kind: "conflict",
      code: "tenant.role-taken",
      message: expect.stringContaining("acme"),
    });
    await expect(connect("globex", roleIn(one, "second"))).rejects.toMatchObject({ code: "tenant.account-taken" });
    await expect(connect("globex", null, { accountId: one })).rejects.toMatchObject({ code: "tenant.account-taken" });
    await expect(call()(endpoints.addTenant, { body: { id: "third", roleArn: roleIn(one), accountId: null } })).rejects.toMatchObject({
      code: "tenant.role-taken",
    });
    await expect(connect("globex", roleIn(two), { accountId: one })).rejects.toMatchObject({ kind: "usage", code: "tenant.account-mismatch" });
    expect(await connect("globex", roleIn(two))).toMatchObject({ accountId: two });
  });

  it("of many that want one account at once, one gets it", async () => {
    for (const id of ["a", "b", "c", "d"]) await call()(endpoints.addTenant, { body: { id, roleArn: null, accountId: null } });
    const answers = await Promise.allSettled(["a", "b", "c", "d"].map((id) => connect(id, roleIn(one, id))));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason.code] : []))).toEqual(Array(3).fill("tenant.account-taken"));
  });

  it("the account doesn't change under projects that stand in it", async () => {
    await connect("acme", roleIn(one));
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    await books.finish(operation, { outcome: "succeeded", standing: "something", accountId: one });
    await expect(connect("acme", roleIn(two))).rejects.toMatchObject({ code: "tenant.account-in-use", message: expect.stringContaining("sales") });
    expect(await connect("acme", roleIn(one, "another-role"))).toMatchObject({ accountId: one });
  });

  it("the account doesn't change under a provision that runs, or died", async () => {
    await connect("acme", roleIn(one));
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    await expect(connect("acme", roleIn(two))).rejects.toMatchObject({ code: "tenant.account-in-use", message: expect.stringContaining(one) });
    await books.finish(operation, { outcome: "failed", standing: "something" });
    await expect(connect("acme", roleIn(two))).rejects.toMatchObject({ code: "tenant.account-in-use" });
    await expect(connect("acme", null)).rejects.toMatchObject({ code: "tenant.account-in-use" });
    expect(await connect("acme", roleIn(one, "another-role"))).toMatchObject({ accountId: one });
    // With the platform's or the operator's own credentials, nobody wrote down where it stands.
    await api.books("globex").open(provisionOf("sales"));
    await expect(connect("globex", roleIn(two))).rejects.toMatchObject({ code: "tenant.account-in-use", message: expect.stringContaining("no book names") });
  });

  it("a rotation has both external IDs until it is finished, sealed and never listed", async () => {
    const { externalId } = await connection();
    await expect(finish()).rejects.toMatchObject({ kind: "conflict", code: "tenant.not-rotating" });
    const begun = await rotate();
    expect(begun).toMatchObject({ externalId, rotatingSince: "2026-01-01T12:00:00.000Z", version: 2 });
    expect(begun.nextExternalId).toMatch(/^[0-9a-f]{32}$/);
    expect(begun.nextExternalId).not.toBe(externalId);
    expect(await rotate()).toEqual(begun);
    expect(await connection()).toMatchObject({ externalId, nextExternalId: begun.nextExternalId });
    const kept = JSON.stringify([
      await api.db.selectFrom("tenants").selectAll().execute(),
      await api.db.selectFrom("audit").selectAll().execute(),
      await call()(endpoints.listTenants, {}),
    ]);
    for (const secret of [externalId, begun.nextExternalId]) expect(kept).not.toContain(secret);
    expect(await finish()).toMatchObject({ rotatingSince: null, version: 3 });
    expect(await connection()).toMatchObject({ externalId: begun.nextExternalId, nextExternalId: null });
    expect(await audit()).toEqual(["tenant.added acme", "tenant.added globex", "tenant.rotation-begun acme", "tenant.rotation-finished acme"]);
  });

  it("is removed only without projects and running operations", async () => {
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    await expect(remove()).rejects.toMatchObject({
      kind: "conflict",
      code: "tenant.in-use",
      message: expect.stringMatching(/sales.*op-/),
      details: { projects: ["sales"], operations: [operation.id] },
    });
    await books.finish(operation, { outcome: "succeeded", standing: "something" });
    await expect(remove()).rejects.toMatchObject({ code: "tenant.in-use", details: { operations: [] } });
    const last = await books.open(destroyOf("sales"));
    await books.finish(last.operation, { outcome: "succeeded", standing: "nothing", receipt: proof() });
    expect(await remove()).toMatchObject({ id: "acme" });
    await expect(remove()).rejects.toMatchObject({ code: "tenant.not-found" });
    expect((await call()(endpoints.listTenants, {})).map(({ id }) => id)).toEqual(["globex"]);
    expect((await audit()).at(-1)).toBe("tenant.removed acme");
  });

  it("a booking that comes after the removal is refused; the operator may take the id again", async () => {
    await remove();
    await expect(api.books("acme").open(provisionOf("late"))).rejects.toMatchObject({ kind: "refused", code: expect.stringMatching(/^(quota|cost)\./) });
    await call()(endpoints.addTenant, { body: { id: "acme", roleArn: null, accountId: null } });
    expect((await api.books("acme").open(provisionOf("sales"))).fresh).toBe(true);
  });

  it("removed while many book: it is gone without a project, or it stays with all of them", async () => {
    for (let round = 0; round < 5; round++) {
      const id = `busy-${round}`;
      await call()(endpoints.addTenant, { body: { id, roleArn: null, accountId: null } });
      const book = (user: number) => api.books(id, `user-${user}`).open(provisionOf(`project-${user}`));
      const answers = await Promise.allSettled([book(1), book(2), remove(id), book(3), book(4)]);
      const there = (await call()(endpoints.listTenants, {})).some((tenant) => tenant.id === id);
      const live = await api.db.selectFrom("projects").select("id").where("tenant_id", "=", id).where("ended_at", "is", null).execute();
      expect(there ? live.length > 0 : live.length === 0, `${there ? "there" : "gone"}, ${live.length} projects`).toBe(true);
      expect(answers[2]?.status === "fulfilled").toBe(!there);
    }
  });

  it.each(["platform", "tenants"])("the id %s is nobody's", async (id) => {
    await expect(call()(endpoints.addTenant, { body: { id, roleArn: null, accountId: null } })).rejects.toMatchObject({ code: "tenant.reserved" });
  });

  it("tries no role: it has no credentials of its own", async () => {
    await expect(call()(endpoints.verifyTenant, { params: { tenantId: "acme" }, body: {} })).rejects.toMatchObject({ code: "api.embedded" });
  });
});

describe("hosted", () => {
  let api: HostedTest;
  let root: string;
  beforeEach(async () => {
    api = await hostedTest();
    await api.user("platform", "root", "global_owner");
    root = await api.token("platform", "root", "global_owner");
  });
  afterEach(() => api.close());

  it("a removed tenant's users, tokens and pipelines count no more, and nobody gets its id", async () => {
    await api.user("acme", "boss", "owner");
    const boss = await api.token("acme", "boss", "owner");
    await api.send("POST", "/workloads", { token: boss, body: { userId: "boss", subject: "repo:acme/shop" } });
    expect((await api.send("GET", "/projects", { token: boss })).status).toBe(200);
    expect((await api.send("DELETE", "/tenants/acme", { token: root })).status).toBe(200);
    expect((await api.send("GET", "/projects", { token: boss })).status).toBe(401);
    for (const table of ["users", "api_tokens", "workload_trusts", "invitations"] as const) {
      expect(await api.db.selectFrom(table).selectAll().where("tenant_id", "=", "acme").execute(), table).toEqual([]);
    }
    expect(await api.send("POST", "/tenants", { token: root, body: { id: "acme", roleArn: null, accountId: null } })).toMatchObject({
      status: 409,
      body: { code: "tenant.id-used" },
    });
  });

  it("is not removed while a job waits", async () => {
    await api.user("acme", "boss", "owner");
    await api.send("POST", "/deploy", { token: await api.token("acme", "boss", "owner"), body: { projectId: "queued" } });
    expect(await api.send("DELETE", "/tenants/acme", { token: root })).toMatchObject({
      status: 409,
      body: { code: "tenant.in-use", detail: expect.stringContaining("job-") },
    });
  });

  it("a role is tried with the server's own credentials, and nothing is stored", async () => {
    const roleArn = roleIn("123456789012");
    const { body } = await api.send("POST", "/tenants/acme/verify", { token: root, body: { roleArn } });
    expect(body).toMatchObject({ ok: true, accepts: ["current"], roleArn });
    expect((await api.send("GET", "/tenants/acme", { token: root })).body.roleArn).toBeNull();
    expect(await api.send("POST", "/tenants/acme/verify", { token: root, body: {} })).toMatchObject({ status: 403, body: { code: "tenant.no-role" } });
    expect((await api.send("GET", "/platform/principal", { token: root })).body).toEqual({ principalArn: "arn:aws:iam::999988887777:role/platform" });
  });

  it("says that credentials are missing on the server, and not to whoever asks", async () => {
    const missing = new ChartctlError({ kind: "auth", code: "aws.no-credentials", message: "No AWS credentials are found", hint: "aws sso login" });
    const principal = () => Promise.reject(missing);
    const bare = await hostedTest({ hosted: { roleProbe: async () => ({ ...trustingRole, principal }) } });
    try {
      await bare.user("platform", "root", "global_owner");
      const token = await bare.token("platform", "root", "global_owner");
      expect(await bare.send("GET", "/platform/principal", { token })).toMatchObject({
        status: 502,
        body: { code: "platform.no-credentials", hint: expect.stringContaining("chartctl setup heroku config --from-env AWS_ACCESS_KEY_ID") },
      });
    } finally {
      await bare.close();
    }
  });

  it("both external IDs of an overlap are sealed again under a new key", async () => {
    const { body } = await api.send("POST", "/tenants/acme/external-id", { token: root, body: {} });
    const [newest] = keysFromText(`k2:${Buffer.alloc(32, 7).toString("base64")}`);
    const both = {
      ...sealWith([newest]),
      open: (sealed: string, context: string) => (sealed.startsWith("k2.") ? sealWith([newest]) : api.seal).open(sealed, context),
    };
    expect((await resealAll(api.db, both)).tenants).toBe(2);
    expect(await tenantConnection(api.db, sealWith([newest]), "acme")).toMatchObject({ externalId: "e", nextExternalId: body.nextExternalId });
  });
});
