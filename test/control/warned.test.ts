/** Nobody is cleaned up unwarned: alerts, receivers that fail, and the grace times between, in the books of both databases. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endpoints } from "../../src/contract/endpoints.ts";
import type { Limits, OverCost, OverCostPolicy } from "../../src/contract/resources.ts";
import { deliverDue } from "../../src/control/deliver-due.ts";
import type { AlertReceiver, Sent } from "../../src/core/costs/limits/deliver-alerts.ts";
import { readBill, review } from "./bill.ts";
import type { TestApi } from "./support.ts";
import { destroyOf, onPostgres, provisionOf, testApi } from "./support.ts";

const hour = 3_600;
const day = 24 * hour;
const works: Sent = { outcome: "delivered" };
const fails: Sent = { outcome: "failed", why: "the receiver answered 500" };
const gone: Sent = { outcome: "gone" };

/** The books, a receiver that a test sets, and what came to it. */
async function world(receives: boolean) {
  const got: { id: string; at: string; data: Record<string, unknown> }[] = [];
  const state = { does: works, api: undefined as unknown as TestApi };
  const receiver: AlertReceiver = {
    id: "receiver-1",
    send: async ({ id, body }) => {
      if (state.does.outcome === "delivered") got.push({ id, at: time(), data: JSON.parse(body).data });
      return state.does;
    },
  };
  const options: { alertReceiver?: AlertReceiver } = receives ? { alertReceiver: receiver } : {};
  state.api = await testApi(options);
  const { api } = state;
  const time = (): string => api.clock.now.toISOString();
  const call = api.call("acme");
  return {
    api,
    got,
    options,
    receiver,
    time,
    keys: {} as Record<string, string>,
    after: (seconds: number): string => new Date(api.clock.now.getTime() + seconds * 1_000).toISOString(),
    later: (seconds: number): void => {
      api.clock.now = new Date(api.clock.now.getTime() + seconds * 1_000);
    },
    receiverDoes: (does: Sent): void => {
      state.does = does;
    },
    stands: async function (...ids: string[]): Promise<void> {
      for (const id of ids) {
        const { operation, project } = await api.books("acme").open(provisionOf(id));
        await api.books("acme").finish(operation, { outcome: "succeeded", standing: "something", outputs: { url: "https://x" } });
        this.keys[id] = project.key;
      }
    },
    bill: async function (costs: Record<string, string>): Promise<void> {
      await readBill(api, Object.fromEntries(Object.entries(costs).map(([id, cost]) => [this.keys[id] ?? id, cost])));
    },
    policy: async (overCost: Omit<OverCostPolicy, "setAt">) => await call(endpoints.setQuota, { body: { overCost } }),
    cleanUp: async (graceSeconds: number) => await call(endpoints.setQuota, { body: { overCost: { action: "clean-up", graceSeconds } } }),
    limits: async (limits: Partial<Limits>) => await call(endpoints.setQuota, { body: { limits } }),
    deliver: () => deliverDue({ alertReceiver: async () => options.alertReceiver, now: () => api.clock.now }, api.db, { actor: "worker", requestId: "a:1" }),
    again: async () => await call(endpoints.deliverAlerts, { body: { again: true } }),
    mark: async (id: string): Promise<OverCost | null> => (await api.books("acme").project(id))?.overCost ?? null,
    stats: async () => await call(endpoints.adminStats, {}),
    alerts: async () => {
      const rows = await api.db.selectFrom("alerts").selectAll().orderBy("created_at").orderBy("kind").orderBy("round").execute();
      return rows.map((row) => ({ ...row, said: JSON.parse(row.body).data as Said }));
    },
    /** Refused, or begun; begun, it stops at once and leaves everything as it was. */
    begins: async (id: string): Promise<boolean> => {
      try {
        const { operation } = await api.books("acme").open(destroyOf(id, { onlyOverCost: true, reason: "over" }));
        await api.books("acme").finish(operation, { outcome: "failed", standing: "unchanged", error: { code: "x", message: "x" } });
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: "project.within-limit" });
        return false;
      }
    },
  };
}
interface Said {
  limit: string;
  projects: { projectId: string; cleanUpAt: string | null; graceSeconds: number | null }[];
}
type World = Awaited<ReturnType<typeof world>>;

