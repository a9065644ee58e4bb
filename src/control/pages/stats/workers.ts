/** Who does the jobs, and how many wait. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import type { Html } from "../html.ts";
import { empty, section } from "./section.ts";
import { table } from "./table.ts";
import { ago, between, counted } from "./words.ts";

export const jobs = ({ jobs: { queued, running, waiting, failedToday } }: Stats): Html =>
  section(
    "jobs",
    "Jobs",
    html`<dl class="figures">
    <div><dt>Queued</dt><dd>${queued}</dd></div>
    <div><dt>Running</dt><dd>${running}</dd></div>
    <div><dt>Waiting</dt><dd>${waiting}</dd></div>
    <div class="${failedToday > 0 ? "bad" : ""}"><dt>Failed in 24 hours</dt><dd>${failedToday}</dd></div>
  </dl>`,
  );

export function workers({ workers: rows, at }: Stats): Html {
  if (rows.length === 0) return section("workers", "Workers", empty("No worker has reported in 24 hours, so jobs wait. Start one:", "chartctl worker"));
  const alive = rows.filter((worker) => worker.alive).length;
  return section(
    "workers",
    "Workers",
    table({
      id: "workers-table",
      caption:
        alive === rows.length
          ? `${counted(alive, "worker")}, all alive`
          : `${alive} of ${counted(rows.length, "worker")} alive; other workers take over a dead one’s jobs`,
      rows: rows.toSorted((a, b) => Number(a.alive) - Number(b.alive)),
      mark: (worker) => (worker.alive ? null : "bad"),
      columns: [
        { title: "Worker", head: true, cell: ({ id }) => id },
        { title: "Health", cell: (worker) => (worker.alive ? html`<span class="state good">alive</span>` : html`<span class="state bad">dead</span>`) },
        { title: "Last seen", kind: "number", cell: ({ seenAt }) => ago(seenAt, at) },
        { title: "Runs", kind: "number", cell: ({ running }) => running },
        { title: "Up", kind: "number", cell: ({ startedAt, seenAt }) => between(startedAt, seenAt) },
        { title: "Machine", cell: ({ machine }) => machine },
        { title: "Version", cell: ({ version }) => version },
        { title: "Terraform", cell: ({ terraform }) => terraform ?? html`<span class="state bad">none</span>` },
      ],
    }),
  );
}
