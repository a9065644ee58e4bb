/** What each user has, and how much of their limits that is. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import { formatCents } from "../../../core/money.ts";
import type { Html } from "../html.ts";
import { share, use } from "./bar.ts";
import { empty, section } from "./section.ts";
import { table } from "./table.ts";
import { counted } from "./words.ts";

type User = Stats["users"][number];

const byProjects = ({ projects, projectsLimit }: User): number => share(projects, projectsLimit);
const byCost = ({ monthlyCents, monthlyCentsLimit }: User): number => share(monthlyCents, monthlyCentsLimit);
const fullest = (user: User): number => Math.max(byProjects(user), byCost(user));

export function users({ users: rows }: Stats): Html {
  if (rows.length === 0) return section("users", "Users and quotas", empty("Nobody has a project yet. Make one:", "chartctl -t TENANT -p PROJECT provision"));
  return section(
    "users",
    "Users and quotas",
    table({
      id: "users-table",
      caption: html`${counted(rows.length, "user")} with projects, fullest first. Change a limit: <code>chartctl -t TENANT --user USER quota set</code>`,
      rows: rows.toSorted((a, b) => fullest(b) - fullest(a)),
      long: true,
      columns: [
        { title: "User", head: true, cell: ({ tenantId, userId }) => `${tenantId}/${userId}` },
        { title: "Projects", kind: "use", cell: (user) => use(byProjects(user), `${user.projects} of ${user.projectsLimit}`) },
        {
          title: "Estimate a month",
          kind: "use",
          cell: (user) => use(byCost(user), `${formatCents(user.monthlyCents)} of ${formatCents(user.monthlyCentsLimit)}`),
        },
      ],
    }),
  );
}
