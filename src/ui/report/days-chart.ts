/** A month's days as columns, and the estimate as a line. Words are the page's own text, so that they can be read on a phone. */
import Big from "big.js";
import { html } from "hono/html";
import type { CurrencyReport } from "../../core/costs/report/report.ts";
import { withThousands } from "../../core/money.ts";
import { dayName, money } from "./amounts.ts";
import type { Html } from "./markup.ts";
import { scaleOf } from "./scale.ts";

/** Of each day's place, as in the file's own units. */
const place = 20;
const column = 14;
const height = 200;

export function daysChart({ currency, days, total, estimate }: CurrencyReport, id: string, unread: ReadonlySet<string>): Html {
  const { at, ticks } = scaleOf(days.flatMap((day) => [Number(day.total), Number(day.estimate ?? 0)]));
  const y = (value: number): number => Math.round((1 - at(value)) * height * 100) / 100;
  const zero = y(0);
  const middle = (day: number): number => day * place + place / 2;
  const line = estimate === null ? null : days.map((day, nth) => `${middle(nth)},${y(Number(day.estimate ?? 0))}`).join(" ");
  const [dearest] = [...days].sort((one, other) => new Big(other.total).cmp(one.total));
  const words = `Cost of each day: ${money(total, currency)} in ${days.length - unread.size} days${dearest && Number(dearest.total) > 0 ? `, the most on ${dayName(dearest.day)} (${money(dearest.total, currency)})` : ""}. The table “Every day” has all of them.`;
  return html`<figure>
<ul class="legend"><li><svg viewBox="0 0 12 12" aria-hidden="true"><rect class="cost" width="12" height="12"/></svg> actual</li>${
    days.some((day) => new Big(day.total).lt(0))
      ? html`<li><svg viewBox="0 0 12 12" aria-hidden="true"><rect class="less" width="12" height="12"/></svg> less than nothing: credits, refunds</li>`
      : null
  }${
    line === null
      ? null
      : html`<li><svg viewBox="0 0 18 12" aria-hidden="true"><polyline class="line" points="0,6 18,6"/></svg> estimate of what was booked</li>`
  }</ul>
<div class="plot">
<ol class="axis" aria-hidden="true">${ticks.toReversed().map((tick) => html`<li>${axisText(tick, currency)}</li>`)}</ol>
<svg id="${id}" role="img" aria-label="${words}" viewBox="0 0 ${days.length * place} ${height}" preserveAspectRatio="none">
${ticks.map((tick) => html`<line class="${tick === 0 ? "zero" : "grid"}" x1="0" x2="${days.length * place}" y1="${y(tick)}" y2="${y(tick)}"/>`)}
${days.map((day, nth) => {
  const end = y(Number(day.total));
  const said = `${dayName(day.day)}: ${unread.has(day.day) ? "not read" : money(day.total, currency)}${day.estimate === null ? "" : `, estimated ${money(day.estimate, currency)}`}`;
  return html`<g><title>${said}</title><rect class="catch" x="${nth * place}" width="${place}" height="${height}"/><rect class="${end > zero ? "less" : "cost"}" x="${nth * place + (place - column) / 2}" y="${Math.min(zero, end)}" width="${column}" height="${Math.abs(zero - end)}"/></g>
`;
})}${line === null ? null : html`<polyline class="line" points="${line}"/>`}
</svg>
<ol class="days" aria-hidden="true">${days.map(({ day }, nth) => html`<li>${nth % 7 === 0 ? String(Number(day.slice(8))) : ""}</li>`)}</ol>
</div>
</figure>`;
}

/** Round numbers need no cents. */
function axisText(tick: number, currency: string): string {
  const rounded = new Big(tick.toPrecision(12));
  const text = withThousands(rounded.abs().toFixed());
  const sign = rounded.lt(0) ? "−" : "";
  return currency === "USD" ? `${sign}$${text}` : `${sign}${text}`;
}
