/** Days and months of a bill: month ends, leap years, other time zones. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Granularity } from "../../../src/core/costs/actual/cost-source.ts";
import { addDays, billingMonths, openFrom, periodAsked, periodBefore, periodsOf } from "../../../src/core/costs/actual/period.ts";

const now = new Date("2026-11-21T23:30:00Z");
const asked = (given: { days?: number; from?: string; to?: string; granularity?: Granularity }, at = now) =>
  periodAsked({ days: 7, from: undefined, to: undefined, granularity: "day", ...given }, at);

describe("the period", () => {
  test("is the last whole days, in UTC, wherever the machine is", () => {
    expect(asked({})).toEqual({ from: "2026-11-14", until: "2026-11-21" });
    expect(asked({}, new Date("2026-11-21T23:30:00-05:00"))).toEqual({ from: "2026-11-15", until: "2026-11-22" });
    expect(asked({ days: 90 }, new Date("2024-03-01T00:00:00Z"))).toEqual({ from: "2023-12-02", until: "2024-03-01" });
  });
  test("ends with the last day that is named", () => {
    expect(asked({ from: "2026-10-01", to: "2026-10-31" })).toEqual({ from: "2026-10-01", until: "2026-11-01" });
    expect(asked({ from: "2026-11-20" })).toEqual({ from: "2026-11-20", until: "2026-11-21" });
    expect(asked({ from: "2026-11-21" })).toEqual({ from: "2026-11-21", until: "2026-11-22" });
  });
  test("of months begins with a month", () => {
    expect(asked({ days: 60, granularity: "month" })).toEqual({ from: "2026-09-01", until: "2026-11-21" });
  });
  test.each([
    [{ from: "2026-02-30" }, '"2026-02-30" is not a day'],
    [{ from: "yesterday" }, '"yesterday" is not a day'],
    [{ from: "2026-11-10", to: "2026-11-09" }, "2026-11-10 is after 2026-11-09"],
    [{ from: "2026-11-10", to: "2026-12-01" }, "2026-12-01 has not come yet"],
    [{ from: "2027-01-01" }, "2027-01-01 has not come yet"],
    [{ from: "2027-01-01", to: "2027-01-31" }, "2027-01-31 has not come yet"],
    [{ to: "2026-11-09" }, "--to needs --from"],
    [{ days: 32, granularity: "hour" as const }, "Hours are told of 31 days at most"],
  ])("refuses %j", (given, message) => {
    expect(() => asked(given)).toThrow(expect.objectContaining({ kind: "usage", code: "costs.period", message }));
  });
});

describe("the time before", () => {
  test.each([
    ["2026-11-14", "2026-11-21", "day", "2026-11-07", "2026-11-14"],
    ["2026-10-01", "2026-11-01", "day", "2026-09-01", "2026-10-01"],
    ["2026-02-01", "2026-03-01", "day", "2026-01-01", "2026-02-01"],
    ["2026-01-01", "2026-04-01", "month", "2025-10-01", "2026-01-01"],
    ["2026-11-01", "2026-11-22", "month", "2026-10-01", "2026-10-22"],
    ["2026-03-01", "2026-03-31", "month", "2026-02-01", "2026-03-01"],
    ["2026-09-01", "2026-11-21", "month", "2026-06-01", "2026-08-21"],
  ] as const)("of %s until %s by %s", (from, until, granularity, before, end) => {
    expect(periodBefore({ from, until }, granularity)).toEqual({ from: before, until: end });
  });
  test("never reaches into the period, and is never empty", () => {
    const start = fc.integer({ min: 0, max: 2_000 }).map((days) => addDays("2021-06-15", days));
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 366 }), fc.constantFrom("day", "month" as const), (day, length, granularity) => {
        const from = granularity === "month" ? `${day.slice(0, 7)}-01` : day;
        const before = periodBefore({ from, until: addDays(day, length) }, granularity);
        expect(before.from < before.until && before.until <= from).toBe(true);
      }),
    );
  });
});

test("every hour, day and month is there", () => {
  expect(periodsOf({ from: "2026-11-20", until: "2026-11-21" }, "hour")).toHaveLength(24);
  expect(periodsOf({ from: "2024-02-27", until: "2024-03-02" }, "day")).toEqual(["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"]);
  expect(periodsOf({ from: "2026-12-01", until: "2027-02-01" }, "month")).toEqual(["2026-12", "2027-01"]);
  expect(billingMonths({ from: "2026-12-31", until: "2027-01-01" })).toEqual(["2026-12"]);
  expect(billingMonths({ from: "2026-12-31", until: "2027-01-02" })).toEqual(["2026-12", "2027-01"]);
});

test("a month is open until it is over", () => {
  expect(openFrom({ from: "2026-10-20", until: "2026-11-05" }, "day", now)).toBe("2026-11-01");
  expect(openFrom({ from: "2026-11-03", until: "2026-11-05" }, "hour", now)).toBe("2026-11-03T00");
  expect(openFrom({ from: "2026-09-01", until: "2026-11-21" }, "month", now)).toBe("2026-11");
  expect(openFrom({ from: "2026-10-01", until: "2026-11-01" }, "day", now)).toBeNull();
});
test("a month that is over is open until its bill is settled, on the 10th", () => {
  const october = { from: "2026-10-01", until: "2026-11-01" };
  const open = (day: string) => openFrom(october, "day", new Date(`${day}T23:59:59Z`));
  expect(["2026-11-01", "2026-11-10", "2026-11-11"].map(open)).toEqual(["2026-10-01", "2026-10-01", null]);
});
