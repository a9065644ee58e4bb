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

/** A bill's exact amount as it is shown: `$1,234.50`, `-2.00 EUR`, `1,235 JPY`; what is something is never shown as nothing: `<$0.01`, `>-$0.01`. */
export const formatAmount = (amount: string, currency: string): string => amountText(new Big(amount), currency, "");

/** A difference: as an amount, and what is more than nothing with a plus. */
export const formatDifference = (amount: string, currency: string): string => amountText(new Big(amount), currency, "+");

function amountText(exact: Big, currency: string, plus: "" | "+"): string {
  const digits = currencyDigits(currency);
  const size = exact.abs();
  const least = new Big(1).div(new Big(10).pow(digits));
  const isLess = size.gt(0) && size.lt(least.div(2));
  const text = withThousands((isLess ? least : size).toFixed(digits));
  const sign = exact.lt(0) ? "-" : exact.gt(0) ? plus : "";
  const less = isLess ? (exact.lt(0) ? ">" : "<") : "";
  return currency === "USD" ? `${less}${sign}$${text}` : `${less}${sign}${text} ${currency}`;
}

/** As many decimals as a currency has (ISO 4217); of what isn't one, two. */
export function currencyDigits(currency: string): number {
  if (currency === "USD") return 2; // no reading of tables for the usual one
  if (!/^[A-Z]{3}$/.test(currency)) return 2;
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
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
