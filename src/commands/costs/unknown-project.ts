/** Whether the books know a project that AWS has no costs of. */
import type { Whose } from "../../ui/whose.ts";
import type { Cli } from "../cli.ts";

/** Of a project without costs; undefined where the books know it, or nobody named one. `until` is the first day that is left out. */
export async function unknownProject(
  { connect }: { connect: Pick<Cli["connect"], "apiOf"> },
  { tenantId, projectId }: Whose,
  period: { from: string; until: string },
): Promise<string | undefined> {
  if (projectId === null) return undefined;
  const [call, { endpoints }, { closest, distance }] = await Promise.all([
    connect.apiOf(tenantId),
    import("../../contract/endpoints.ts"),
    import("fastest-levenshtein"),
  ]);
  const standing = (await call(endpoints.listProjects, { query: {} })).map(({ id }) => id);
  if (standing.includes(projectId)) return undefined;
  // Projects that ended are an admin's to see; to others, those that stand are all that there is.
  const ended = await call(endpoints.listBookings, { query: period }).then(
    ({ bookings }) => bookings.map((booking) => booking.projectId),
    () => [],
  );
  const known = [...new Set([...standing, ...ended])];
  if (known.includes(projectId)) return undefined;
  const near = known.length === 0 ? undefined : closest(projectId, known);
  const meant = near !== undefined && distance(projectId, near) <= Math.max(2, projectId.length / 3) ? `did you mean ${near}? ` : "";
  return `The books of tenant ${tenantId} know no project ${projectId} in this time: ${meant}See what there is: chartctl projects`;
}
