/** How much of a limit is used, as a bar beside its numbers. */
import { html } from "hono/html";
import type { Html } from "../html.ts";

/** 0 to 1; using anything of nothing is all of it. */
export const share = (used: number, limit: number): number => (limit > 0 ? Math.min(1, used / limit) : used > 0 ? 1 : 0);

/** From here on somebody should know. */
export const nearly = 0.9;

/** Widths are SVG attributes: the page's policy has no place for style attributes. The numbers beside it say the same. */
const bar = (part: number): Html =>
  html`<svg class="bar-of ${part >= 1 ? "full" : part >= nearly ? "near" : ""}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="limit" width="100" height="8"/><rect class="used" width="${Math.round(part * 100)}" height="8"/></svg>`;

export const use = (part: number, words: string): Html => html`<span class="use-of">${bar(part)}<span>${words}</span></span>`;
