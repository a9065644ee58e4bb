/** Amounts as people read them: rounded here and nowhere before. */
import Big from "big.js";
import type { Money } from "../../../contract/cost-endpoints.ts";
import { formatCents } from "../../../core/money.ts";

/** `$1.23`, `1.23 CNY`; what is something is never shown as nothing. */
function moneyText({ currency, amount }: Money): string {
  const exact = new Big(amount);
  const sign = exact.lt(0) ? "-" : "";
  const size = exact.abs();
  const text = size.gt(0) && size.lt("0.005") ? "<0.01" : size.toFixed(2);
  if (currency !== "USD") return `${sign}${text} ${currency}`;
  return text.startsWith("<") ? `${sign}<$0.01` : `${sign}$${text}`;
}

/** Dollars, and beside them what there is in other currencies. */
export const moneys = (amounts: Money[]): string =>
  amounts
    .filter(({ currency, amount }) => currency === "USD" || !new Big(amount).eq(0))
    .map(moneyText)
    .join(" and ");

export const isNothing = (amounts: Money[]): boolean => amounts.every(({ amount }) => new Big(amount).eq(0));

/** `+$1.23`: how much more was billed than was estimated. */
export const difference = (cents: number): string => (cents > 0 ? `+${formatCents(cents)}` : formatCents(cents));

/** Of the dollars, for bars. */
export const dollars = (amounts: Money[]): number => Number(amounts.find(({ currency }) => currency === "USD")?.amount ?? 0);
