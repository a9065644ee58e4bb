/** Who has cost more this month than they may, until when it stands, and whether it was told. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import { formatCents, formatDollars } from "../../../core/money.ts";
import type { Html } from "../html.ts";
import { project } from "./project-name.ts";
import { section } from "./section.ts";
import { table } from "./table.ts";
import { ago, between, counted } from "./words.ts";

/** Nothing where nobody is, and everything was told. */
export function overLimits({ overLimits: rows, alerts, at }: Stats): Html | null {
  const untold = untoldText(alerts);
  if (rows.length === 0 && untold === null) return null;
  return section("over-limits", "Over a limit", html`${rows.length === 0 ? null : tableOf(rows, at)}${untold}`);
}

const tableOf = (rows: Stats["overLimits"], at: string): Html =>
  table({
    id: "over-limits-table",
    caption: "This month, as AWS billed it",
    rows,
    mark: ({ cleanUpAt }) => (cleanUpAt === null ? null : "bad"),
    columns: [
      {
        title: "Project or user",
        head: true,
        cell: ({ tenantId, projectId, userId }) => (projectId === null ? user(tenantId, userId) : project({ tenantId, projectId })),
      },
      { title: "Billed", kind: "number", cell: ({ amount }) => formatDollars(amount) },
      {
        title: "Limit",
        kind: "number",
        cell: ({ projectId, of, limitCents }) => `${formatCents(limitCents)}${projectId !== null && of === "user" ? ", its user’s" : ""}`,
      },
      { title: "Over for", kind: "number", cell: ({ since }) => between(since, at) },
      {
        title: "Clean-up",
        kind: "number",
        cell: ({ projectId, cleanUpAt }) =>
          projectId === null
            ? ""
            : cleanUpAt === null
              ? html`<span class="quiet">no: alert alone</span>`
              : cleanUpAt > at
                ? `in ${between(at, cleanUpAt)}`
                : ago(cleanUpAt, at),
      },
    ],
  });

const user = (tenantId: string, userId: string): Html => html`<span class="quiet">${tenantId}, user </span>${userId}`;

function untoldText({ receiver, waiting, failing, givenUp, lastError }: Stats["alerts"]): Html | null {
  const untold = waiting + givenUp;
  const all = (words: string, command?: string): Html =>
    html`<p class="empty" id="alerts">${words}${lastError === null ? "" : ` (${lastError})`}${command ? html`: <code>${command}</code>` : ""}</p>`;
  if (receiver === "none") return untold === 0 ? null : all(`${counted(untold, "alert")} told to nobody: ALERT_WEBHOOK_URL is not set`);
  if (receiver === "gone")
    return all(`The receiver answered 410 Gone and is sent nothing; ${counted(untold, "alert")} untold. To the same again`, "chartctl alerts deliver --again");
  if (givenUp > 0) return all(`${counted(givenUp, "alert")} given up. Mend the receiver, then`, "chartctl alerts deliver --again");
  return failing > 0 ? all(`${counted(failing, "alert")} not told yet, and tried again`) : null;
}
