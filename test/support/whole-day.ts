/** Bills are of days: a test that the day ends in the midst of would read another's. */
import { setTimeout as sleep } from "node:timers/promises";
import { dayOf } from "../../src/core/costs/actual/period.ts";

const neededMilliseconds = 120_000;

/** Today (UTC), with time enough left of it; shortly before midnight, the next day. */
export async function wholeDay(): Promise<string> {
  const untilMidnight = 86_400_000 - (Date.now() % 86_400_000);
  if (untilMidnight < neededMilliseconds) await sleep(untilMidnight + 1_000);
  return dayOf(new Date());
}
