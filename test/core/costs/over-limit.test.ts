import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OverCostPolicy } from "../../../src/contract/resources.ts";
import { defaultOverCostPolicy } from "../../../src/contract/resources.ts";
import { alertBody, nextTry } from "../../../src/core/costs/limits/alerts.ts";
import type { CostAlert, Owner, OwnerStanding } from "../../../src/core/costs/limits/over-limit.ts";
import { overCostNow, standingOf } from "../../../src/core/costs/limits/over-limit.ts";

const now = new Date("2026-11-20T12:00:00.000Z");
const cleanUp: OverCostPolicy = { action: "clean-up", graceSeconds: 86_400, setAt: "2026-11-01T00:00:00.000Z" };
const limits = { projectMonthlyCents: 5_000, userMonthlyCents: 10_000 };
const owner = (costs: Record<string, string>, more: Partial<Owner> = {}): Owner => ({
  month: "2026-11",
  now,
  limits,
  policy: defaultOverCostPolicy,
  billed: Object.entries(costs).map(([projectKey, amount]) => ({ projectKey, currency: "USD", amount })),
  projects: Object.keys(costs).map((key) => ({ key, mark: null })),
  mark: null,
  receiver: false,
  newAlertId: () => `msg_${ids++}`,
  ...more,
});
let ids = 0;
const marked = ({ projects }: OwnerStanding): string[] => projects.flatMap(({ key, mark }) => (mark ? [key] : []));
const again = (before: Owner, standing: OwnerStanding, later: Date): Owner => ({ ...before, now: later, projects: standing.projects, mark: standing.mark });