let to: World;
const start = async (receives: boolean, ...ids: string[]): Promise<void> => {
  await to?.api.close();
  to = await world(receives);
  await to.stands(...ids);
};
beforeEach(() => start(true, "sales"));
afterEach(() => to.api.close());

/** Of each alert, what it was told of, and the clean-ups that it names. */
const told = async () =>
  (await to.alerts()).map(({ kind, said }) => [kind, said.limit, ...said.projects.flatMap(({ cleanUpAt }) => (cleanUpAt === null ? [] : [cleanUpAt]))]);

describe("a clean-up is told", () => {
  it("of a project that was over another limit before, with another policy", async () => {
    await to.bill({ sales: "54.60" });
    await to.deliver();
    to.later(hour);
    await to.limits({ projectMonthlyCents: 6_000 });
    await to.cleanUp(day);
    to.later(day);
    await to.bill({ sales: "61" });
    expect(await told()).toEqual([
      ["cost.project.over_limit", "50.00"],
      ["cost.project.near_limit", "60.00"],
      ["cost.project.over_limit", "60.00", to.after(day)],
    ]);
    await to.deliver();
    expect(to.got.at(-1)?.data).toMatchObject({ projects: [{ projectId: "sales", cleanUpAt: to.after(day), graceSeconds: day }] });
  });

  it("of a project that is over already, and again with each other grace time, once each", async () => {
    await to.bill({ sales: "55" });
    for (const grace of [day, day, 2 * day, 2 * day]) {
      await to.cleanUp(grace);
      await review(to.api.db, to.api.clock.now, "acme", true);
    }
    expect(await told()).toEqual([
      ["cost.project.over_limit", "50.00"],
      ["cost.project.over_limit", "50.00", to.after(day)],
      ["cost.project.over_limit", "50.00", to.after(2 * day)],
    ]);
    await to.policy({ action: "alert", graceSeconds: day });
    to.later(hour);
    await to.cleanUp(2 * day);
    expect((await told()).slice(3)).toEqual([["cost.project.over_limit", "50.00", to.after(2 * day)]]);
  });

  it("each time that a bill comes back over the limit; without a clean-up that is told once", async () => {
    const flaps = async (times: number) => {
      for (let time = 0; time < times; time++) {
        await to.bill({ sales: "45" });
        to.later(day);
        await to.bill({ sales: "55" });
      }
    };
    await flaps(5);
    expect(await told()).toEqual([
      ["cost.project.near_limit", "50.00"],
      ["cost.project.over_limit", "50.00"],
    ]);
    await to.cleanUp(day);
    await flaps(3);
    expect((await told()).slice(2)).toHaveLength(4); // the policy, and each return
    expect((await told()).at(-1)).toEqual(["cost.project.over_limit", "50.00", to.after(day)]);
  });

  it("of a user's project that becomes one of the dearest, without a word of those that were told", async () => {
    await to.stands("other", "third");
    await to.cleanUp(day);
    await to.bill({ sales: "45", other: "40", third: "16" });
    const first = to.after(day);
    await to.deliver();
    to.later(hour);
    await to.bill({ sales: "45", other: "40", third: "46" });
    await to.bill({ sales: "45", other: "49", third: "48" });
    const users = (await to.alerts()).filter(({ kind }) => kind === "cost.user.over_limit");
    expect(users.map(({ said }) => said.projects.map(({ projectId, cleanUpAt }) => [projectId, cleanUpAt]))).toEqual([
      [["sales", first]],
      [["third", to.after(day)]],
      [["other", to.after(day)]],
    ]);
  });
});

