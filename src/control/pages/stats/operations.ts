/** Operations that run now, and those that went wrong. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import type { Html } from "../html.ts";
import { project } from "./project-name.ts";
import { reason } from "./reason.ts";
import { empty, section } from "./section.ts";
import { table } from "./table.ts";
import { between, counted, moment } from "./words.ts";

const isRunning = ({ status }: Stats["operations"][number]): boolean => status === "running";

export function running({ operations, at }: Stats): Html {
  const rows = operations.filter(isRunning);
  if (rows.length === 0) return section("running", "Operations now", empty("Nothing runs. Start something:", "chartctl -t TENANT -p PROJECT provision"));
  return section(
    "running",
    "Operations now",
    table({
      id: "running-table",
      caption: `${counted(rows.length, "operation")}, newest first`,
      rows,
      columns: [
        { title: "Project", head: true, cell: project },
        { title: "Operation", cell: ({ kind }) => kind },
        { title: "Since", kind: "number", cell: ({ openedAt }) => moment(openedAt, at) },
        { title: "For", kind: "number", cell: ({ openedAt }) => between(openedAt, at) },
      ],
    }),
  );
}

export function failed({ operations, at }: Stats): Html {
  const rows = operations.filter((operation) => !isRunning(operation));
  if (rows.length === 0) return section("failed", "Failed operations", empty("No operation failed in the last 24 hours."));
  return section(
    "failed",
    "Failed operations",
    table({
      id: "failed-table",
      stack: true,
      caption: html`${counted(rows.length, "operation")} in the last 24 hours, newest first. What a project needs: <code>chartctl -t TENANT -p PROJECT status</code>`,
      rows,
      columns: [
        { title: "Project", head: true, cell: project },
        { title: "Operation", cell: ({ kind }) => kind },
        { title: "Status", cell: ({ status }) => html`<span class="state ${status === "failed" ? "bad" : "warn"}">${status}</span>` },
        { title: "When", kind: "number", cell: ({ openedAt, finishedAt }) => moment(finishedAt ?? openedAt, at) },
        {
          title: "Reason",
          kind: "reason",
          cell: ({ id, error }) => (error ? reason(`why-${id}`, error.message, error.code) : "Its process died; the next run or the clean-up takes over."),
        },
      ],
    }),
  );
}
