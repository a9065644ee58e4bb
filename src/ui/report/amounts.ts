/** Amounts, shares and days as a report's reader wants them. */
import Big from "big.js";
import { formatAmount, formatDifference } from "../../core/money.ts";
import { percentText } from "../percent.ts";

/** On a page, with a minus sign as it is set; a terminal's is the one that can be typed. */
export const money = (amount: string, currency: string): string => formatAmount(amount, currency).replace("-", "−");

/** With its sign: `+$3.10`. */
export const signed = (amount: string, currency: string): string => formatDifference(amount, currency).replace("-", "−");

/** Of the whole, in percent; nothing where there is no whole. */
export const share = (part: string, whole: string): string => (new Big(whole).gt(0) ? percentText(new Big(part).div(whole), 1) : "");

/** The same on a page, which has one minus sign. */
export const pageShare = (part: string, whole: string): string => share(part, whole).replace("-", "−");

export const minus = (one: string, other: string): string => new Big(one).minus(other).toFixed();

/** `October 2026`. */
export const monthName = (month: string): string =>
  new Date(`${month}-01T00:00:00Z`).toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

/** `Thu 1 Oct`. */
export const dayName = (day: string): string =>
  new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
