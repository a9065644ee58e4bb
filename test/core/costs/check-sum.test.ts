/** An estimate against a month's sum: for the time that stood, usage against usage, and nothing of the bill left out. */
import { describe, expect, it } from "vitest";
import type { CostAmount } from "../../../src/core/costs/actual/cost-source.ts";
import { checkSum } from "../../../src/core/costs/check-sum.ts";
import { sumCheckText } from "../../../src/ui/estimate-sum-check.ts";

const amount = (dollars: string, more: Partial<CostAmount> = {}): CostAmount => ({
  period: "2026-10-03",
  key: "sales",
  kind: "usage",
  currency: "USD",
  amount: dollars,
  ...more,
});
const estimate = { dollars: { low: "1", expected: "73", high: "99" }, missing: [] };
/** From the 11th on. */
const stood = 21 * 24;

describe("a month's sum", () => {
  it("is held against the estimate of the hours that the project stood; taxes, credits and other currencies are no part of it", () => {
    const bill = [amount("50.4"), amount("0.0000000001"), amount("5", { kind: "tax" }), amount("-60", { kind: "credit" }), amount("7", { currency: "CNY" })];
    const check = checkSum(estimate, bill, stood);
    expect(check).toEqual({
      hours: 504,
      estimatedDollars: "50.4",
      billed: [
        { currency: "USD", total: "-4.5999999999", usage: "50.4000000001", tax: "5", credit: "-60", refund: "0" },
        { currency: "CNY", total: "7", usage: "7", tax: "0", credit: "0", refund: "0" },
      ],
      difference: "0.0000000001",
      off: false,
    });
    const text = sumCheckText({ ...check, project: "sales", month: "2026-10", notes: ["a note"] }, 80);
    expect(text).toMatchInlineSnapshot(`
      "Project sales in 2026-10: billed -$4.60 and 7.00 CNY, estimated $50.40 for 504
        hours

               Estimated    Billed   Off by
      Usage       $50.40    $50.40  <+$0.01
      Tax                    $5.00
      Credits              -$60.00
      Total       $50.40    -$4.60
      Usage               7.00 CNY
      Total               7.00 CNY

      The estimate held, within a tenth.

      a note"
    `);
  });

  it.each([
    ["56.1", true],
    ["55.9", false],
    ["45.3", true],
    ["45.4", false],
  ])("of %s is off, or not, by a tenth of the larger", (dollars, off) => {
    expect(checkSum(estimate, [amount(dollars)], stood).off).toBe(off);
  });

  it("has no estimate without all prices, and none of a project that came later", () => {
    const unknown = checkSum({ ...estimate, missing: ["s3Storage"] }, [amount("1")], stood);
    expect(unknown).toMatchObject({ estimatedDollars: null, difference: null, off: false });
    expect(sumCheckText({ ...unknown, project: "sales", month: "2026-10", notes: [] }, 80)).toContain("estimated no price");
    expect(checkSum(estimate, [], 0)).toEqual({
      hours: 0,
      estimatedDollars: "0",
      billed: [],
      difference: "0",
      off: false,
    });
  });
});
