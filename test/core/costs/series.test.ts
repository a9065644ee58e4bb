/** Sums in eight bytes are as exact as decimals of any length. */
import Big from "big.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { exact, series } from "../../../src/core/costs/actual/series.ts";

const digits = (most: number) => fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: most }).map((all) => all.join(""));
/** Also with more digits than fit, before and after the point. */
const amount = fc
  .tuple(fc.constantFrom("", "-"), digits(22), fc.option(digits(16)))
  .map(([sign, whole, fraction]) => new Big(`${sign}${whole}${fraction === null ? "" : `.${fraction}`}`).toFixed());

test("a sum is the decimals' sum, whatever their length", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(2), fc.oneof(amount, fc.constant("99999999.9999999999"), fc.constant("-0.0000000001"))), { maxLength: 300 }),
      (given) => {
        const sums = series(3);
        for (const [index, one] of given) sums.add(index, exact(one));
        const wanted = [0, 1, 2].map((index) => given.reduce((sum, [at, one]) => (at === index ? sum.plus(one) : sum), new Big(0)));
        expect([0, 1, 2].map((index) => sums.at(index))).toEqual(wanted.map((sum) => sum.toFixed()));
        expect(sums.empty()).toBe(wanted.every((sum) => sum.eq(0)));
      },
    ),
  );
});
