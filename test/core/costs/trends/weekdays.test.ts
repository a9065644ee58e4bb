/** A pattern of weekdays is one only when chance and one dear day don't look like it. */
import Big from "big.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addDays } from "../../../../src/core/costs/actual/period.ts";
import { median } from "../../../../src/core/costs/trends/day-series.ts";
import { weekdayPattern } from "../../../../src/core/costs/trends/weekdays.ts";

/** From a Monday on. */
const from = (values: readonly number[]) => values.map((value, at) => ({ day: addDays("2026-09-28", at), amount: new Big(value) }));
const weeks = (week: number[], count: number): number[] => Array.from({ length: count }, () => week).flat();
const office = [10, 10, 10, 10, 10, 4, 3];

test("of weeks that are all the same is theirs, Monday first, wherever the days begin", () => {
  expect(weekdayPattern(from(weeks(office, 4)))).toEqual(office.map(String));
  expect(weekdayPattern(from(weeks(office, 5)).slice(3))).toEqual(office.map(String));
});
test.each([
  ["less than four weeks", weeks(office, 4).slice(1)],
  ["days that are all the same", weeks([5, 5, 5, 5, 5, 5, 5], 8)],
  ["days without cost", weeks([0, 0, 0, 0, 0, 0, 0], 8)],
  ["weekdays that hardly differ", weeks([10, 10, 10, 10, 10, 9, 9], 8)],
  ["one dear day", [...weeks([5, 5, 5, 5, 5, 5, 5], 4).slice(1), 900, ...weeks([5, 5, 5, 5, 5, 5, 5], 1)]],
])("is none of %s", (_, values) => {
  expect(weekdayPattern(from(values))).toBeNull();
});
test("is found by chance in hardly any bill without one, and is the same in any unit", () => {
  let found = 0;
  const bills = fc.array(fc.integer({ min: 500, max: 1_500 }), { minLength: 56, maxLength: 56 });
  for (const bill of fc.sample(bills, { numRuns: 300, seed: 7 })) {
    const pattern = weekdayPattern(from(bill));
    if (pattern) found++;
    expect(weekdayPattern(from(bill.map((value) => value / 100)))).toEqual(pattern?.map((value) => new Big(value).div(100).toFixed()) ?? null);
  }
  expect(found).toBeLessThan(12); // three are expected, one in a hundred
});
test("a median lies in the middle, exactly", () => {
  const big = (values: number[]) => values.map((value) => new Big(value));
  expect([[], [3], [1, 2], [9, 0.1, 0.2], [0.1, 0.2, 5, -1]].map((values) => median(big(values)).toFixed())).toEqual(["0", "3", "1.5", "0.2", "0.15"]);
});
