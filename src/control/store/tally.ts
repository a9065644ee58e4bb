/** Months of bills and estimates added up under a name: what was billed, and both sides of the days that are billed as a whole. */
import Big from "big.js";
import type { Money } from "../../contract/cost-endpoints.ts";
import { nearestCents } from "../../core/money.ts";

/** A month of a project, or of what names none. */
interface Part {
  tenantId: string;
  key: string | null;
  projectId: string | null;
  userId: string | null;
  ended: boolean;
}
/** `wholeAmount`: of the days that are billed as a whole. */
export type BilledPart = Part & Money & { wholeAmount: string };
/** Of the days that are billed as a whole. */
export type EstimatedPart = Part & { wholeCents: number };

export interface Tally {
  one: Part;
  billed: Map<string, Big>;
  wholeBilled: Big;
  wholeEstimatedCents: number;
}

export function tally({ billed, estimated }: { billed: BilledPart[]; estimated: EstimatedPart[] }, nameOf: (part: Part) => unknown[]): Tally[] {
  const tallies = new Map<string, Tally>();
  const of = (part: Part): Tally => {
    const name = JSON.stringify(nameOf(part));
    const known = tallies.get(name) ?? { one: part, billed: new Map(), wholeBilled: new Big(0), wholeEstimatedCents: 0 };
    tallies.set(name, known);
    return known;
  };
  for (const part of billed) {
    const sums = of(part);
    sums.billed.set(part.currency, (sums.billed.get(part.currency) ?? new Big(0)).plus(part.amount));
    if (part.currency === "USD") sums.wholeBilled = sums.wholeBilled.plus(part.wholeAmount);
  }
  for (const part of estimated) of(part).wholeEstimatedCents += part.wholeCents;
  return [...tallies.values()].sort((a, b) => dollarsOf(b).cmp(dollarsOf(a)));
}

const dollarsOf = ({ billed }: Tally): Big => billed.get("USD") ?? new Big(0);

/** Dollars first, and there even if they are none. */
export const moneyOf = (sums: Map<string, Big> | undefined): Money[] =>
  [...new Map([["USD", new Big(0)], ...(sums ?? [])])].map(([currency, sum]) => ({ currency, amount: sum.toFixed() }));

export const comparedOf = (sums: Tally | undefined): { estimatedCents: number; billedCents: number } => ({
  estimatedCents: sums?.wholeEstimatedCents ?? 0,
  billedCents: nearestCents(sums?.wholeBilled ?? new Big(0)),
});
