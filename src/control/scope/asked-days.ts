/** The days that a question about a bill may be of. */
import { longestAskedDays } from "../../contract/numbers.ts";
import type { Period } from "../../core/costs/actual/cost-source.ts";
import { addDays } from "../../core/costs/actual/period.ts";
import { ChartctlError } from "../../errors.ts";

/** Error `costs.period` (usage), with days that may be asked for. */
export function refuseDays({ from, until }: Period): void {
  if (from >= until) {
    const [first, last] = from > until ? [until, from] : [from, addDays(from, 1)];
    throw wrong(`${until} is not after ${from}: until is the first day that is left out`, such("the earlier day comes first", first, last));
  }
  if (addDays(from, longestAskedDays) < until)
    throw wrong(`From ${from} up to ${until} are more than ${longestAskedDays} days`, such("ask for fewer", from, until));
}

/** The last of them, if they are too many. */
const such = (what: string, from: string, until: string): string => {
  const [, first = from] = [from, addDays(until, -longestAskedDays)].sort();
  return `${what}: from=${first}&until=${until}`;
};

const wrong = (message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code: "costs.period", message, hint });
