/** A month in which a project has nothing to compare. */
import type { Project } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import { minuteText } from "../../ui/time.ts";

/** `today`: as a day; of it nothing is billed yet. */
export function notThere({ tenantId, id, createdAt }: Project, month: string, today: string): ChartctlError {
  const since = createdAt.slice(0, 10);
  const first = [since.slice(0, 7), month].sort().at(-1);
  const ask = `chartctl -t ${tenantId} -p ${id} costs estimate --check --month ${first}`;
  const isEarlier = month < since.slice(0, 7);
  return new ChartctlError({
    kind: "usage",
    code: "costs.period",
    message: isEarlier
      ? `Project ${id} wasn't there in ${month}: it is of ${minuteText(createdAt)}, so there is nothing to compare`
      : `Of project ${id} in ${month} nothing is billed yet: AWS shows a day's costs on the next one`,
    hint: isEarlier && since < today ? `its first month: ${ask}` : `from tomorrow on: ${ask}`,
  });
}