describe("the grace time", () => {
  it("begins when the alert was delivered, not when it was made", async () => {
    await to.cleanUp(day);
    to.receiverDoes(fails);
    await to.bill({ sales: "55" });
    for (let hours = 0; hours < 72; hours++) {
      await to.deliver();
      to.later(hour);
      expect(await to.begins("sales")).toBe(false);
    }
    expect(await to.mark("sales")).toMatchObject({ cleanUpAt: null, warning: { graceSeconds: day } });
    expect((await to.stats()).alerts).toMatchObject({ waiting: 1, failing: 1, cleanUps: 1 });
    to.receiverDoes(works);
    to.later(12 * hour);
    await to.deliver();
    const due = to.after(day);
    expect(await to.mark("sales")).toMatchObject({ cleanUpAt: due });
    expect((await to.stats()).alerts).toMatchObject({ waiting: 0, cleanUps: 0 });
    const lines = await to.api.db.selectFrom("audit").selectAll().where("action", "=", "project.over-cost").orderBy("sequence").execute();
    expect(lines.map(({ actor, after }) => [actor, JSON.parse(after ?? "").cleanUpAt])).toEqual([
      ["platform/worker", null],
      ["worker", due],
    ]);
    await to.bill({ sales: "60" });
    to.later(day - 1);
    expect(await to.begins("sales")).toBe(false);
    to.later(1);
    expect(await to.begins("sales")).toBe(true);
  });

  it.each([
    ["fails", fails, "the receiver answered 500"],
    ["has gone", gone, "the receiver wants no more alerts (410 Gone)"],
  ])("begins after five days of a receiver that %s, with the giving up, and is shown until its end", async (_, does, why) => {
    await to.cleanUp(2 * day);
    to.receiverDoes(does);
    await to.bill({ sales: "55" });
    const made = to.api.clock.now.getTime();
    let begun: string | null = null;
    while (begun === null) {
      expect(await to.begins("sales")).toBe(false);
      await to.deliver();
      begun = (await to.mark("sales"))?.cleanUpAt ?? null;
      if (begun === null) to.later(hour);
    }
    const days = (to.api.clock.now.getTime() - made) / 86_400_000;
    expect(days).toBeGreaterThanOrEqual(5);
    expect(days).toBeLessThan(5.6);
    expect(begun).toBe(to.after(2 * day));
    expect((await to.stats()).alerts).toMatchObject({ givenUp: 1, cleanUps: 0, lastError: why });
    to.later(2 * day - 1);
    expect(await to.begins("sales")).toBe(false);
    to.later(1);
    expect(await to.begins("sales")).toBe(true);
  });

  it("of what was given up begins anew when it is delivered all the same", async () => {
    await to.cleanUp(day);
    to.receiverDoes(fails);
    await to.bill({ sales: "55" });
    to.later(6 * day);
    await to.deliver();
    expect(await to.mark("sales")).toMatchObject({ cleanUpAt: to.after(day) });
    to.receiverDoes(works);
    to.later(23 * hour);
    expect(await to.again()).toMatchObject({ delivered: 1 });
    expect(await to.mark("sales")).toMatchObject({ cleanUpAt: to.after(day) });
  });

  it("begins with no worker that slept: after a week it tells first", async () => {
    await to.cleanUp(day);
    await to.bill({ sales: "55" });
    to.later(8 * day);
    expect(await to.begins("sales")).toBe(false);
    expect(await to.deliver()).toMatchObject({ delivered: 1 });
    expect(await to.mark("sales")).toMatchObject({ cleanUpAt: to.after(day) });
  });

  it("begins with the mark where nobody receives alerts, and with the next reading where nobody does any more", async () => {
    await to.cleanUp(day);
    await to.bill({ sales: "55" });
    to.later(2 * day);
    delete to.options.alertReceiver;
    expect(await to.begins("sales")).toBe(false);
    await to.bill({ sales: "55" });
    expect(await to.mark("sales")).toMatchObject({ cleanUpAt: to.after(day) });
    await start(false, "sales");
    await to.cleanUp(day);
    await to.bill({ sales: "55" });
    const due = to.after(day);
    to.later(hour);
    to.options.alertReceiver = to.receiver; // what was shown stays so, until it is told
    await to.bill({ sales: "56" });
    expect(await to.mark("sales")).toMatchObject({ cleanUpAt: due });
    await to.deliver();
    expect(await to.mark("sales")).toMatchObject({ cleanUpAt: to.after(day) });
  });

  it("is not begun by an older alert of the same project, delivered late", async () => {
    await to.cleanUp(day);
    to.receiverDoes(fails);
    await to.bill({ sales: "55" });
    await to.deliver();
    await to.bill({ sales: "45" });
    to.later(10);
    await to.bill({ sales: "55" }); // another mark, another alert
    const [, second] = (await to.alerts()).filter(({ kind }) => kind === "cost.project.over_limit");
    const { send } = to.receiver;
    to.receiverDoes(works);
    to.receiver.send = async (alert) => (alert.id === second?.id ? fails : await send(alert));
    to.later(30);
    expect(await to.deliver()).toMatchObject({ delivered: 2, failed: 1 });
    expect(await to.mark("sales")).toMatchObject({ cleanUpAt: null, warning: { alertId: second?.id } });
  });

  it("delivered and decided at once, ten times: either way it has begun, from the delivery", async () => {
    await to.cleanUp(day);
    for (let round = 0; round < 10; round++) {
      await to.bill({ sales: "45" });
      await to.bill({ sales: "55" });
      await Promise.all([to.deliver(), review(to.api.db, to.api.clock.now, "acme", true), to.deliver()]);
      expect(await to.mark("sales")).toMatchObject({ cleanUpAt: to.after(day) });
      to.later(hour);
    }
  });
});

