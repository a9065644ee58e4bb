/** The last days, as billed where that is known, against what was estimated. A script draws the chart from the table. */
import { html } from "hono/html";
import type { CostOverview } from "../../../contract/cost-overview.ts";
import { formatCents } from "../../../core/money.ts";
import type { Html } from "../html.ts";
import { costsPath } from "../next.ts";
import { empty, section } from "../stats/section.ts";
import { counted, knownFrom, knownWords, shortDay } from "../stats/words.ts";

export const chartDays = [30, 90] as const;

export function days({ days: rows }: CostOverview, shown: number): Html {
  const total = rows.reduce((sum, { cents }) => sum + cents, 0);
  if (rows.every(({ cents, estimatedCents }) => cents === 0 && estimatedCents === 0))
    return section(
      "trend",
      "Cost per day",
      empty("No cost is known yet: a worker reads each tenant’s bill once a day. What fails, and when:", "chartctl stats"),
    );
  const words = `${formatCents(total)} in ${counted(rows.length, "day")}: ${knownWords(rows)}`;
  return section(
    "trend",
    "Cost per day",
    html`<ul class="links" aria-label="How many days">
    ${chartDays.map((count) => html`<li><a href="${costsPath}?days=${count}" ${count === shown ? html`aria-current="true"` : null}>${count} days</a></li>`)}
  </ul>
  <p class="readout" id="trend-readout">${words}</p>
  <div id="trend-chart" role="img" aria-label="Bars of the cost per day, beside a line of the estimates: ${words}. The table below has every day."></div>
  <p class="legend" aria-hidden="true"><span class="of-bars">cost, as billed where that is known</span> <span class="of-line">estimate</span></p>
  <details id="trend-table">
    <summary id="trend-table-summary">Every day in a table</summary>
    <div class="scroll long" id="trend-days" role="group" aria-labelledby="trend-days-caption" tabindex="0">
      <table>
        <caption id="trend-days-caption">Cost per day in dollars, of all tenants</caption>
        <thead><tr><th scope="col">Day</th><th scope="col" class="number">Cost</th><th scope="col" class="number">Estimate</th><th scope="col">Known from</th></tr></thead>
        <tbody>
          ${rows.map(
            ({ day, cents, estimatedCents, billed }) => html`<tr><th scope="row"><time datetime="${day}">${shortDay(day)}</time></th>
            <td class="number"><data value="${cents}">${formatCents(cents)}</data></td>
            <td class="number"><data value="${estimatedCents}">${formatCents(estimatedCents)}</data></td>
            <td>${knownFrom[billed]}</td></tr>
          `,
          )}
        </tbody>
      </table>
    </div>
  </details>`,
  );
}
