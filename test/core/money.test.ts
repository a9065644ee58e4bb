import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ceilCents, formatAmount, formatCents, formatDifference, formatDollars, parseDollars, withThousands } from "../../src/core/money.ts";

describe("money", () => {
  it("goes from text to cents and back without drift", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999 }), (cents) => {
        expect(parseDollars(formatCents(cents))).toBe(cents);
      }),
    );
  });
  it.each(["", "-1", "1.234", "1e3", "NaN", "ten", "1,000", "1,00.00", "1000,000.00", "$", "0x10"])("refuses %j", (text) =>
    expect(() => parseDollars(text)).toThrow(/not an amount/),
  );
  it("is shown in one way, with thousands apart, wherever it comes from", () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }), (cents) => {
        const dollars = new Big(cents).div(100).toFixed();
        expect([formatAmount(dollars, "USD"), formatDollars(dollars)]).toEqual([formatCents(cents), formatCents(cents)]);
      }),
    );
    expect([1, 99_999, 100_000, -3_409_165, 1_234_567_890].map(formatCents)).toEqual(["$0.01", "$999.99", "$1,000.00", "-$34,091.65", "$12,345,678.90"]);
    expect(["1000", "999", "1234.56789", "1234567.1"].map(withThousands)).toEqual(["1,000", "999", "1,234.56789", "1,234,567.1"]);
  });
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
