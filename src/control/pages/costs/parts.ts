/** This month so far by tenant, user, service and project, each with its difference to the estimate. */
import { html } from "hono/html";
import type { CostOverview } from "../../../contract/cost-overview.ts";
import { formatCents } from "../../../core/money.ts";
import type { Content, Html } from "../html.ts";
import { share, use } from "../stats/bar.ts";
import { empty, section } from "../stats/section.ts";
import { table } from "../stats/table.ts";
import { counted } from "../stats/words.ts";
import { difference, dollars, isNothing, moneys } from "./money.ts";

type Row<K extends "tenants" | "projects" | "users" | "services"> = CostOverview[K][number];
type Compared = CostOverview["compared"];

const nothing = "Nothing is billed this month yet: AWS tells a day’s cost up to a day later.";
const explained = "estimate and difference: of the days that are billed whole";

const estimateOf = ({ compared }: { compared: Compared }): string => formatCents(compared.estimatedCents);
const differenceOf = ({ compared: { billedCents, estimatedCents } }: { compared: Compared }): string => difference(billedCents - estimatedCents);

export function tenants({ tenants: rows }: CostOverview): Html {
  if (rows.length === 0) return section("tenants", "Tenants", empty("There is no tenant yet. Connect one:", "chartctl tenants connect ID"));
  return section(
    "tenants",
    "Tenants",
    table<Row<"tenants">>({
      id: "tenants-table",
      caption: `${counted(rows.length, "tenant")}, dearest first, with those that were removed; ${explained}`,
      rows: rows.toSorted((a, b) => dollars(b.billed) - dollars(a.billed)),
      long: true,
      columns: [
        { title: "Tenant", head: true, cell: ({ tenantId, removed }) => (removed ? rest(tenantId, "removed") : tenantId) },
        {
          title: "Billed so far",
          kind: "number",
          cell: ({ billed, readAt, removed }) => (readAt === null && !removed ? html`<span class="quiet">not read</span>` : moneys(billed)),
        },
        { title: "Without a project", kind: "number", cell: ({ unallocated }) => faint(isNothing(unallocated), moneys(unallocated)) },
        { title: "Whole days", kind: "number", cell: ({ wholeDays }) => wholeDays },
        { title: "Estimate", kind: "number", cell: estimateOf },
        { title: "Difference", kind: "number", cell: differenceOf },
        { title: "A whole month", kind: "number", cell: ({ monthlyCents }) => formatCents(monthlyCents) },
      ],
    }),
  );
}

export function users({ users: rows, counts }: CostOverview): Html {
  if (rows.length === 0) return section("users", "Users", empty(nothing));
  return section(
    "users",
    "Users",
    table<Row<"users">>({
      id: "users-table",
      caption: `${dearest(rows, counts.users, "row")}, by the projects’ owners; ${explained}`,
      rows,
      long: true,
      columns: [
        { title: "User", head: true, cell: ({ tenantId, userId }) => (userId === null ? rest(tenantId, "nobody’s") : `${tenantId}/${userId}`) },
        { title: "Billed so far", kind: "number", cell: ({ billed }) => moneys(billed) },
        { title: "Estimate", kind: "number", cell: estimateOf },
        { title: "Difference", kind: "number", cell: differenceOf },
      ],
    }),
  );
}

export function services({ services: rows, counts }: CostOverview): Html {
  if (rows.length === 0) return section("services", "Services", empty(nothing));
  const most = Math.max(0, ...rows.map(({ billed }) => dollars(billed)));
  return section(
    "services",
    "Services",
    table<Row<"services">>({
      id: "services-table",
      caption: `${dearest(rows, counts.services, "service")}, of all tenants; a bar is against the dearest`,
      rows,
      long: true,
      columns: [
        { title: "Service", head: true, cell: ({ service }) => (service === null ? html`<span class="quiet">none named</span>` : name(service)) },
        { title: "Billed so far", kind: "use", cell: ({ billed }) => use(share(Math.max(0, dollars(billed)), most) * notFull, moneys(billed)) },
      ],
    }),
  );
}

const dearest = ({ length }: unknown[], all: number, one: string): string =>
  all > length ? `The ${length} dearest of ${counted(all, one)}` : `${counted(length, one)}, dearest first`;

/** A full bar is a limit that is used up, elsewhere: the dearest service isn't one. */
const notFull = 0.89;

export function projects({ projects: rows, counts }: CostOverview): Html {
  if (rows.length === 0) return section("projects", "Projects", empty(nothing));
  return section(
    "projects",
    "Projects",
    table<Row<"projects">>({
      id: "projects-table",
      caption: `${dearest(rows, counts.projects, "row")}, with what carries no project’s tag; ${explained}`,
      rows,
      long: true,
      columns: [
        { title: "Project", head: true, cell: ({ tenantId, projectId }) => (projectId === null ? rest(tenantId, "no project") : `${tenantId}/${projectId}`) },
        { title: "Owner", cell: ({ userId }) => userId },
        { title: "Stands", cell: ({ ended, projectId }) => (projectId === null ? "" : ended ? html`<span class="quiet">ended</span>` : "yes") },
        { title: "Billed so far", kind: "number", cell: ({ billed }) => moneys(billed) },
        { title: "Estimate", kind: "number", cell: estimateOf },
        { title: "Difference", kind: "number", cell: differenceOf },
      ],
    }),
  );
}

/** A long one is broken, a very long one folded: what it cost stays in sight. */
const name = (text: string): Html =>
  text.length > shownName
    ? html`<div class="name"><details><summary>${text.slice(0, shownName)}…</summary><p>${text}</p></details></div>`
    : html`<div class="name">${text}</div>`;
const shownName = 80;

const rest = (tenantId: string, words: string): Html => html`${tenantId} <span class="quiet">(${words})</span>`;
const faint = (isFaint: boolean, words: string): Content => (isFaint ? html`<span class="quiet">${words}</span>` : words);
