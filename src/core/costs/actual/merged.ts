/** Amounts of one thing as one: pages end within a period, and two of AWS's names may be one of ours. */
import Big from "big.js";
import type { CostAmount } from "./cost-source.ts";

export function merged(amounts: CostAmount[]): CostAmount[] {
  const sums = new Map<string, CostAmount>();
  for (const one of amounts) {
    const at = JSON.stringify([one.period, one.key, one.kind, one.currency, one.used?.type]);
    const known = sums.get(at);
    sums.set(at, known ? added(known, one) : one);
  }
  return [...sums.values()];
}

const added = (known: CostAmount, { amount, used }: CostAmount): CostAmount => ({
  ...known,
  amount: new Big(known.amount).plus(amount).toFixed(),
  ...(known.used && used ? { used: { type: used.type, quantity: new Big(known.used.quantity).plus(used.quantity).toFixed() } } : {}),
});
