/** In which order currencies are told: they are never added to each other, nor converted. */
import Big from "big.js";

/** Dollars first, in which limits and estimates are, and then what the most was billed in. */
export const dollarsFirst = <T extends { currency: string }>(ones: Iterable<T>, amountOf: (one: T) => Big | string): T[] =>
  [...ones]
    .map((one) => ({ one, amount: new Big(amountOf(one)) }))
    .sort((a, b) => rank(a.one) - rank(b.one) || b.amount.cmp(a.amount) || (a.one.currency < b.one.currency ? -1 : 1))
    .map(({ one }) => one);

const rank = ({ currency }: { currency: string }): number => (currency === "USD" ? 0 : 1);
