/** What the platform costs: this month as AWS billed it so far, beside what was estimated. */
import { html } from "hono/html";
import type { CostOverview } from "../../../contract/cost-overview.ts";
import { assets } from "../assets.ts";
import type { Html } from "../html.ts";
import { layout } from "../layout.ts";
import { ownersBar } from "../owners-bar.ts";
import type { Who } from "../ports.ts";
import { bills } from "./bills.ts";
import { days } from "./days.ts";
import { overview } from "./overview.ts";
import { projects, services, tenants, users } from "./parts.ts";

export const costsPage = (costs: CostOverview, shown: number, who: Who, version: string): Html =>
  layout(
    {
      title: "Costs",
      kind: "page",
      head: html`<script type="module" src="${assets.costs.path}"></script>`,
      bar: ownersBar("costs", who),
      version,
    },
    html`<main>
${overview(costs)}
${days(costs, shown)}
${tenants(costs)}
<div class="columns">
<div>${users(costs)}</div>
<div>${services(costs)}</div>
</div>
${projects(costs)}
${bills(costs)}
</main>`,
  );
