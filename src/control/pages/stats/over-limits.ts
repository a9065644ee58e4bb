/** Who has cost more this month than they may, until when it stands, and whether it was told. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import { onceTold } from "../../../core/lifecycle/clean-up-rules.ts";
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
    mark: ({ warning }) => (warning === null ? null : "bad"),
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
        cell: ({ projectId, cleanUpAt, warning }) => (projectId === null ? "" : cleanUp({ cleanUpAt, warning }, at)),
      },
    ],
  });

function cleanUp({ cleanUpAt, warning }: Pick<Stats["overLimits"][number], "cleanUpAt" | "warning">, at: string): Html | string {
  if (cleanUpAt !== null) return cleanUpAt > at ? `in ${between(at, cleanUpAt)}` : ago(cleanUpAt, at);
  return warning === null ? html`<span class="quiet">no: alert alone</span>` : onceTold(warning);
}

const user = (tenantId: string, userId: string): Html => html`<span class="quiet">${tenantId}, user </span>${userId}`;

function untoldText(alerts: Stats["alerts"]): Html | null {
  const said = [whatAlerts(alerts), whatCleanUps(alerts), whatUntagged(alerts)].filter((one) => one !== null);
  return said.length === 0 ? null : html`<p class="empty" id="alerts">${said.map((one, index) => html`${index === 0 ? "" : " "}${one}`)}</p>`;
}

const whatUntagged = ({ untagged }: Stats["alerts"]): Html | null =>
  untagged.length === 0
    ? null
    : html`No cost of ${untagged.slice(0, shownTenants).join(", ")}${untagged.length > shownTenants ? ` and ${untagged.length - shownTenants} others` : ""} carries the tag ProjectKey, so limits can’t act: <code>chartctl setup aws</code>, in the account that pays.`;
const shownTenants = 5;

function whatAlerts({ receiver, waiting, givenUp, reasons }: Stats["alerts"]): Html | null {
  const untold = counted(waiting + givenUp, "alert");
  const again = html`<code>chartctl alerts deliver --again</code>.`;
  if (receiver === "none") return waiting + givenUp === 0 ? null : html`${untold} told to nobody: ALERT_WEBHOOK_URL is not set.`;
  if (receiver === "gone") return html`The receiver answered 410 Gone and is sent nothing any more; ${untold} untold. To the same again: ${again}`;
  if (reasons.length === 0) return null;
  const why = reasons
    .map(({ status, alerts, error }) => `${counted(alerts, "alert")} ${status === "given-up" ? "given up" : "not told yet, and tried again"}: ${error}`)
    .join("; ");
  if (givenUp === 0) return html`${why}.`;
  return html`${why}. ${reasons.some(({ tried }) => tried) ? "Mend the receiver, then" : "Send what was given up"}: ${again}`;
}

const whatCleanUps = ({ cleanUps }: Stats["alerts"]): Html | null =>
  cleanUps === 0
    ? null
    : html`${cleanUps === 1 ? "1 clean-up waits" : `${cleanUps} clean-ups wait`} for an alert: the grace time begins when that is delivered, or given up after five days.`;