describe("property: over any sequence of bills, limits, policies and deliveries", () => {
  const projects = ["a", "b", "c"];
  const cost = fc.constantFrom("0", "20", "39", "45", "51", "61", "90");
  const act = fc.oneof(
    { weight: 4, arbitrary: fc.record({ bill: fc.record({ a: cost, b: cost, c: cost }) }) },
    { weight: 2, arbitrary: fc.record({ projectLimit: fc.constantFrom(4_000, 5_000, 6_000) }) },
    { weight: 1, arbitrary: fc.record({ userLimit: fc.constantFrom(5_000, 10_000, 15_000) }) },
    { weight: 2, arbitrary: fc.record({ grace: fc.constantFrom(0, hour, day, 3 * day) }) },
    { weight: 2, arbitrary: fc.record({ receiver: fc.constantFrom(works, works, fails, gone, null) }) },
    { weight: 5, arbitrary: fc.record({ hours: fc.constantFrom(1, 1, 25, 72, 150), delivers: fc.constantFrom(true, true, false) }) },
    { weight: 1, arbitrary: fc.constant({ again: true }) },
  );
  type Act = Partial<{
    bill: Record<string, string>;
    projectLimit: number;
    userLimit: number;
    grace: number;
    receiver: Sent | null;
    hours: number;
    delivers: boolean;
    again: true;
  }>;
  let begun = 0;

  /** What a look at the books after each act has seen of a project. */
  interface Seen {
    cleanUpAt: string | null;
    /** Nobody received alerts when that was decided: the books alone told it, also when somebody receives them by now. */
    alone: boolean;
  }

  async function does(one: Act, policy: { grace: number }): Promise<void> {
    if (one.bill) await to.bill(one.bill);
    if (one.projectLimit !== undefined) await to.limits({ projectMonthlyCents: one.projectLimit });
    if (one.userLimit !== undefined) await to.limits({ userMonthlyCents: one.userLimit });
    if (one.grace !== undefined) {
      policy.grace = one.grace;
      await to.policy(one.grace === 0 ? { action: "alert", graceSeconds: day } : { action: "clean-up", graceSeconds: one.grace });
    }
    if (one.receiver === null) delete to.options.alertReceiver;
    else if (one.receiver !== undefined) {
      to.options.alertReceiver = to.receiver;
      to.receiverDoes(one.receiver);
    }
    if (one.again) await to.again();
    for (let hours = 0; hours < (one.hours ?? 0); hours += 5) {
      to.later(Math.min(5, (one.hours ?? 0) - hours) * hour);
      if (one.delivers) await to.deliver();
    }
  }

  it("whenever a clean-up begins, an alert that named it was told at least the grace time before", { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 24 }), fc.boolean(), async (acts, receives) => {
        await start(receives, ...projects);
        const policy = { grace: 0 };
        const seen = new Map<string, Seen>();
        const firstEnded = new Map<string, string>(); // what is sent again ends a second time; its grace time doesn't wait for that
        let without = receives ? null : to.time(); // since when, without a break, nobody receives alerts
        for (const one of [{ grace: day }, ...acts] as Act[]) {
          const before = new Set((await to.alerts()).map(({ id }) => id));
          await does(one, policy);
          if (one.receiver !== undefined) without = one.receiver === null ? (without ?? to.time()) : null;
          const alerts = await to.alerts();
          for (const { id, status, ended_at } of alerts) if (status !== "waiting" && ended_at !== null && !firstEnded.has(id)) firstEnded.set(id, ended_at);
          // No storm: of one act, one alert a subject; of the same bill again, none.
          const fresh = alerts.filter(({ id }) => !before.has(id)).map(({ kind, subject }) => `${kind} ${subject}`);
          expect(new Set(fresh).size).toBe(fresh.length);
          const marksBefore = JSON.stringify(await Promise.all(projects.map(to.mark)));
          if (one.bill || one.grace !== undefined || one.projectLimit !== undefined) {
            await review(to.api.db, to.api.clock.now, "acme", to.api.receives);
            expect(await to.alerts()).toHaveLength(alerts.length);
            expect(JSON.stringify(await Promise.all(projects.map(to.mark)))).toBe(marksBefore);
          }
          const month = to.time().slice(0, 7);
          for (const id of projects) {
            const mark = await to.mark(id);
            const now = to.time();
            if (mark?.month !== month || policy.grace === 0 || mark.warning?.graceSeconds !== policy.grace) {
              if (mark?.month === month && policy.grace !== 0) expect.fail("over, to be cleaned up, and without a warning");
              seen.delete(id);
              expect(await to.begins(id)).toBe(false);
              continue;
            }
            const subject = mark.of === "project" ? to.keys[id] : "ana";
            const limit = (mark.limitCents / 100).toFixed(2);
            expect(alerts.some((alert) => alert.subject === subject && alert.said.limit === limit && alert.kind.endsWith("over_limit"))).toBe(true);
            const was = seen.get(id);
            const alone = mark.cleanUpAt === was?.cleanUpAt ? was.alone : without !== null;
            seen.set(id, { cleanUpAt: mark.cleanUpAt, alone });
            if (!(await to.begins(id))) continue;
            begun++;
            const early = new Date(to.api.clock.now.getTime() - policy.grace * 1_000).toISOString();
            const naming = alerts.find((alert) => alert.id === mark.warning?.alertId);
            expect(naming?.said.projects).toContainEqual({
              projectId: id,
              overLimitOf: expect.anything(),
              cleanUpAt: expect.any(String),
              graceSeconds: policy.grace,
            });
            const named = naming?.said.projects.find(({ projectId }) => projectId === id)?.cleanUpAt ?? "~";
            // It named no later time, was made a grace time ago, and was told, or nobody was to be.
            expect(named <= now).toBe(true);
            expect((naming?.created_at ?? "~") <= early).toBe(true);
            const ended = (firstEnded.get(naming?.id ?? "") ?? "~") <= early;
            const nobody = naming?.awaited === 0 || without !== null || alone;
            expect(ended || nobody).toBe(true);
          }
        }
      }),
      { numRuns: onPostgres ? 5 : 15 },
    );
    expect(begun).toBeGreaterThan(0);
  });
});
