/** What has expired or failed and is about to be taken away. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import type { Html } from "../html.ts";
import { project } from "./project-name.ts";
import { reason } from "./reason.ts";
import { empty, section } from "./section.ts";
import { table } from "./table.ts";
import { ago, counted, moment } from "./words.ts";

export function cleanups({ cleanups: rows, at }: Stats): Html {
  if (rows.length === 0) return section("cleanups", "Clean-up queue", empty("Nothing waits. What one would take away:", "chartctl cleanup --dry-run"));
  return section(
    "cleanups",
    "Clean-up queue",
    table({
      id: "cleanups-table",
      stack: true,
      caption: html`${counted(rows.length, "project")}, those that fail first. Try now: <code>chartctl -t TENANT cleanup</code>`,
      rows: rows.toSorted((a, b) => b.attempts - a.attempts),
      mark: ({ error }) => (error === null ? null : "bad"),
      columns: [
        { title: "Project", head: true, cell: project },
        { title: "Expired", kind: "number", cell: ({ expiresAt }) => (expiresAt === null ? "never" : expiresAt <= at ? ago(expiresAt, at) : "not yet") },
        { title: "Tries", kind: "number", cell: ({ attempts }) => attempts },
        { title: "Next", kind: "number", cell: ({ nextAt }) => (nextAt === null || nextAt <= at ? "now" : moment(nextAt, at)) },
        {
          title: "Why it’s still there",
          kind: "reason",
          cell: ({ tenantId, projectId, error }) => (error === null ? "Its turn hasn’t come" : reason(`cleanup-${tenantId}-${projectId}`, error)),
        },
      ],
    }),
  );
}
