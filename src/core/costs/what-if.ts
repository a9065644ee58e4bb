/** Two estimates side by side, line by line. */
import Big from "big.js";
import type { EstimateLine, PartialEstimate } from "./estimate.ts";

export interface ComparedLine {
  resource: string;
  item: string;
  title: string;
  before: string | null;
  after: string | null;
  /** Decimal dollars; null: one of them has no price. */
  difference: string | null;
}
export interface Comparison {
  before: PartialEstimate;
  after: PartialEstimate;
  lines: ComparedLine[];
  /** Of the exact sums; null: one of them is no total. */
  difference: string | null;
}

export function compared(before: PartialEstimate, after: PartialEstimate): Comparison {
  const same = (line: EstimateLine) => after.lines.find(({ resource, item }) => resource === line.resource && item === line.item);
  return {
    before,
    after,
    lines: before.lines.map((line) => {
      const [was, is] = [line.monthlyDollars, same(line)?.monthlyDollars ?? null];
      return { resource: line.resource, item: line.item, title: line.title, before: was, after: is, difference: minus(is, was) };
    }),
    difference: before.monthlyCents === null || after.monthlyCents === null ? null : minus(after.dollars.expected, before.dollars.expected),
  };
}

const minus = (one: string | null, other: string | null): string | null => (one === null || other === null ? null : new Big(one).minus(other).toFixed());
