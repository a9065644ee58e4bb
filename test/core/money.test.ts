import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ceilCents, formatCents, parseDollars } from "../../src/core/money.ts";

describe("money", () => {
  it("goes from text to cents and back without drift", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999 }), (cents) => {
        expect(parseDollars(formatCents(cents))).toBe(cents);
      }),
    );
  });
  it.each(["", "-1", "1.234", "1e3", "NaN", "ten", "1,000", "$", "0x10"])("refuses %j", (text) => expect(() => parseDollars(text)).toThrow(/not an amount/));
  it("rounds up, once", () => {
    expect(ceilCents(new Big("0.0000001"))).toBe(1);
    expect(ceilCents(new Big("0.01"))).toBe(1);
    expect(ceilCents(new Big("0.0100001"))).toBe(2);
    expect(ceilCents(new Big("0"))).toBe(0);
  });
});
