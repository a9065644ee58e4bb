/** The first thing to read: what this month has cost so far, and which bills can't be read. */
import { html } from "hono/html";
import type { CostOverview } from "../../../contract/cost-overview.ts";
import { formatCents } from "../../../core/money.ts";
import type { Html } from "../html.ts";
import { tile } from "../stats/overview.ts";
import { counted } from "../stats/words.ts";
import { difference, isNothing, moneys } from "./money.ts";

export function overview({ at, month, billed, unallocated, monthlyCents, compared, tenants }: CostOverview): Html {
  const failing = tenants.filter(({ error }) => error !== null).length;
  const there = tenants.filter(({ removed }) => !removed);
  const read = there.filter(({ readAt }) => readAt !== null).length;
  const removed = tenants.length - there.length;
  return html`<section id="overview" aria-labelledby="overview-title">
  <div class="headline">
    <h1 id="overview-title">Costs in ${monthText(month)}</h1>
    <p class="quiet">As of <time id="as-of" datetime="${at}">${at.slice(11, 16)} UTC</time>. All days are UTC, as AWS bills them.</p>
  </div>
  ${failing === 0 ? null : html`<ul class="attention" aria-label="What needs somebody"><li class="bad"><a href="#bills">${counted(failing, "bill")} can’t be read</a></li></ul>`}
  <dl class="tiles">
    ${tile("Billed", moneys(billed), `so far, of ${read} of ${counted(there.length, "tenant")}${removed === 0 ? "" : `, and ${removed} removed`}`)}
    ${tile("Without a project", moneys(unallocated), isNothing(unallocated) ? "all of it names one" : "of it, shown below")}
    ${tile("Estimated", formatCents(compared.estimatedCents), "for the days that are billed whole")}
    ${tile("Difference", difference(compared.billedCents - compared.estimatedCents), `${formatCents(compared.billedCents)} billed on these days`)}
    ${tile("Estimate", formatCents(monthlyCents), "a whole month, of what stands")}
  </dl>
</section>
`;
}

const monthText = (month: string): string => new Date(`${month}-01`).toLocaleDateString("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
