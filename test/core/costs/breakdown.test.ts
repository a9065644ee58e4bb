/** The parts are the whole, to the last decimal, whatever the lines are. */
import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { breakdown } from "../../../src/core/costs/actual/breakdown.ts";
import type { CostAmount } from "../../../src/core/costs/actual/cost-source.ts";
import { lineKinds } from "../../../src/core/costs/actual/cost-source.ts";
import { changeText } from "../../../src/ui/costs.ts";

const periods = ["2026-11-01", "2026-11-02", "2026-11-03"];
const amountText = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, decimals]) => new Big(digits.toString()).div(new Big(10).pow(decimals)).toFixed());
const amountIn = (among: string[]): fc.Arbitrary<CostAmount> =>
  fc.record({
    period: fc.constantFrom(...among),
    key: fc.option(fc.constantFrom("sales", "hr", "__proto__", "constructor", "=1+1"), { nil: null }),
    kind: fc.constantFrom(...lineKinds),
    currency: fc.constantFrom("USD", "EUR", "CNY"),
    amount: amountText,
  });
const sum = (amounts: string[]): string => amounts.reduce((all, amount) => all.plus(amount), new Big(0)).toFixed();

test("rows, days and kinds each add up to the bill, in every currency, before and now", () => {
  fc.assert(
    fc.property(fc.array(amountIn(periods)), fc.array(amountIn(["2026-10-31"])), fc.boolean(), (current, previous, restShown) => {
      const currencies = breakdown({ current, previous }, periods, { restShown });
      const billedIn = new Set([...current, ...previous].map(({ currency }) => currency));
      expect(currencies.map(({ currency }) => currency).toSorted()).toEqual([...billedIn].toSorted());
      if (billedIn.has("USD")) expect(currencies[0]?.currency).toBe("USD");
      for (const { currency, total, previous: before, rows, series, byKind } of currencies) {
        const billed = (amounts: CostAmount[]): string => sum(amounts.filter((one) => one.currency === currency).map(({ amount }) => amount));
        expect([total, before]).toEqual([billed(current), billed(previous)]);
        expect(sum(rows.map((row) => row.total))).toBe(total);
        expect(sum(rows.map((row) => row.previous))).toBe(before);
        expect(sum(series.map(({ amount }) => amount))).toBe(total);
        expect(sum(Object.values(byKind))).toBe(total);
        for (const row of rows) expect(sum(row.series)).toBe(row.total);
        for (const [at, { amount }] of series.entries()) expect(sum(rows.map((row) => row.series[at] ?? "0"))).toBe(amount);
      }
    }),
  );
});

const line = (key: string | null, amount: string, rest: Partial<CostAmount> = {}): CostAmount => ({
  period: "2026-11-02",
  key,
  kind: "usage",
  currency: "USD",
  amount,
  ...rest,
});

describe("a table of costs", () => {
  test("has the dearest first, and what belongs to nobody last, even if it is the most", () => {
    const [usd] = breakdown({ current: [line(null, "100"), line("hr", "1"), line("sales", "2")], previous: [] }, periods, { restShown: true });
    expect(usd?.rows.map(({ key, total, share }) => [key, total, share])).toEqual([
      ["sales", "2", "0.0194"],
      ["hr", "1", "0.0097"],
      [null, "100", "0.9709"],
    ]);
  });
  test("says that nothing is unallocated, and leaves out what cost nothing", () => {
    const [usd] = breakdown({ current: [line("hr", "1"), line("idle", "0")], previous: [line("hr", "4")] }, periods, { restShown: true });
    expect(usd?.rows.map(({ key, total, change }) => [key, total, change])).toEqual([
      ["hr", "1", "-0.7500"],
      [null, "0", null],
    ]);
  });
  test("takes credits and refunds off, and gives no share of a bill that isn't positive", () => {
    const current = [line("hr", "5"), line("hr", "-4.5", { kind: "credit" }), line("sales", "-1", { kind: "refund" })];
    const [usd] = breakdown({ current, previous: [] }, periods, { restShown: false });
    expect(usd).toMatchObject({ total: "-0.5", byKind: { usage: "5", tax: "0", credit: "-4.5", refund: "-1" } });
    expect(usd?.rows.map(({ key, total, share }) => [key, total, share])).toEqual([
      ["hr", "0.5", null],
      ["sales", "-1", null],
    ]);
  });
  test("gives no change against a time of credits, which no percentage tells", () => {
    const current = [line("hr", "67"), line("sales", "-3"), line("web", "0.5")];
    const previous = [line("hr", "-22.9"), line("sales", "-1"), line("web", "1")];
    const [usd] = breakdown({ current, previous }, periods, { restShown: false });
    expect(usd?.rows.map(({ key, change }) => [key, change])).toEqual([
      ["hr", null],
      ["web", "-0.5000"],
      ["sales", null],
    ]);
    expect([usd?.previous, usd?.change]).toEqual(["-22.9", null]);
    expect(usd?.rows.map(changeText)).toEqual(["", "-50%", ""]);
  });
  test("keeps what came and went within a day", () => {
    const current = [line("hr", "1"), line("hr", "-1", { period: "2026-11-03", kind: "credit" })];
    expect(breakdown({ current, previous: [] }, periods, { restShown: false })[0]?.rows).toEqual([
      { key: "hr", total: "0", previous: "0", share: null, change: null, series: ["0", "1", "-1"] },
    ]);
  });
  test("of an account without costs is empty", () => {
    expect(breakdown({ current: [], previous: [] }, periods, { restShown: true })).toEqual([]);
  });
});
