/** Which months are read by what was used, and how often: each reading is paid. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, addMonths, dayOf, firstOfMonth } from "../../../../src/core/costs/actual/period.ts";
import { firstOpenDay } from "../../../../src/core/costs/billed/days-to-read.ts";
import type { KnownUsage } from "../../../../src/core/costs/billed/usage-months.ts";
import { usageToldFrom, usageToRead } from "../../../../src/core/costs/billed/usage-months.ts";

const at = (day: string): Date => new Date(`${day}T03:00:00.000Z`);
const read = (month: string, readAt: string, open: boolean): KnownUsage => ({ month, open, readAt: at(readAt).toISOString() });

describe("a month", () => {
  it.each([
    ["that runs is not read", "2026-11-30", [], null],
    ["is not read on the day after it", "2026-12-01", [], null],
    ["is read when its last day is whole", "2026-12-02", [], "2026-11-01"],
    ["is not read again while it is open", "2026-12-10", [read("2026-11", "2026-12-02", true)], null],
    ["is read again when AWS doesn't change it any more", "2026-12-11", [read("2026-11", "2026-12-02", true)], "2026-11-01"],
    ["is not read again within a week", "2026-12-11", [read("2026-11", "2026-12-09", true)], null],
    ["is not read again when it was settled", "2026-12-30", [read("2026-11", "2026-12-11", false)], null],
    ["that AWS leaves open longer is read once a week", "2026-12-18", [read("2026-11", "2026-12-11", true)], "2026-11-01"],
  ] as const)("%s", (_, day, known, from) => {
    expect(usageToRead("2026-11-01", known, at(day))).toEqual(from === null ? null : { from, until: addMonths(from, 1) });
  });

  it("that the books don't have whole isn't read, nor one that is older than a year; what lies between two is no question more", () => {
    expect(usageToRead("2026-10-02", [], at("2026-12-20"))).toEqual({ from: "2026-11-01", until: "2026-12-01" });
    expect(usageToRead("2020-01-01", [], at("2026-12-20"))).toEqual({ from: "2025-12-01", until: "2026-12-01" });
    const between = [read("2026-10", "2026-11-11", false)];
    expect(usageToRead("2026-09-01", between, at("2026-12-20"))).toEqual({ from: "2026-09-01", until: "2026-12-01" });
  });

  it("is read twice in a year of days, whenever a bill is read: once whole, once settled", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 364 }), fc.integer({ min: 1, max: 6 }), (begin, everyDays) => {
        const known = new Map<string, KnownUsage>();
        const readings = new Map<string, string[]>();
        const start = addDays("2026-01-01", begin);
        for (let day = start; day < addDays(start, 120); day = addDays(day, everyDays)) {
          const months = usageToRead(start, [...known.values()], at(day));
          for (let first = months?.from; months && first && first < months.until; first = addMonths(first, 1)) {
            const month = first.slice(0, 7);
            expect(day >= usageToldFrom(month)).toBe(true);
            known.set(month, read(month, day, firstOpenDay(null, at(day)) <= first));
            readings.set(month, [...(readings.get(month) ?? []), day]);
          }
        }
        const over = [...readings].filter(([month]) => addMonths(`${month}-01`, 1) < addDays(start, 90));
        expect(over.length).toBeGreaterThan(0);
        for (const [month, days] of over) {
          expect([month, days.length]).toEqual([month, 2]);
          expect(firstOfMonth(dayOf(at(days[1] as string))) > `${month}-31`).toBe(true);
        }
      }),
    );
  });
});