describe("over a limit", () => {
  it("is one hundred-millionth of a dollar above it, not at it", () => {
    expect(marked(standingOf(owner({ a: "50" })))).toEqual([]);
    const over = standingOf(owner({ a: "50.00000001" }));
    expect(over.projects).toEqual([
      {
        key: "a",
        amount: "50.00000001",
        mark: { of: "project", month: "2026-11", since: now.toISOString(), amount: "50.00000001", limitCents: 5_000, cleanUpAt: null, warning: null },
      },
    ]);
    expect(over.alerts.map(({ kind }) => kind)).toEqual(["cost.project.over_limit"]);
  });

  it("credits and refunds take from it, as the bill has them; taxes add", () => {
    const lines = (...amounts: string[]) =>
      owner({}, { billed: amounts.map((amount) => ({ projectKey: "a", currency: "USD", amount })), projects: [{ key: "a", mark: null }] });
    expect(marked(standingOf(lines("55", "-5.01", "0")))).toEqual([]);
    expect(marked(standingOf(lines("49", "1.01")))).toEqual(["a"]);
  });

  it("of a user, their dearest projects are marked until the rest would fit; what has ended counts for the user", () => {
    const standing = standingOf(owner({ a: "30", b: "45", c: "40", d: "5" }));
    expect(marked(standing)).toEqual(["b"]);
    expect(standing.projects.find(({ key }) => key === "b")?.mark).toMatchObject({ of: "user", amount: "120", limitCents: 10_000 });
    const ended = standingOf(owner({ a: "30", gone: "80" }, { projects: [{ key: "a", mark: null }] }));
    expect([ended.mark?.amount, marked(ended)]).toEqual(["110", []]);
    expect(ended.alerts).toMatchObject([{ kind: "cost.user.over_limit", projectKey: null, amount: "110" }]);
  });

  it("begins once, goes on with a growing amount, and ends with a raised limit, a corrected bill or the month", () => {
    const first = owner({ a: "60" });
    const began = standingOf(first);
    const later = new Date("2026-11-21T12:00:00.000Z");
    const grown = standingOf({ ...again(first, began, later), billed: [{ projectKey: "a", currency: "USD", amount: "70" }] });
    expect(grown.projects[0]?.mark).toMatchObject({ since: now.toISOString(), amount: "70" });
    const before = again(first, began, later);
    expect(marked(standingOf({ ...before, limits: { projectMonthlyCents: 6_000, userMonthlyCents: 10_000 } }))).toEqual([]);
    expect(marked(standingOf({ ...before, billed: [] }))).toEqual([]);
    const turned = { ...before, month: "2026-12", now: new Date("2026-12-01T00:00:00.000Z") };
    expect(marked(standingOf({ ...turned, billed: [] }))).toEqual([]);
    expect(standingOf(turned).projects[0]?.mark).toMatchObject({ month: "2026-12", since: "2026-12-01T00:00:00.000Z" });
    const mark = began.projects[0]?.mark ?? null;
    expect([overCostNow({ overCost: mark }, new Date("2026-11-30T23:59:59.999Z")), overCostNow({ overCost: mark }, turned.now)]).toEqual([mark, null]);
  });

  describe("the clean-up", () => {
    const of = ({ projects, alerts }: OwnerStanding) => {
      const mark = projects[0]?.mark;
      return { at: mark?.cleanUpAt, by: mark?.warning?.alertId, warning: alerts.flatMap(({ id, kind, warns }) => (warns ? [[id, kind]] : [])) };
    };
    const hour = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000);

    it("is named by an alert, and its grace time begins with that where nobody else is to be told", () => {
      expect(of(standingOf(owner({ a: "60" })))).toEqual({ at: null, by: undefined, warning: [] });
      const named = of(standingOf(owner({ a: "60" }, { policy: cleanUp })));
      expect(named).toEqual({ at: hour(24).toISOString(), by: expect.any(String), warning: [[named.by, "cost.project.over_limit"]] });
      const users = of(standingOf(owner({ a: "49", b: "48", c: "47" }, { policy: cleanUp })));
      expect(users.warning).toEqual([[users.by, "cost.user.over_limit"]]);
    });

    it("waits for a receiver to be told; where there is none any more, for nobody", () => {
      const first = owner({ a: "60" }, { policy: cleanUp, receiver: true });
      const begun = standingOf(first);
      expect(of(begun)).toMatchObject({ at: null, warning: [[of(begun).by, "cost.project.over_limit"]] });
      const waits = standingOf(again(first, begun, hour(48)));
      expect(of(waits)).toEqual({ at: null, by: of(begun).by, warning: [] });
      expect(of(standingOf({ ...again(first, waits, hour(72)), receiver: false }))).toEqual({ at: hour(96).toISOString(), by: of(begun).by, warning: [] });
    });

    it("is named anew when it comes back, comes to what was over already, or has another grace time; not when only the limit or the bill moved", () => {
      const first = owner({ a: "60" }, { policy: cleanUp });
      const begun = standingOf(first);
      const then = again(first, begun, hour(6));
      for (const same of [
        { limits: { ...limits, projectMonthlyCents: 5_900 } },
        { limits: { projectMonthlyCents: 10_000, userMonthlyCents: 4_000 } }, // over its user's now
        { billed: [{ projectKey: "a", currency: "USD", amount: "900" }] },
        { policy: { ...cleanUp, setAt: hour(6).toISOString() } },
      ])
        expect(of(standingOf({ ...then, ...same }))).toEqual({ at: hour(24).toISOString(), by: of(begun).by, warning: [] });
      const anew = (other: Partial<Owner>, at: Date) => {
        const named = of(standingOf({ ...then, ...other }));
        expect(named).toEqual({ at: at.toISOString(), by: expect.any(String), warning: [[named.by, "cost.project.over_limit"]] });
        expect(named.by).not.toBe(of(begun).by);
      };
      anew({ policy: { ...cleanUp, graceSeconds: 3_600 } }, hour(7));
      anew({ policy: { ...cleanUp, graceSeconds: 7 * 86_400 } }, hour(6 + 7 * 24));
      for (const [between, at] of [
        [{ billed: [] }, 30],
        [{ policy: defaultOverCostPolicy }, 30],
        [{ limits: { projectMonthlyCents: 9_000, userMonthlyCents: 90_000 } }, 30],
      ] as const)
        anew({ projects: standingOf({ ...then, ...between, now: hour(5) } as Owner).projects }, hour(at));
    });
  });

  it("warns from 80 % on, and only once that isn't too late", () => {
    const kinds = (amount: string) => standingOf(owner({ a: amount })).alerts.map(({ kind }) => kind);
    expect([kinds("39.99"), kinds("40"), kinds("50"), kinds("50.01")]).toEqual([
      [],
      ["cost.project.near_limit"],
      ["cost.project.near_limit"],
      ["cost.project.over_limit"],
    ]);
    expect(standingOf(owner({ a: "0" }, { limits: { projectMonthlyCents: 0, userMonthlyCents: 0 } })).alerts).toEqual([]);
  });

  const amount = fc.integer({ min: -2_000_000, max: 20_000_000 }).map((millionths) => new Big(millionths).div(100_000).toFixed());
  const line = fc.record({ projectKey: fc.constantFrom("a", "b", "c", "d", "gone"), currency: fc.constantFrom("USD", "USD", "USD", "EUR"), amount });
  const cents = fc.integer({ min: 0, max: 40_000 });
  const any = fc.record({ billed: fc.array(line, { maxLength: 30 }), limits: fc.record({ projectMonthlyCents: cents, userMonthlyCents: cents }) });
  const live = ["a", "b", "c", "d"].map((key) => ({ key, mark: null }));
  const dollars = (billed: Owner["billed"], keys?: string[]) =>
    billed
      .filter(({ currency, projectKey }) => currency === "USD" && (!keys || keys.includes(projectKey)))
      .reduce((so, one) => so.plus(one.amount), new Big(0));

  it("property: exactly what is over is marked, in dollars alone, and no fewer projects of a user would do", () => {
    fc.assert(
      fc.property(any, ({ billed, limits: given }) => {
        const limit = (of: "project" | "user") => new Big(of === "project" ? given.projectMonthlyCents : given.userMonthlyCents).div(100);
        const standing = standingOf(owner({}, { billed, limits: given, projects: live }));
        const userOver = dollars(billed).gt(limit("user"));
        expect(standing.mark !== null).toBe(userOver);
        for (const { key, mark } of standing.projects) expect(mark?.of === "project").toBe(dollars(billed, [key]).gt(limit("project")));
        const ofUser = standing.projects.filter(({ mark }) => mark?.of === "user").map(({ key }) => key);
        const rest = standing.projects.filter(({ mark }) => mark === null).map(({ key }) => key);
        if (!userOver) expect(ofUser).toEqual([]);
        else {
          expect(dollars(billed, rest).lte(limit("user"))).toBe(true);
          // With any one of them left standing, the rest wouldn't fit.
          for (const key of ofUser) expect(dollars(billed, [...rest, key]).gt(limit("user")), key).toBe(true);
        }
        const inDollars = billed.filter(({ currency }) => currency === "USD");
        expect(standingOf(owner({}, { billed: inDollars, limits: given, projects: live })).projects).toEqual(standing.projects);
        for (const { projectKey, otherCurrencies } of standing.alerts) {
          const euros = billed.filter((part) => part.currency === "EUR" && (projectKey === null || part.projectKey === projectKey));
          const told = euros.length === 0 ? [] : [{ currency: "EUR", amount: euros.reduce((so, one) => so.plus(one.amount), new Big(0)).toFixed() }];
          expect(otherCurrencies).toEqual(told);
        }
      }),
    );
  });

  it("tells with each project what it costs in other currencies itself, and with the user all of it", () => {
    const euros = [
      ["a", "20.01"],
      ["b", "33.08"],
    ].map(([projectKey = "", of = ""]) => ({ projectKey, currency: "EUR", amount: of }));
    const dear = ["a", "b"].map((projectKey) => ({ projectKey, currency: "USD", amount: "900" }));
    const { alerts } = standingOf(owner({}, { billed: [...dear, ...euros], projects: live }));
    expect(alerts.map(({ projectKey, otherCurrencies }) => [projectKey, otherCurrencies])).toEqual([
      ["a", [{ currency: "EUR", amount: "20.01" }]],
      ["b", [{ currency: "EUR", amount: "33.08" }]],
      [null, [{ currency: "EUR", amount: "53.09" }]],
    ]);
  });

  it("property: decided again on the same bill, nothing changes; limits as high as the costs end every mark", () => {
    fc.assert(
      fc.property(any, ({ billed, limits: given }) => {
        const first = owner({}, { billed, limits: given, projects: live, policy: cleanUp });
        const standing = standingOf(first);
        const { alerts, ...decided } = standingOf(again(first, standing, new Date(now.getTime() + 3_600_000)));
        const { alerts: before, ...was } = standing;
        expect(decided).toEqual(was);
        const unnamed = (told: CostAlert[]) => told.map(({ id: _, warns: __, ...alert }) => alert);
        expect(unnamed(alerts)).toEqual(unnamed(before));
        expect(alerts.filter(({ warns }) => warns)).toEqual([]);
        expect(before.some(({ warns }) => warns)).toBe(marked(standing).length > 0);
        const enough = { projectMonthlyCents: 1_000_000_000, userMonthlyCents: 1_000_000_000 };
        const raised = standingOf({ ...again(first, standing, now), limits: enough });
        expect([marked(raised), raised.mark]).toEqual([[], null]);
      }),
    );
  });
});

