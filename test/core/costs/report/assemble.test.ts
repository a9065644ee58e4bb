/** A report's parts are the bill, to the last decimal, whatever was billed and booked. */
import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CostAmount, KeptAnswer } from "../../../../src/core/costs/actual/cost-source.ts";
import { lineKinds } from "../../../../src/core/costs/actual/cost-source.ts";
import { assembleReport } from "../../../../src/core/costs/report/assemble.ts";
import { checkedReport } from "../../../../src/core/costs/report/check.ts";
import type { TenantFacts } from "../../../../src/core/costs/report/facts.ts";
import { monthAsked } from "../../../../src/core/costs/report/month.ts";
import type { Booking, CurrencyReport } from "../../../../src/core/costs/report/report.ts";
import { reportLines } from "../../../../src/core/costs/report/tables.ts";

const now = new Date("2026-11-03T12:00:00Z");
const october = monthAsked("2026-10", now);
interface Line {
  day: string;
  project: string | null;
  user: string | null;
  service: string | null;
  kind: CostAmount["kind"];
  currency: string;
  amount: string;
}
const line = (amount: string, rest: Partial<Line> = {}): Line => ({
  day: "2026-10-02",
  project: "sales",
  user: "ann",
  service: "Amazon DynamoDB",
  kind: "usage",
  currency: "USD",
  amount,
  ...rest,
});
const booking = (rest: Partial<Booking> = {}): Booking => ({
  projectId: "sales",
  userId: "ann",
  estimates: [{ since: "2026-10-01T00:00:00.000Z", monthlyCents: 7_300 }],
  endedAt: "2026-10-02T00:00:00.000Z",
  ...rest,
});
const answer = (lines: Line[], key: (line: Line) => string | null, rest: Partial<KeptAnswer> = {}): KeptAnswer => ({
  source: "ce",
  amounts: lines.map((one) => ({ period: one.day, key: key(one), kind: one.kind, currency: one.currency, amount: one.amount })),
  estimatedFrom: null,
  price: { requests: 1, dollars: "0.01", bytesScanned: 0, reused: false },
  askedAt: now.toISOString(),
  ...rest,
});
const facts = (lines: Line[], rest: Partial<TenantFacts> = {}): TenantFacts => ({
  tenantId: "acme",
  tags: {},
  byService: answer(lines, ({ service }) => service),
  byProject: answer(lines, ({ project }) => project),
  byUser: answer(lines, ({ user }) => user),
  books: { bookings: [], limits: [], othersMonthlyCents: null },
  ...rest,
});
const report = (...tenants: TenantFacts[]) => assembleReport(tenants, { month: october, metric: "unblended" }, now);
const dollars = (...tenants: TenantFacts[]): CurrencyReport => report(...tenants).currencies.find(({ currency }) => currency === "USD") as CurrencyReport;
const sum = (amounts: (string | null)[]): string => amounts.reduce((all, amount) => all.plus(amount ?? 0), new Big(0)).toFixed();

const names = ["sales", "hr", "__proto__", "=1+1"];
const anyLine = fc.record({
  day: fc.constantFrom("2026-10-01", "2026-10-02", "2026-10-31"),
  project: fc.option(fc.constantFrom(...names), { nil: null }),
  user: fc.option(fc.constantFrom(...names), { nil: null }),
  service: fc.option(fc.constantFrom(...names), { nil: null }),
  kind: fc.constantFrom(...lineKinds),
  currency: fc.constantFrom("USD", "EUR"),
  amount: fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }).map((digits) => new Big(digits.toString()).div(10 ** 10).toFixed()),
});
const day = fc.date({ min: new Date("2026-09-25T00:00:00Z"), max: new Date("2026-11-03T00:00:00Z"), noInvalidDate: true });
const anyBooking = fc
  .record({
    projectId: fc.constantFrom(...names),
    userId: fc.constantFrom(...names),
    cents: fc.array(fc.nat(10_000), { minLength: 4, maxLength: 4 }),
    at: fc.array(day, { minLength: 2, maxLength: 5 }),
  })
  .map(({ at, cents, ...rest }): Booking => {
    const times = at.map((time) => time.toISOString()).sort();
    return { ...rest, estimates: times.slice(0, -1).map((since, which) => ({ since, monthlyCents: cents[which] ?? 0 })), endedAt: times.at(-1) ?? null };
  });

