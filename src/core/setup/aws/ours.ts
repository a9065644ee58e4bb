/** Ours alone: what carries another's name is never taken over. */
import { ChartctlError, isChartctlError } from "../../../errors.ts";
import { isOurs } from "./names.ts";

interface Tagged {
  tags: Record<string, string | undefined>;
}

/** Error `aws.not-ours` (`conflict`) for a thing of this name without our tag. */
export function refuseForeign(what: string, found: Tagged | undefined): void {
  if (!found || isOurs(found.tags)) return;
  throw new ChartctlError({
    kind: "conflict",
    code: "aws.not-ours",
    message: `The ${what} is there, and lacks the tag ManagedBy=chart-app-platform: it is somebody else's`,
    hint: "rename or delete it, or, if it is the platform's, give it that tag",
  });
}

/**
 * What stands by that name and is ours; undefined when this call has made it. An earlier try of the same creation, whose
 * answer was lost, is found like anything else.
 */
export async function foundOrMade<T extends Tagged>(what: string, look: () => Promise<T | undefined>, make: () => Promise<void>): Promise<T | undefined> {
  let found = await look();
  if (!found) {
    try {
      await make();
      return undefined;
    } catch (error) {
      if (!(isChartctlError(error) && error.code === "aws.exists")) throw error;
      found = await look();
    }
  }
  refuseForeign(what, found);
  return found;
}
