/** What each project costs, and until when it stands. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import { formatCents } from "../../../core/money.ts";
import type { Html } from "../html.ts";
import { project } from "./project-name.ts";
import { empty, section } from "./section.ts";
import { table } from "./table.ts";
import { ago, between, counted } from "./words.ts";

export function projects({ projects: rows, tenants, at }: Stats): Html {
  if (rows.length === 0) return section("projects", "Projects", empty("No project stands. Make one:", "chartctl -t TENANT -p PROJECT provision"));
  const all = tenants.reduce((sum, tenant) => sum + tenant.projects, 0);
  const told = all > rows.length ? `The ${rows.length} dearest of ${counted(all, "project")}` : `${counted(rows.length, "project")}, dearest first`;
  return section(
    "projects",
    "Projects",
    table({
      id: "projects-table",
      caption: `${told}; estimates a month`,
      rows: rows.toSorted((a, b) => b.monthlyCents - a.monthlyCents),
      long: true,
      columns: [
        { title: "Project", head: true, cell: project },
        { title: "Owner", cell: ({ userId }) => userId },
        { title: "Infrastructure", cell: ({ infrastructure }) => state(infrastructure) },
        { title: "Application", cell: ({ application }) => state(application) },
        { title: "Expires", kind: "number", cell: ({ expiresAt }) => expiry(expiresAt, at) },
        { title: "Estimate", kind: "number", cell: ({ monthlyCents }) => formatCents(monthlyCents) },
      ],
    }),
  );
}

/** Standing is usual, failed is not, and what is under way will be one of them. */
const looks: Record<string, string> = { deployed: "good", failed: "bad", absent: "none" };
const state = (words: string): Html => html`<span class="state ${looks[words] ?? "busy"}">${words}</span>`;

const expiry = (expiresAt: string | null, at: string): Html | string => {
  if (expiresAt === null) return html`<span class="quiet">never</span>`;
  return expiresAt > at ? `in ${between(at, expiresAt)}` : html`<span class="state warn">${ago(expiresAt, at)}</span>`;
};