describe("an alert", () => {
  it("says what, whose, how much of how much, what will happen, and no more", () => {
    const mark = {
      of: "project",
      month: "2026-11",
      since: now.toISOString(),
      amount: "61.2034",
      limitCents: 5_000,
      cleanUpAt: "2026-11-21T12:00:00.000Z",
      warning: { alertId: "msg_a", graceSeconds: 86_400 },
    } as const;
    const facts = {
      tenantId: "acme",
      userId: "ana",
      projectId: "sales",
      projectKey: "k",
      month: "2026-11",
      at: now,
      otherCurrencies: [{ currency: "EUR", amount: "3.1" }],
    };
    const body = alertBody({
      ...facts,
      kind: "cost.project.over_limit",
      amount: "61.2034",
      limitCents: 5_000,
      marked: [
        { projectId: "sales", mark },
        { projectId: "other", mark },
      ],
    });
    expect(JSON.parse(body)).toEqual({
      type: "cost.project.over_limit",
      timestamp: "2026-11-20T12:00:00.000Z",
      data: {
        tenantId: "acme",
        userId: "ana",
        projectId: "sales",
        month: "2026-11",
        currency: "USD",
        amount: "61.2034",
        limit: "50.00",
        projects: [{ projectId: "sales", overLimitOf: "project", cleanUpAt: "2026-11-21T12:00:00.000Z", graceSeconds: 86_400 }],
        otherCurrencies: [{ currency: "EUR", amount: "3.1" }],
      },
    });
  });

  it("is tried again ever later, never at one moment with others, for five days", () => {
    const createdAt = now.toISOString();
    const wait = (attempts: number, chance = 0, retryAfterSeconds?: number) =>
      ((nextTry({ attempts, createdAt }, { now, chance, retryAfterSeconds }) as Date).getTime() - now.getTime()) / 1_000;
    expect([1, 2, 3, 11, 12, 500].map((attempts) => wait(attempts))).toEqual([30, 60, 120, 30_720, 43_200, 43_200]);
    expect([wait(3, 0.999), wait(3, 0.5)]).toEqual([expect.closeTo(90.03), 105]);
    expect([wait(1, 0, 600), wait(1, 0, 10_000_000)]).toEqual([600, 43_200]);
    expect(nextTry({ attempts: 2, createdAt }, { now: new Date("2026-11-25T11:59:59.000Z"), chance: 0 })).not.toBeNull();
    expect(nextTry({ attempts: 2, createdAt }, { now: new Date("2026-11-25T12:00:00.000Z"), chance: 0 })).toBeNull();
  });
});
