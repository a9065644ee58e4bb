/** Limits on actual costs: marks, refusals and the clean-up's check, in the books of both databases. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endpoints } from "../../src/contract/endpoints.ts";
import type { Project } from "../../src/contract/resources.ts";
import { readBill, review } from "./bill.ts";
import { hostedTest } from "./hosted.ts";
import type { TestApi } from "./support.ts";
import { destroyOf, proof, provisionOf, testApi } from "./support.ts";

let api: TestApi;
let cents = 1_000;
beforeEach(async () => {
  cents = 1_000;
  api = await testApi({ cents: () => cents });
});
afterEach(() => api.close());

const books = (user = "ana") => api.books("acme", user);
const call = (user = "ana") => api.call("acme", user);
const stands = async (id: string, user = "ana"): Promise<Project> => {
  const { operation } = await books(user).open(provisionOf(id));
  return (await books(user).finish(operation, { outcome: "succeeded", standing: "something", outputs: { url: "https://x" } })).project as Project;
};
const project = async (id: string): Promise<Project> => (await books().project(id)) as Project;
const audit = async () =>
  (await api.db.selectFrom("audit").select(["action", "subject"]).orderBy("sequence").execute()).filter(({ action }) => action.includes("-cost"));
const alerts = () => api.db.selectFrom("alerts").selectAll().orderBy("kind").orderBy("subject").execute();
const later = (hours: number): void => {
  api.clock.now = new Date(api.clock.now.getTime() + hours * 3_600_000);
};
const cleanUpAfter = async (graceSeconds: number) => await call()(endpoints.setQuota, { body: { overCost: { action: "clean-up", graceSeconds } } });

describe("a project over its limit", () => {
  it("is marked after the reading, with amount, limit and time, for whoever looks", async () => {
    const { key } = await stands("sales");
    await readBill(api, { [key]: [{ amount: "55.5" }, { kind: "tax", amount: "6" }, { kind: "credit", amount: "-0.2966" }] });
    const mark = { of: "project", month: "2026-01", since: api.clock.now.toISOString(), amount: "61.2034", limitCents: 5_000, cleanUpAt: null, warning: null };
    expect((await project("sales")).overCost).toEqual(mark);
    const stats = await call()(endpoints.adminStats, {});
    expect(stats.overLimits).toEqual([{ tenantId: "acme", userId: "ana", projectId: "sales", ...mark }]);
    expect(stats.alerts).toMatchObject({ receiver: "none", waiting: 1 });
    later(1);
    await readBill(api, { [key]: "70" });
    expect((await project("sales")).overCost).toMatchObject({ since: mark.since, amount: "70" });
    expect(await audit()).toEqual([{ action: "project.over-cost", subject: "sales" }]);
  });

  it.each([
    ["the limit is raised", async () => void (await call()(endpoints.setQuota, { body: { limits: { projectMonthlyCents: 6_000 }, user: "ana" } }))],
    ["the limit is raised for all", async () => void (await call()(endpoints.setQuota, { body: { limits: { projectMonthlyCents: 6_000 } } }))],
    ["the bill is corrected", async (key: string) => readBill(api, { [key]: "50" })],
    [
      "the month turns",
      async (key: string) => {
        api.clock.now = new Date("2026-02-01T00:00:00.000Z");
        await readBill(api, { [key]: "1" });
      },
    ],
  ])("the mark goes when %s", async (_, change) => {
    const { key } = await stands("sales");
    await readBill(api, { [key]: "55" });
    await change(key);
    expect((await project("sales")).overCost).toBeNull();
    expect((await call()(endpoints.adminStats, {})).overLimits).toEqual([]);
    expect(await audit()).toEqual(["project.over-cost", "project.within-cost"].map((action) => ({ action, subject: "sales" })));
  });

  it("counts no more from the first moment of the next month, read or not", async () => {
    const { key } = await stands("sales");
    await cleanUpAfter(60);
    await readBill(api, { [key]: "150" });
    api.clock.now = new Date("2026-02-01T00:00:00.000Z");
    expect((await call()(endpoints.adminStats, {})).overLimits).toEqual([]);
    expect((await books().quota()).over).toBeNull();
    await expect(books().open(destroyOf("sales", { onlyOverCost: true }))).rejects.toMatchObject({ code: "project.within-limit" });
    expect((await books().open(provisionOf("other"))).fresh).toBe(true);
  });

  it("what another tenant's tag claims, or another currency bills, counts for nobody", async () => {
    const { key } = await stands("sales");
    await readBill(api, { [key]: "500" }, "globex");
    await readBill(api, { [key]: [{ currency: "CNY", amount: "9000" }], nobody000k: "700" });
    expect([(await project("sales")).overCost, (await books().quota()).over, await alerts()]).toEqual([null, null, []]);
  });

  it("of a user, the dearest projects are marked, and the user", async () => {
    const keys = [];
    for (const id of ["a", "b", "c"]) keys.push((await stands(id)).key);
    const [a, b, c] = keys as [string, string, string];
    await readBill(api, { [a]: "49", [b]: "30", [c]: "40" });
    expect((await project("a")).overCost).toMatchObject({ of: "user", amount: "119", limitCents: 10_000 });
    expect([(await project("b")).overCost, (await project("c")).overCost]).toEqual([null, null]);
    expect((await books().quota()).over).toMatchObject({ amount: "119", limitCents: 10_000 });
    expect((await call()(endpoints.adminStats, {})).overLimits.map(({ projectId }) => projectId)).toEqual(["a", null]);
    // It is destroyed; what it cost stays in the month's bill, and what is left fits.
    const { operation } = await books().open(destroyOf("a"));
    await books().finish(operation, { outcome: "succeeded", standing: "nothing", receipt: proof() });
    await readBill(api, { [a]: "49", [b]: "30", [c]: "41" });
    expect([(await project("b")).overCost, (await project("c")).overCost, (await books().quota()).over?.amount]).toEqual([null, null, "120"]);
  });
});

describe("whoever is over", () => {
  it("provisions nothing new and grows nothing, with the numbers and what would fit; what stands may stay, and go", async () => {
    const { key } = await stands("sales");
    const { key: other } = await stands("other");
    await readBill(api, { [key]: "55", [other]: "1" });
    const growth = books().open(provisionOf("sales", { desired: provisionOf("sales").desired }));
    expect((await growth).fresh).toBe(false); // as dear as it is
    await books().finish((await growth).operation, { outcome: "interrupted", standing: "something" });
    cents = 1_001;
    await expect(books().open(provisionOf("sales"))).rejects.toMatchObject({
      kind: "refused",
      code: "quota.project-actual",
      message: "This project has cost $55.00 this month, as AWS billed it, of $50.00: nothing new fits until the month turns",
      hint: expect.stringContaining("as dear as it is, $10.00 a month, it may stay"),
    });
    cents = 1_000;
    const died = await books().open(provisionOf("sales")); // a run that died converges
    await books().finish(died.operation, { outcome: "succeeded", standing: "something" });
    cents = 1_500;
    const grown = await books().open(provisionOf("other")); // the user is within theirs
    await books().finish(grown.operation, { outcome: "succeeded", standing: "something" });

    await readBill(api, { [key]: "55", [other]: "49" });
    await expect(books().open(provisionOf("third"))).rejects.toMatchObject({
      code: "quota.user-actual",
      message: "User ana has cost $104.00 this month, as AWS billed it, of $100.00: nothing new fits until the month turns",
    });
    expect((await books("ben").open(provisionOf("bens"))).fresh).toBe(true);
    for (const kind of ["purge", "destroy"] as const) {
      const { operation } = await books().open(destroyOf("sales", { kind }));
      const end = kind === "purge" ? { standing: "something" as const } : { standing: "nothing" as const, receipt: proof() };
      await books().finish(operation, { outcome: "succeeded", ...end });
    }
    await expect(books().open(provisionOf("sales"))).rejects.toMatchObject({ code: "quota.user-actual" }); // anew is new
    await call()(endpoints.setQuota, { body: { limits: { userMonthlyCents: 20_000 }, user: "ana" } });
    expect((await books().open(provisionOf("sales"))).fresh).toBe(true);
  });

  it("is refused by the platform's workers, too, before anybody waits", async () => {
    const hosted = await hostedTest();
    await hosted.user("acme", "ana", "member");
    const token = await hosted.token("acme", "ana", "member");
    const opened = await hosted.send("POST", "/operations", { token, body: provisionOf("sales") });
    await readBill(hosted, { [opened.body.project.key]: "100.01" });
    expect((await hosted.send("POST", "/deploy", { token, body: { projectId: "more" } })).body).toMatchObject({ status: 403, code: "quota.user-actual" });
    await hosted.close();
  });
});

describe("the policy", () => {
  it("is an admin's to set, for a user or the tenant, and audited; the user's own wins", async () => {
    expect((await books().quota()).overCost).toEqual({ action: "alert", graceSeconds: 86_400, setAt: null });
    const set = await cleanUpAfter(3_600);
    expect(set.overCost).toEqual({ action: "clean-up", graceSeconds: 3_600, setAt: api.clock.now.toISOString() });
    await call()(endpoints.setQuota, { body: { overCost: { action: "alert", graceSeconds: 86_400 }, user: "ben" } });
    expect([(await books().quota()).overCost.action, (await books("ben").quota()).overCost.action]).toEqual(["clean-up", "alert"]);
    const [first] = await api.db.selectFrom("audit").selectAll().where("action", "=", "quota.set").execute();
    expect([first?.before, first?.after].map((text) => JSON.parse(text ?? "").overCost.action)).toEqual(["alert", "clean-up"]);
    const hosted = await hostedTest();
    await hosted.user("acme", "ana", "member");
    const body = { overCost: { action: "clean-up", graceSeconds: 60 } };
    expect((await hosted.send("PUT", "/quota", { token: await hosted.token("acme", "ana", "member"), body })).body.code).toBe("role.admin");
    await hosted.user("acme", "adam", "admin");
    const token = await hosted.token("acme", "adam", "admin");
    expect((await hosted.send("PUT", "/quota", { token, body })).status).toBe(200);
    expect((await hosted.send("PUT", "/quota", { token, body: { overCost: { action: "clean-up", graceSeconds: 59 } } })).status).toBe(422);
    await hosted.close();
  });

  it("set on what is over already, its grace time begins then; taken back, nothing is cleaned up", async () => {
    const { key } = await stands("sales");
    await readBill(api, { [key]: "55" });
    later(240);
    await cleanUpAfter(3_600);
    expect((await project("sales")).overCost?.cleanUpAt).toBe(new Date(api.clock.now.getTime() + 3_600_000).toISOString());
    await call()(endpoints.setQuota, { body: { overCost: { action: "alert", graceSeconds: 86_400 } } });
    later(2);
    expect((await project("sales")).overCost?.cleanUpAt).toBeNull();
    await expect(books().open(destroyOf("sales", { onlyOverCost: true }))).rejects.toMatchObject({ code: "project.within-limit" });
  });
});

describe("the clean-up's operation", () => {
  it("opens once the grace time is over, whatever activity there is, and not before", async () => {
    await cleanUpAfter(3_600);
    const { key } = await stands("sales");
    await readBill(api, { [key]: "55" });
    later(0.99);
    await expect(books().open(destroyOf("sales", { onlyOverCost: true }))).rejects.toMatchObject({ kind: "conflict", code: "project.within-limit" });
    await call()(endpoints.renewProject, { params: { projectId: "sales" }, body: { ttlSeconds: 86_400 } });
    later(0.02);
    expect((await books().open(destroyOf("sales", { onlyOverCost: true, reason: "over" }))).operation.kind).toBe("destroy");
  });

  it("is refused when the limit was raised between the decision and the operation", async () => {
    await cleanUpAfter(3_600);
    const { key } = await stands("sales");
    await readBill(api, { [key]: "55" });
    later(2);
    const decided = await project("sales");
    expect(decided.overCost?.cleanUpAt && decided.overCost.cleanUpAt < api.clock.now.toISOString()).toBe(true);
    await call()(endpoints.setQuota, { body: { limits: { projectMonthlyCents: 5_500 }, user: "ana" } });
    await expect(books().open(destroyOf("sales", { onlyOverCost: true }))).rejects.toMatchObject({ code: "project.within-limit" });
    expect((await project("sales")).infrastructure).toBe("deployed");
  });

  it("raised and opened at once, twenty times: either the destroy began, or it was refused", async () => {
    await cleanUpAfter(60);
    for (let round = 0; round < 20; round++) {
      const id = `p${round}`;
      const user = `u${round}`;
      const { key } = await stands(id, user);
      const bill = Object.fromEntries([[key, "55"]]);
      await readBill(api, bill);
      later(0.1);
      const [raised, opened] = await Promise.allSettled([
        call()(endpoints.setQuota, { body: { limits: { projectMonthlyCents: 6_000 }, user } }),
        books(user).open(destroyOf(id, { onlyOverCost: true, reason: "over" })),
      ]);
      expect(raised.status, String((raised as PromiseRejectedResult).reason)).toBe("fulfilled");
      if (opened.status === "rejected") expect(opened.reason).toMatchObject({ code: "project.within-limit" });
      expect((await project(id)).infrastructure).toBe(opened.status === "fulfilled" ? "destroying" : "deployed");
      expect((await project(id)).overCost).toBeNull();
    }
  });
});

describe("what is to be told", () => {
  it("is made once, whoever decides it, however often and at once; a warning is another kind", async () => {
    const { key } = await stands("sales");
    await readBill(api, { [key]: "41" });
    await readBill(api, { [key]: "55" });
    await Promise.all(Array.from({ length: 10 }, () => review(api.db, api.clock.now)));
    later(24);
    await readBill(api, { [key]: "90" });
    expect((await alerts()).map(({ kind, subject, month }) => [kind, subject, month])).toEqual([
      ["cost.project.near_limit", key, "2026-01"],
      ["cost.project.over_limit", key, "2026-01"],
      ["cost.user.near_limit", "ana", "2026-01"],
    ]);
    api.clock.now = new Date("2026-02-02T00:00:00.000Z");
    await readBill(api, { [key]: "55" });
    expect((await alerts()).filter(({ kind }) => kind === "cost.project.over_limit").map(({ month }) => month)).toEqual(["2026-01", "2026-02"]);
  });

  it("is the body of its moment: what is told again is the same", async () => {
    await cleanUpAfter(7_200);
    const { key } = await stands("sales");
    await readBill(api, { [key]: [{ amount: "55" }, { currency: "EUR", amount: "3.10" }] });
    const [alert] = await alerts();
    expect(JSON.parse(alert?.body ?? "")).toEqual({
      type: "cost.project.over_limit",
      timestamp: "2026-01-01T12:00:00.000Z",
      data: {
        tenantId: "acme",
        userId: "ana",
        projectId: "sales",
        month: "2026-01",
        currency: "USD",
        amount: "55",
        limit: "50.00",
        projects: [{ projectId: "sales", overLimitOf: "project", cleanUpAt: "2026-01-01T14:00:00.000Z", graceSeconds: 7_200 }],
        otherCurrencies: [{ currency: "EUR", amount: "3.1" }],
      },
    });
  });
});