test("tenants, projects, users, services, days and kinds each add up to what AWS billed, and estimates to what was booked", () => {
  fc.assert(
    fc.property(fc.array(anyLine), fc.array(anyLine), fc.array(anyBooking), (lines, others, bookings) => {
      const made = report(facts(lines, { books: { bookings, limits: [], othersMonthlyCents: null } }), facts(others, { tenantId: "globex" }));
      for (const { currency, total, estimate, unallocated, byKind, accounts, ...parts } of made.currencies) {
        const billed = [...lines, ...others].filter((one) => one.currency === currency);
        expect(total).toBe(sum(billed.map(({ amount }) => amount)));
        for (const table of Object.values(parts).filter(Array.isArray)) {
          expect(sum(table.map((part) => part.total))).toBe(total);
          if (currency === "USD" && table !== parts.services)
            expect(sum(table.map((part) => ("estimate" in part ? part.estimate : null)))).toBe(estimate ?? "0");
        }
        expect(sum(Object.values(byKind))).toBe(total);
        expect(accounts).toEqual([]);
        expect(unallocated).toBe(sum(billed.filter(({ project }) => project === null).map(({ amount }) => amount)));
        const stood = bookings.some(({ estimates: [first], endedAt }) => {
          const [from, until] = [first?.since ?? "", endedAt ?? ""];
          return (from > "2026-10" ? from : "2026-10-01T00:00:00.000Z") < (until < "2026-11" ? until : "2026-11-01T00:00:00.000Z");
        });
        expect(estimate !== null).toBe(currency === "USD" && stood);
      }
    }),
  );
});

