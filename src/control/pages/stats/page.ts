/** The platform at a glance, for whoever keeps it running. */
import { html } from "hono/html";
import type { Stats } from "../../../contract/stats.ts";
import { assets } from "../assets.ts";
import type { Html } from "../html.ts";
import { layout } from "../layout.ts";
import { ownersBar } from "../owners-bar.ts";
import type { Who } from "../ports.ts";
import { bills } from "./bills.ts";
import { callers } from "./callers.ts";
import { cleanups } from "./cleanups.ts";
import { failed, running } from "./operations.ts";
import { overLimits } from "./over-limits.ts";
import { overview } from "./overview.ts";
import { projects } from "./projects.ts";
import { tenants } from "./tenants.ts";
import { trend } from "./trend.ts";
import { users } from "./users.ts";
import { jobs, workers } from "./workers.ts";

/** Without JavaScript the whole page is loaded again, which disturbs more. */
const reloadSeconds = 60;

/** A refresh replaces <main>; what is beside it stays, so that news of the refresh itself is read out. */
export const statsPage = (stats: Stats, who: Who, version: string): Html =>
  layout(
    {
      title: "Platform",
      kind: "page",
      head: html`<noscript><meta http-equiv="refresh" content="${reloadSeconds}"></noscript>
    <script type="module" src="${assets.stats.path}"></script>`,
      bar: ownersBar("platform", who),
      version,
    },
    html`<main>
${overview(stats)}
<div class="columns">
<div>${trend(stats)}${running(stats)}${tenants(stats)}</div>
<div>${workers(stats)}${jobs(stats)}${users(stats)}</div>
</div>
${failed(stats)}
${overLimits(stats)}
${cleanups(stats)}
${bills(stats)}
${projects(stats)}
${callers(stats)}
</main>`,
  );
