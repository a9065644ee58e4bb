/** Amounts as people read them: rounded here and nowhere before. */
import Big from "big.js";
import type { Money } from "../../../contract/cost-endpoints.ts";
import { formatAmount, formatCents } from "../../../core/money.ts";

/** Dollars, and beside them what there is in other currencies. */
export const moneys = (amounts: Money[]): string =>
  amounts
    .filter(({ currency, amount }) => currency === "USD" || !new Big(amount).eq(0))
    .map(({ amount, currency }) => formatAmount(amount, currency))
    .join(" and ");

export const isNothing = (amounts: Money[]): boolean => amounts.every(({ amount }) => new Big(amount).eq(0));

/** `+$1.23`: how much more was billed than was estimated. */
export const difference = (cents: number): string => (cents > 0 ? `+${formatCents(cents)}` : formatCents(cents));

/** Of the dollars, for bars. */
export const dollars = (amounts: Money[]): number => Number(amounts.find(({ currency }) => currency === "USD")?.amount ?? 0);