describe("a report", () => {
  test("says who had a project, how it stands, and what it was estimated at for the time that it stood", () => {
    const bookings = [
      booking(),
      booking({ userId: "bob", estimates: [{ since: "2026-10-31T12:00:00.000Z", monthlyCents: 7_300 }], endedAt: null }),
      booking({ projectId: "idle", endedAt: null }),
    ];
    const { projects, users, days, estimate } = dollars(
      facts([line("3"), line("1", { project: "stray", user: "eve" }), line("0.5", { project: null, user: null })], {
        books: { bookings, limits: [{ userId: "ann", userMonthlyCents: 5_050 }], othersMonthlyCents: 10_000 },
      }),
    );
    expect(projects).toEqual([
      { tenantId: "acme", projectId: "sales", users: ["ann", "bob"], total: "3", estimate: "3.6", booking: "stands" },
      { tenantId: "acme", projectId: "stray", users: [], total: "1", estimate: null, booking: "unknown" },
      { tenantId: "acme", projectId: "idle", users: ["ann"], total: "0", estimate: "74.4", booking: "stands" },
      { tenantId: "acme", projectId: null, users: [], total: "0.5", estimate: null, booking: null },
    ]);
    expect(users.map(({ userId, projects: count, total, estimate: of, limit }) => [userId, count, total, of, limit])).toEqual([
      ["ann", 2, "3", "76.8", "50.5"],
      ["eve", 0, "1", null, "100"],
      ["bob", 1, "0", "1.2", "100"],
      [null, 0, "0.5", null, null],
    ]);
    expect(estimate).toBe("78");
    expect([days[0]?.estimate, days[1]?.estimate, days[30]?.estimate]).toEqual(["4.8", "2.4", "3.6"]);
  });
  test("estimates each hour by what held then, whatever was estimated later", () => {
    const estimates = [
      { since: "2026-09-01T00:00:00.000Z", monthlyCents: 730_000 },
      { since: "2026-10-01T18:00:00.000Z", monthlyCents: 7_300 },
      { since: "2026-10-02T00:00:00.000Z", monthlyCents: 0 },
      { since: "2026-10-03T00:00:00.000Z", monthlyCents: 73_000 },
    ];
    const { days, estimate } = dollars(
      facts([], { books: { bookings: [booking({ estimates, endedAt: "2026-10-03T01:00:00.000Z" })], limits: [], othersMonthlyCents: null } }),
    );
    expect([days[0]?.estimate, days[1]?.estimate, days[2]?.estimate, days[3]?.estimate, estimate]).toEqual(["180.6", "0", "1", "0", "181.6"]);
  });
  test("of the month that runs is open, and estimates end now", () => {
    const running = monthAsked("2026-11", now);
    const made = assembleReport(
      [facts([], { books: { bookings: [booking({ endedAt: null })], limits: [], othersMonthlyCents: null } })],
      { month: running, metric: "unblended" },
      now,
    );
    expect([made.open, made.from, made.to]).toEqual([true, "2026-11-01", "2026-11-03"]);
    expect(made.currencies[0]?.days.map(({ estimate }) => estimate)).toEqual(["2.4", "2.4", "1.2"]);
  });
  const open = (day: string, more = {}) =>
    assembleReport([facts([line("1")], more)], { month: october, metric: "unblended" }, new Date(`${day}T12:00:00Z`)).open;
  test("of a month that AWS still corrects, or calls an estimate, is open, too", () => {
    expect([open("2026-11-03"), open("2026-11-10"), open("2026-11-11")]).toEqual([true, true, false]);
    expect(open("2026-11-11", { byUser: answer([line("1")], ({ user }) => user, { estimatedFrom: "2026-10-01" }) })).toBe(true);
  });
  test("that is over isn't open because some of its days were never read", () => {
    expect(open("2026-11-11", { unread: ["2026-10-30", "2026-10-31"] })).toBe(false);
  });
  test("tells Cost Explorer's own rounding by its amount, and refuses sums that differ by more", () => {
    const near = (amount: string): TenantFacts => facts([line("1")], { byProject: answer([line(amount)], ({ project }) => project) });
    expect(dollars(near("0.9999999998")).tenants[0]?.rounding).toEqual({ projects: "0.0000000002", users: "0" });
    expect(() => report(near("0.99"))).toThrow("AWS gives two sums for acme: 1 USD by service, and 0.99 USD by project");
  });
  test("whose parts don't add up is refused as a bug", () => {
    const made = report(facts([line("2")]));
    expect(checkedReport(made)).toBe(made);
    const [currency] = made.currencies as [CurrencyReport];
    for (const wrong of [{ total: "2.0000000001" }, { unallocated: "1" }, { estimate: "1" }, { days: currency.days.slice(2) }, { services: [] }])
      expect(() => checkedReport({ ...made, currencies: [{ ...currency, ...wrong }] }), JSON.stringify(wrong)).toThrow("add up to");
  });
  test("where nothing was booked has no estimate, which isn't one of nothing", () => {
    const none = dollars(facts([line("3")]));
    expect([none.estimate, none.projects[0]?.estimate, none.tenants[0]?.estimate, none.days[1]?.estimate]).toEqual([null, null, null, null]);
    const free = booking({ estimates: [{ since: "2026-10-01T00:00:00.000Z", monthlyCents: 0 }] });
    expect(dollars(facts([line("3")], { books: { bookings: [free], limits: [], othersMonthlyCents: null } })).estimate).toBe("0");
  });
  test("of nothing is empty", () => {
    expect(report(facts([])).currencies).toEqual([]);
  });
});

