/** Bills that can't be read, with the reason; the costs page has all of them. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import type { Content } from "../html.ts";
import { costsPath } from "../next.ts";
import { section } from "./section.ts";
import { table } from "./table.ts";
import { because, counted, moment } from "./words.ts";

export function bills({ billing, at }: Stats): Content {
  const rows = billing.filter(({ error }) => error !== null);
  if (rows.length === 0) return null;
  return section(
    "bills",
    "Bills that can’t be read",
    table({
      id: "bills-table",
      caption: html`${counted(rows.length, "bill")}; each is tried again. <a href="${costsPath}#bills">All bills</a>`,
      rows,
      stack: true,
      mark: () => "bad",
      columns: [
        { title: "Tenant", head: true, cell: ({ tenantId }) => tenantId },
        { title: "Tries", kind: "number", cell: ({ attempts }) => attempts },
        { title: "Last read", kind: "number", cell: ({ readAt }) => (readAt === null ? "never" : moment(readAt, at)) },
        { title: "Next try", kind: "number", cell: ({ nextAt }) => (nextAt === null ? "" : moment(nextAt, at)) },
        { title: "Because", kind: "reason", cell: ({ error, hint }) => because(error ?? "", hint) },
      ],
    }),
  );
}
