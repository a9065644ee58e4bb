import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ceilCents, formatAmount, formatCents, formatDifference, parseDollars } from "../../src/core/money.ts";

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

describe("an amount", () => {
  it.each([
    ["1234567.8915", "USD", "$1,234,567.89", "+$1,234,567.89"],
    ["1234567.8915", "EUR", "1,234,567.89 EUR", "+1,234,567.89 EUR"],
    ["1234567.8915", "JPY", "1,234,568 JPY", "+1,234,568 JPY"],
    ["1234567.8915", "KWD", "1,234,567.892 KWD", "+1,234,567.892 KWD"],
    ["-5", "KWD", "-5.000 KWD", "-5.000 KWD"],
    ["-5", "USD", "-$5.00", "-$5.00"],
    ["5", "XYZ", "5.00 XYZ", "+5.00 XYZ"],
    ["5", "no currency", "5.00 no currency", "+5.00 no currency"],
    ["0", "JPY", "0 JPY", "0 JPY"],
    ["0.004", "USD", "<$0.01", "<+$0.01"],
    ["-0.004", "USD", ">-$0.01", ">-$0.01"],
    ["0.4", "JPY", "<1 JPY", "<+1 JPY"],
    ["0.004", "KWD", "0.004 KWD", "+0.004 KWD"],
  ])("of %s %s is shown as %s, as a difference %s", (amount, currency, shown, difference) => {
    expect([formatAmount(amount, currency), formatDifference(amount, currency)]).toEqual([shown, difference]);
  });
});
