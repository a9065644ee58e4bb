/** What needs somebody, worst first, each with where it stands on the page. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import type { Html } from "../html.ts";
import { nearly, share } from "./bar.ts";
import { counted } from "./words.ts";

interface Concern {
  words: string;
  at: string;
  bad: boolean;
}

/** What is bad has failed; the rest may. */
function concerns({ workers, operations, cleanups, jobs, users, limitedCallers, overLimits, alerts, billing }: Stats): Concern[] {
  const alive = workers.filter((worker) => worker.alive).length;
  const failed = operations.filter(({ status }) => status !== "running").length;
  const failingCleanups = cleanups.filter(({ error }) => error !== null).length;
  const full = users.filter((user) => Math.max(share(user.projects, user.projectsLimit), share(user.monthlyCents, user.monthlyCentsLimit)) >= nearly).length;
  const projectsOver = overLimits.filter(({ projectId }) => projectId !== null).length;
  const usersOver = overLimits.length - projectsOver;
  const over = [...(projectsOver > 0 ? [counted(projectsOver, "project")] : []), ...(usersOver > 0 ? [counted(usersOver, "user")] : [])].join(" and ");
  const untold = alerts.receiver === "set" ? alerts.failing + alerts.givenUp : alerts.waiting + alerts.givenUp;
  const unread = billing.filter(({ error }) => error !== null).length;
  const list: (Concern & { count: number })[] = [
    { count: alive === 0 ? 1 : 0, words: "No worker is alive: jobs wait", at: "workers", bad: true },
    { count: workers.length - alive, words: counted(workers.length - alive, "dead worker"), at: "workers", bad: true },
    { count: failed, words: `${counted(failed, "operation")} failed in 24 hours`, at: "failed", bad: true },
    { count: failingCleanups, words: `${counted(failingCleanups, "clean-up")} can’t finish`, at: "cleanups", bad: true },
    { count: overLimits.length, words: `${over} over a cost limit`, at: "over-limits", bad: true },
    { count: untold, words: `${counted(untold, "alert")} told to nobody`, at: "alerts", bad: alerts.receiver !== "none" },
    {
      count: alerts.cleanUps,
      words: `${counted(alerts.cleanUps, "clean-up")} held up by an untold alert`,
      at: "alerts",
      bad: alerts.failing + alerts.givenUp > 0,
    },
    { count: jobs.failedToday, words: `${counted(jobs.failedToday, "job")} failed in 24 hours`, at: "jobs", bad: true },
    { count: unread, words: `${counted(unread, "bill")} can’t be read`, at: "bills", bad: true },
    { count: full, words: `${counted(full, "user")} at 90 % of a limit or more`, at: "users", bad: false },
    { count: limitedCallers.length, words: `${counted(limitedCallers.length, "caller")} held back by rate limits`, at: "callers", bad: false },
  ];
  return list.filter(({ count }) => count > 0);
}

export function attention(stats: Stats): Html {
  const found = concerns(stats);
  if (found.length === 0) return html`<p class="well">Nothing needs you.</p>`;
  return html`<ul class="attention" aria-label="What needs somebody">
    ${found.map(({ words, at, bad }) => html`<li class="${bad ? "bad" : "warn"}"><a id="to-${at}-${bad ? "bad" : "warn"}" href="#${at}">${words}</a></li>`)}
  </ul>`;
}
