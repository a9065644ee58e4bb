/** Amounts, shares and days as a report's reader wants them. Amounts are rounded here and nowhere before. */
import Big from "big.js";

/** `$1,234.50`, `−2.00 EUR`; what is something is never shown as nothing. */
export function money(amount: string, currency: string): string {
  const exact = new Big(amount);
  const size = exact.abs();
  const sign = exact.lt(0) ? "−" : "";
  const [whole = "0", cents = "00"] = size.toFixed(2).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const less = size.gt(0) && size.lt("0.005") ? "<" : "";
  const text = less ? "0.01" : `${grouped}.${cents}`;
  return currency === "USD" ? `${sign}${less}$${text}` : `${sign}${less}${text} ${currency}`;
}

/** With its sign: `+$3.10`. */
export const signed = (amount: string, currency: string): string => `${new Big(amount).gt(0) ? "+" : ""}${money(amount, currency)}`;

/** Of the whole, in percent; nothing where there is no whole. */
export const share = (part: string, whole: string): string => (new Big(whole).gt(0) ? `${new Big(part).div(whole).times(100).toFixed(1)}%` : "");

export const minus = (one: string, other: string): string => new Big(one).minus(other).toFixed();

/** `October 2026`. */
export const monthName = (month: string): string =>
  new Date(`${month}-01T00:00:00Z`).toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

/** `Thu 1 Oct`. */
export const dayName = (day: string): string =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
