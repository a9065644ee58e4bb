/** What each tenant has. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import { formatCents } from "../../../core/money.ts";
import type { Html } from "../html.ts";
import { empty, section } from "./section.ts";
import { table } from "./table.ts";
import { counted } from "./words.ts";

export function tenants({ tenants: rows }: Stats): Html {
  if (rows.length === 0) return section("tenants", "Tenants", empty("There is no tenant yet. Add one:", "chartctl tenants add ID --role-arn ARN"));
  return section(
    "tenants",
    "Tenants",
    table({
      id: "tenants-table",
      caption: `${counted(rows.length, "tenant")}, dearest first; estimates a month`,
      rows: rows.toSorted((a, b) => b.monthlyCents - a.monthlyCents),
      long: true,
      columns: [
        { title: "Tenant", head: true, cell: ({ tenantId }) => tenantId },
        { title: "Users", kind: "number", cell: ({ users }) => users },
        { title: "Projects", kind: "number", cell: ({ projects }) => projects },
        { title: "Applications", kind: "number", cell: ({ applications }) => applications },
        { title: "Failed", kind: "number", cell: ({ failed }) => concern(failed, "bad") },
        { title: "Expired", kind: "number", cell: ({ expired }) => concern(expired, "warn") },
        { title: "Estimate", kind: "number", cell: ({ monthlyCents }) => formatCents(monthlyCents) },
      ],
    }),
  );
}

/** Nothing is the usual case, and should look like it. */
const concern = (count: number, as: "bad" | "warn"): Html =>
  count === 0 ? html`<span class="quiet">0</span>` : html`<span class="state ${as}">${count}</span>`;