describe("of every tenant, whose accounts are known", () => {
  const tenants = ["acme", "globex", "idle"];
  const anyTenant = fc.option(fc.constantFrom(...tenants, "removed"), { nil: null });
  const anyPart = fc.record({ tenant: anyTenant, line: anyLine });
  type Part = { tenant: string | null; line: Line };
  const linesOf = (parts: Part[], tenant: string): Line[] => parts.flatMap((part) => (part.tenant === tenant ? [part.line] : []));
  /** As Cost Explorer says them: a figure a day, group and kind, whose decimals are cut by `rounded`. */
  const figures = (lines: Line[], key: (line: Line) => string | null, rounded: (sum: Big) => Big): KeptAnswer => {
    const sums = new Map<string, CostAmount>();
    for (const amount of answer(lines, key).amounts) {
      const at = JSON.stringify([amount.period, amount.key, amount.kind, amount.currency]);
      sums.set(at, { ...amount, amount: new Big(sums.get(at)?.amount ?? 0).plus(amount.amount).toFixed() });
    }
    return answer([], key, { amounts: [...sums.values()].map((one) => ({ ...one, amount: rounded(new Big(one.amount)).toFixed() })) });
  };
  const exactly = (sum: Big): Big => sum;
  const answersOf = (lines: Line[], rounded: (sum: Big) => Big) => ({
    byService: figures(lines, ({ service }) => service, rounded),
    byProject: figures(lines, ({ project }) => project, rounded),
    byUser: figures(lines, ({ user }) => user, rounded),
  });
  /** One account that all three share, and hooli's own. */
  const reportOfAll = (shared: Part[], own: Line[], rounded: (sum: Big) => Big = exactly, changed: Part[] = shared) => {
    const lines = changed.map(({ line: one, tenant }) => ({ ...one, tenant }));
    const byTenant = figures(lines, (one) => lines.find((known) => known === one)?.tenant ?? null, rounded);
    const facts_ = tenants.map((tenantId) => facts([], { tenantId, tags: { TenantId: tenantId }, ...answersOf(linesOf(shared, tenantId), rounded) }));
    const whole = answersOf(lines, rounded);
    const accounts = [
      { accountId: null, tenants, shared: { byTenant, whole } },
      { accountId: "111122223333", tenants: ["hooli"], shared: null },
    ];
    const hooli = facts(own, { tenantId: "hooli" });
    return assembleReport([...facts_, hooli], { month: october, metric: "unblended", accounts }, now);
  };
  const inCurrency = (lines: Line[], currency: string): string => sum(lines.filter((one) => one.currency === currency).map(({ amount }) => amount));

  test("each account's bill counts once, and tenants with what is no tenant's are these bills, by every part", () => {
    fc.assert(
      fc.property(fc.array(anyPart), fc.array(anyLine), (fine, own) => {
        // Far above what AWS rounds.
        const shared = fine.map(({ tenant, line: one }) => ({ tenant, line: { ...one, amount: new Big(one.amount).round(7).toFixed() } }));
        const whole = shared.map(({ line: one }) => one);
        for (const { currency, total, accounts, unallocated, byKind, ...parts } of reportOfAll(shared, own).currencies) {
          expect(total).toBe(inCurrency([...whole, ...own], currency));
          for (const table of Object.values(parts).filter(Array.isArray)) expect(sum(table.map((part) => part.total))).toBe(total);
          expect(sum(Object.values(byKind))).toBe(total);
          const bills = Object.fromEntries(accounts.map((account) => [account.accountId ?? "own", account.total]));
          expect(bills).toEqual({ own: inCurrency(whole, currency), "111122223333": inCurrency(own, currency) });
          const rest = inCurrency(
            shared.flatMap((part) => (part.tenant !== null && tenants.includes(part.tenant) ? [] : [part.line])),
            currency,
          );
          expect(parts.tenants.find(({ tenantId }) => tenantId === null)?.total ?? "0").toBe(rest);
          expect(accounts.find(({ accountId }) => accountId === null)?.rest).toBe(rest);
          expect(unallocated).toBe(
            inCurrency(
              [...whole, ...own].filter(({ project }) => project === null),
              currency,
            ),
          );
        }
      }),
    );
  });
  test("what AWS rounds makes no services, projects or users of nobody, and nothing is lost", () => {
    const to =
      (decimals: number) =>
      (amount: Big): Big =>
        amount.round(decimals, 0);
    fc.assert(
      fc.property(fc.array(anyPart.filter(({ tenant }) => tenant !== null && tenant !== "removed")), (shared) => {
        // Amounts have ten decimals: a thousandth of them is cut.
        const small = shared.map(({ tenant, line: one }) => ({ tenant, line: { ...one, amount: new Big(one.amount).div(1_000).toFixed() } }));
        const { currencies } = reportOfAll(small, [], to(10));
        for (const { services, projects, users, tenants: parts, total } of currencies) {
          const nobodys = [...services.map(({ tenantId, service }) => [tenantId, service]), ...projects.map(({ tenantId }) => [tenantId, "project"])];
          expect(nobodys.filter(([tenantId, name]) => tenantId === null && name !== "(AWS's rounding)" && name !== "project")).toEqual([]);
          expect(projects.filter(({ tenantId, projectId }) => tenantId === null && projectId !== null)).toEqual([]);
          expect(users.filter(({ tenantId, userId }) => tenantId === null && userId !== null)).toEqual([]);
          expect(sum(parts.map((part) => part.total))).toBe(total);
        }
      }),
    );
  });
  test("a bill that AWS changed between the questions is refused: neither a tenant's costs nor others are taken for the rest", () => {
    const mine = { tenant: "acme", line: line("3") };
    const others = { tenant: null, line: line("1") };
    expect(reportOfAll([mine, others], []).currencies[0]?.total).toBe("4");
    expect(() => reportOfAll([mine, others], [], exactly, [{ ...mine, line: line("3.1") }, others])).toThrow("AWS gives two sums for tenant acme");
    expect(() => reportOfAll([mine], [], exactly, [mine, others])).not.toThrow();
    const stale = { tenant: "removed", line: line("0.5") };
    expect(reportOfAll([mine, stale], []).currencies[0]?.projects).toContainEqual(
      expect.objectContaining({ tenantId: null, projectId: "sales", total: "0.5", booking: "unknown", estimate: null }),
    );
  });
  test("accounts that aren't their tenants and rest are refused as a bug", () => {
    const made = reportOfAll(
      [
        { tenant: "acme", line: line("3") },
        { tenant: null, line: line("1") },
      ],
      [line("2")],
    );
    const [currency] = made.currencies as [CurrencyReport];
    expect(currency.accounts).toEqual([
      { accountId: null, tenants, total: "4", rest: "1" },
      { accountId: "111122223333", tenants: ["hooli"], total: "2", rest: "0" },
    ]);
    const [one, other] = currency.accounts as [CurrencyReport["accounts"][number], CurrencyReport["accounts"][number]];
    for (const accounts of [
      [one],
      [one, other, one],
      [
        { ...one, total: "5" },
        { ...other, total: "1" },
      ],
      [{ ...one, tenants: [...tenants, "hooli"] }, other],
      [{ ...one, rest: "2" }, other],
    ])
      expect(() => checkedReport({ ...made, currencies: [{ ...currency, accounts }] }), JSON.stringify(accounts)).toThrow("add up to");
  });
});

