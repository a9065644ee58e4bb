/** An amount as a bar beside its number; the estimate as a mark on it. */
import { html } from "hono/html";
import type { Html } from "./markup.ts";
import type { Scale } from "./scale.ts";

/** Widths are SVG attributes: the page's policy has no place for style attributes. The numbers beside it say the same. */
export function bar(amount: string, estimate: string | null, { at }: Pick<Scale, "at">): Html {
  const percent = (value: number): string => (at(value) * 100).toFixed(2);
  const value = Number(amount);
  const [from, to] = [Math.min(0, value), Math.max(0, value)];
  const width = ((at(to) - at(from)) * 100).toFixed(2);
  const mark = estimate === null ? null : html`<rect class="mark" x="${(at(Number(estimate)) * 99).toFixed(2)}" width="1" height="12"/>`;
  return html`<svg class="bar" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true"><rect class="${value < 0 ? "less" : "cost"}" x="${percent(from)}" y="2" width="${width}" height="8"/>${mark}</svg>`;
}
