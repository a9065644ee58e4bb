/** Whose an answer is; and whether the books know a project that AWS has no costs of. */
import type { ActualCosts } from "../../core/costs/actual/actual-costs.ts";
import type { Whose } from "../../ui/whose.ts";
import type { Cli } from "../cli.ts";

/** `apart`: the answer has no place for it, so that it is said beside it; as where a hosted API's books have their own sentence. */
export async function whoseCosts(
  cli: Pick<Cli, "io"> & { connect: Pick<Cli["connect"], "apiOf"> },
  whose: Omit<Whose, "unknown">,
  { currencies, books }: Pick<ActualCosts, "books"> & { currencies: readonly unknown[] },
  { apart, ...period }: { apart: boolean; from: string; until: string },
): Promise<Whose> {
  if (currencies.length > 0) return whose;
  const unknown = await unknownProject(cli, whose, period);
  if (unknown !== undefined && (apart || books)) cli.io.warn(unknown);
  return { ...whose, unknown };
}

/** Of a project without costs; undefined where the books know it, or nobody named one. `until` is the first day that is left out. */
async function unknownProject(
  { connect }: { connect: Pick<Cli["connect"], "apiOf"> },
  { tenantId, projectId }: Pick<Whose, "tenantId" | "projectId">,
  period: { from: string; until: string },
): Promise<string | undefined> {
  if (projectId === null) return undefined;
  const [call, { endpoints }, { nearest }] = await Promise.all([connect.apiOf(tenantId), import("../../contract/endpoints.ts"), import("../../core/near.ts")]);
  const standing = (await call(endpoints.listProjects, { query: {} })).map(({ id }) => id);
  if (standing.includes(projectId)) return undefined;
  // Projects that ended are an admin's to see; to others, those that stand are all that there is.
  const ended = await call(endpoints.listBookings, { query: period }).then(
    ({ bookings }) => bookings.map((booking) => booking.projectId),
    () => [],
  );
  const known = [...new Set([...standing, ...ended])];
  if (known.includes(projectId)) return undefined;
  const near = nearest(projectId, known);
  const meant = near === undefined ? "" : ` Did you mean ${near}?`;
  return `The books of tenant ${tenantId} know no project ${projectId} in this time.${meant} See what there is: chartctl -t ${tenantId} projects`;
}
