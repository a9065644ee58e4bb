/** When each tenant's bill was read, from where, and why not. */
import { html } from "hono/html";
import type { CostOverview } from "../../../contract/cost-overview.ts";
import type { Html } from "../html.ts";
import { empty, section } from "../stats/section.ts";
import { table } from "../stats/table.ts";
import { because, counted, moment, shortDay } from "../stats/words.ts";

export function bills({ tenants: all, at }: CostOverview): Html {
  const tenants = all.filter(({ removed }) => !removed); // nobody reads theirs
  if (tenants.length === 0) return section("bills", "Bills", empty("There is no bill to read."));
  const failing = tenants.filter(({ error }) => error !== null);
  return section(
    "bills",
    "Bills",
    table<CostOverview["tenants"][number]>({
      id: "bills-table",
      caption:
        failing.length === 0
          ? `${counted(tenants.length, "bill")}; read by a worker every BILLING_READ_HOURS`
          : `${failing.length} of ${counted(tenants.length, "bill")} can’t be read; each is tried again`,
      rows: tenants.toSorted((a, b) => Number(b.error !== null) - Number(a.error !== null)),
      stack: true,
      mark: ({ error }) => (error === null ? null : "bad"),
      columns: [
        { title: "Tenant", head: true, cell: ({ tenantId }) => tenantId },
        { title: "State", cell: ({ readAt, error }) => state(readAt, error) },
        { title: "Read", kind: "number", cell: ({ readAt }) => (readAt === null ? "never" : moment(readAt, at)) },
        { title: "Next", kind: "number", cell: ({ nextAt }) => (nextAt === null ? "" : moment(nextAt, at)) },
        { title: "From", cell: ({ source }) => (source === null ? "" : sources[source]) },
        { title: "May change from", kind: "number", cell: ({ openFrom }) => (openFrom === null ? "" : shortDay(openFrom)) },
        {
          title: "Because",
          kind: "reason",
          cell: ({ error, hint, readAt }) =>
            error === null ? (readAt === null ? "Never tried: a tenant needs a role, and a worker that reads bills." : "") : because(error, hint),
        },
      ],
    }),
  );
}

const sources = { ce: "Cost Explorer", cur: "Cost and Usage Report" };

const state = (readAt: string | null, error: string | null): Html =>
  error !== null
    ? html`<span class="state bad">can’t be read</span>`
    : readAt === null
      ? html`<span class="state none">not read</span>`
      : html`<span class="state good">read</span>`;
