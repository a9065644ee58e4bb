/** Questions that a hosted API's books can't answer as they are put, and what is asked instead. */
import { isChartctlError } from "../../../errors.ts";
import type { CostQuery, KeptCosts } from "./cost-source.ts";
import { addMonths, firstOfMonth } from "./period.ts";

type Answered = Awaited<ReturnType<KeptCosts["costs"]>>;

/**
 * All of a bill's days by service; by project where services aren't told: to a member, or of one project. Both add up to the same.
 */
export async function byServiceOrProject(
  source: Pick<KeptCosts, "costs">,
  query: Omit<CostQuery, "grouping">,
): Promise<Answered & { by: "service" | "project" }> {
  try {
    return { by: "service", ...(await source.costs({ ...query, grouping: { by: "service" } })) };
  } catch (error) {
    if (!isChartctlError(error) || !["costs.admins", "costs.hosted"].includes(error.code)) throw error;
    return { by: "project", ...(await source.costs({ ...query, grouping: { by: "tag", key: "ProjectId" } })) };
  }
}

/** The first month that the books have whole, where they begin later than was asked, as their error says. */
export function firstWholeMonth(error: unknown): string | undefined {
  const first = isChartctlError(error) && error.code === "costs.period" ? error.details?.first : undefined;
  if (typeof first !== "string") return undefined;
  return first === firstOfMonth(first) ? first : addMonths(firstOfMonth(first), 1);
}
