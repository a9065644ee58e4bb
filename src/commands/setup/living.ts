/** Before a platform, or what it works with, is taken away: whether projects live on it. */
import { endpoints } from "../../contract/endpoints.ts";
import { ChartctlError, isChartctlError, messageOf } from "../../errors.ts";
import type { Cli } from "../cli.ts";

/**
 * Errors (conflict): `host.projects-live`, with the list; `host.projects-unknown`, because what can't be proven is refused, too.
 * `otherwise`: what else may be done, in words.
 */
export async function refuseLiving({ connect }: Cli, url: string, name: string, otherwise: string): Promise<void> {
  const hint = `destroy them first: chartctl destroy --purge; or ${otherwise}`;
  const living = await connect
    .apiAt(url)
    .then((call) => call(endpoints.adminStats, {}))
    .then(({ projects }) => projects.map(({ tenantId, projectId }) => `${tenantId}/${projectId}`))
    .catch((error: unknown) => {
      if (!isChartctlError(error)) throw error;
      throw new ChartctlError({
        kind: "conflict",
        code: "host.projects-unknown",
        message: `Nobody can say whether projects live on ${name}: ${messageOf(error)}`,
        hint,
        cause: error,
      });
    });
  if (living.length === 0) return;
  throw new ChartctlError({
    kind: "conflict",
    code: "host.projects-live",
    message: `${living.length} ${living.length === 1 ? "project lives" : "projects live"} on ${name}: ${living.slice(0, 10).join(", ")}${living.length > 10 ? "..." : ""}`,
    hint,
    details: { projects: living },
  });
}

/** Other platforms that this machine knows: they may work with the same account. */
export async function refuseLivingElsewhere(cli: Cli): Promise<void> {
  const [{ apiUrl }, store] = await Promise.all([cli.given(), cli.connect.contexts()]);
  for (const [name, values] of Object.entries(store.read().contexts))
    if (values.apiUrl !== undefined && values.apiUrl !== apiUrl)
      await refuseLiving(cli, values.apiUrl, values.apiUrl, `forget a platform that is no more: chartctl config unset apiUrl --context ${name}`);
}