test.each([
  [undefined, ["2026-10", "2026-10-01", "2026-11-01", false]],
  ["2026-11", ["2026-11", "2026-11-01", "2026-11-04", true]],
  ["2024-02", ["2024-02", "2024-02-01", "2024-03-01", false]],
  ["2025-12", ["2025-12", "2025-12-01", "2026-01-01", false]],
])("the month %s", (asked, [month, from, until, running]) => {
  expect(monthAsked(asked as string | undefined, now)).toEqual({ month, from, until, running });
});
test.each(["2026-12", "2026-13", "october", "2026-1"])("%s is no month of a report", (asked) => {
  expect(() => monthAsked(asked, now)).toThrow(expect.objectContaining({ kind: "usage", code: "report.month" }));
});
test("before there was AWS there are no bills, and Cost Explorer has a year of them", () => {
  expect(() => monthAsked("1999-01", now)).toThrow(
    expect.objectContaining({ message: expect.stringContaining("AWS has no bills of 1999-01"), hint: expect.stringContaining("since 2025-10") }),
  );
});
test("of several tenants' tagged parts, without their accounts' bills, it says that the rest isn't counted", () => {
  const rows = (made: ReturnType<typeof report>) => [...(reportLines(made).rows as Iterable<unknown[]>)].filter(([, part]) => part === "unread");
  const tagged = (tenantId: string) => facts([line("1")], { tenantId, tags: { TenantId: tenantId } });
  expect(rows(report(tagged("acme"), tagged("globex"))).map((row) => row.slice(2, 4))).toEqual([["(no tenant)", "2026-10-01 to 2026-10-31"]]);
  expect(rows(report(tagged("acme")))).toEqual([]);
  expect(rows(report(facts([line("1")]), facts([line("1")], { tenantId: "globex" })))).toEqual([]);
});
