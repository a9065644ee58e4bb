/** What the platform cost per day, as billed where that is known. A script draws the chart from the table. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import { formatCents } from "../../../core/money.ts";
import type { Html } from "../html.ts";
import { empty, section } from "./section.ts";
import { counted, knownFrom, knownWords, shortDay } from "./words.ts";

export function trend({ days }: Stats): Html {
  const total = days.reduce((sum, { cents }) => sum + cents, 0);
  if (days.every(({ cents }) => cents === 0))
    return section(
      "trend",
      "Cost per day",
      empty("No cost is known yet: AWS tells one about a day after it arises. Ask for a tenant’s:", "chartctl costs -t TENANT"),
    );
  const words = `${formatCents(total)} in ${counted(days.length, "day")}, ${formatCents(Math.round(total / days.length))} a day: ${knownWords(days)}`;
  return section(
    "trend",
    "Cost per day",
    html`<p class="readout" id="trend-readout">${words}</p>
  <div id="trend-chart" role="img" aria-label="Bars of the cost per day: ${words}. The table below has every day."></div>
  <details id="trend-table">
    <summary id="trend-table-summary">Every day in a table</summary>
    <div class="scroll long" id="trend-days" role="group" aria-labelledby="trend-days-caption" tabindex="0">
      <table>
        <caption id="trend-days-caption">Cost per day in dollars, of all tenants</caption>
        <thead><tr><th scope="col">Day</th><th scope="col" class="number">Cost</th><th scope="col">Known from</th></tr></thead>
        <tbody>
          ${days.map(
            ({
              day,
              cents,
              billed,
            }) => html`<tr><th scope="row"><time datetime="${day}">${shortDay(day)}</time></th><td class="number"><data value="${cents}">${formatCents(cents)}</data></td><td>${knownFrom[billed]}</td></tr>
          `,
          )}
        </tbody>
      </table>
    </div>
  </details>`,
  );
}
