/** The first thing to read: how much there is, of when, and what needs somebody. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import { formatCents } from "../../../core/money.ts";
import type { Html } from "../html.ts";
import { attention } from "./attention.ts";

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);

export function overview(stats: Stats): Html {
  const { tenants, operations, workers, jobs } = stats;
  const alive = workers.filter((worker) => worker.alive).length;
  const running = operations.filter(({ status }) => status === "running").length;
  const waiting = jobs.queued + jobs.waiting;
  return html`<section id="overview" aria-labelledby="overview-title">
  <div class="headline">
    <h1 id="overview-title">Platform</h1>
    <p class="quiet">As of <time id="as-of" datetime="${stats.at}">${stats.at.slice(11, 19)} UTC</time>, ${longDay(stats.at)}. All times are UTC.</p>
  </div>
  ${attention(stats)}
  <dl class="tiles">
    ${tile("Tenants", tenants.length)}
    ${tile("Users", sum(tenants.map(({ users }) => users)))}
    ${tile("Projects", sum(tenants.map(({ projects }) => projects)), `${sum(tenants.map(({ applications }) => applications))} with an application`)}
    ${tile("Estimate", formatCents(sum(tenants.map(({ monthlyCents }) => monthlyCents))), "a month, at list prices")}
    ${tile("Operations", running, "running now")}
    ${tile("Jobs", jobs.running, `running, ${waiting} waiting`)}
    ${tile("Workers", alive, alive === workers.length ? "alive" : `alive, ${workers.length - alive} dead`)}
  </dl>
</section>
`;
}

export const tile = (name: string, figure: number | string, words = ""): Html =>
  html`<div><dt>${name}</dt><dd><b>${figure}</b>${words ? html` <span>${words}</span>` : null}</dd></div>`;

const longDay = (iso: string): string =>
  new Date(iso).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
