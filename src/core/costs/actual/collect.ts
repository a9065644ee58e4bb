/** Amounts as a list, one for each period, key, kind, currency and usage type: for those who need all of them at once. */
import Big from "big.js";
import type { AmountSink, CostAmount } from "./cost-source.ts";

export function collectedAmounts(): AmountSink & { amounts(): CostAmount[] } {
  const sums = new Map<string, CostAmount>();
  return {
    // A page may end within a period, and two of AWS's names may be one of ours.
    add: (amount) => {
      const at = JSON.stringify([amount.period, amount.key, amount.kind, amount.currency, amount.used?.type, amount.used?.service]);
      const known = sums.get(at);
      sums.set(at, known ? added(known, amount) : amount);
    },
    clear: () => sums.clear(),
    amounts: () => [...sums.values()],
  };
}

const added = (known: CostAmount, { amount, used }: CostAmount): CostAmount => ({
  ...known,
  amount: new Big(known.amount).plus(amount).toFixed(),
  ...(known.used && used ? { used: { ...used, quantity: new Big(known.used.quantity).plus(used.quantity).toFixed() } } : {}),
});
