/** Money: exact decimals while reckoning, whole US cents a month once decided, rounding up once. */
import Big from "big.js";
import { ChartctlError } from "../errors.ts";

/** Whole cents, rounded up: an estimate never looks cheaper than it is. */
export const ceilCents = (dollars: Big): number => dollars.times(100).round(0, Big.roundUp).toNumber();

/** Whole cents, to the nearest: for what was billed. */
export const nearestCents = (dollars: Big): number => dollars.times(100).round(0, Big.roundHalfUp).toNumber();

/** `$1,234.50`, `-$1.23`. */
export const formatCents = (cents: number): string => `${cents < 0 ? "-" : ""}$${withThousands(new Big(cents).abs().div(100).toFixed(2))}`;

/** An exact amount as it is shown: rounded up, so that what is over a limit never looks as if it were at it. */
export const formatDollars = (dollars: string): string => {
  const exact = new Big(dollars);
  return `${exact.lt(0) ? "-" : ""}$${withThousands(exact.abs().toFixed(2, exact.lt(0) ? Big.roundDown : Big.roundUp))}`;
};

/** A bill's exact amount as it is shown: `$1,234.50`, `-2.00 EUR`; what is something is never shown as nothing. */
export function formatAmount(amount: string, currency: string): string {
  const exact = new Big(amount);
  const size = exact.abs();
  const less = size.gt(0) && size.lt("0.005") ? "<" : "";
  const text = less ? "0.01" : withThousands(size.toFixed(2));
  const sign = exact.lt(0) ? "-" : "";
  return currency === "USD" ? `${sign}${less}$${text}` : `${sign}${less}${text} ${currency}`;
}

/** `1234.50` → `1,234.50`; also without decimals. */
export const withThousands = (number: string): string => number.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");

/** `20`, `20.5`, `$20.50`, and what we write ourselves: `$1,234.50` → cents. Error `usage`. */
export function parseDollars(text: string): number {
  const match = /^\$?(\d{1,9}(?:\.\d{1,2})?|\d{1,3}(?:,\d{3}){1,2}\.\d\d)$/.exec(text.trim());
  if (match?.[1]) return new Big(match[1].replaceAll(",", "")).times(100).toNumber();
  throw new ChartctlError({
    kind: "usage",
    code: "money.invalid",
    message: `${JSON.stringify(text)} is not an amount in dollars`,
    hint: "such as: 20 or 12.50",
  });
}
