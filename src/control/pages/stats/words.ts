/** Times, amounts and counts as people read them. All times are UTC: the page says so once. */
import { html } from "hono/html";
import { formatDuration } from "../../../core/duration.ts";
import { withThousands } from "../../../core/money.ts";
import type { Html } from "../html.ts";

/** `12 Nov`. */
export const shortDay = (iso: string): string => new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** `12:03`, with its day unless that is today. */
export function moment(iso: string, now: string): Html {
  const clock = iso.slice(11, 16);
  return html`<time datetime="${iso}">${iso.slice(0, 10) === now.slice(0, 10) ? clock : `${shortDay(iso)} ${clock}`}</time>`;
}

/** `5 min`: from one time to another, in its largest unit, as a glance wants it. */
export const between = (from: string, to: string): string => {
  const [amount, unit] = formatDuration((Date.parse(to) - Date.parse(from)) / 1_000).split(" ");
  return `${amount} ${unit}`;
};

export const ago = (iso: string, now: string): string => `${between(iso, now)} ago`;

/** Why something failed, and what to do about it. */
export const because = (error: string, hint: string | null): Html =>
  hint === null ? html`${error}` : html`${error}. <span class="quiet">${hint.charAt(0).toUpperCase()}${hint.slice(1)}</span>`;

type Known = "all" | "some" | "none";
/** Where a day's cost is known from. */
export const knownFrom: Record<Known, string> = { all: "the bill", some: "bills and estimates", none: "estimates" };

/** `27 as billed, the others estimated in part or whole`. */
export const knownWords = (days: { billed: Known }[]): string => {
  const billed = days.filter((day) => day.billed === "all").length;
  return billed === days.length ? "as billed" : `${billed} as billed, the others estimated in part or whole`;
};

/** `1 user`, `1,270 users`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${withThousands(String(count))} ${count === 1 ? one : many}`;
