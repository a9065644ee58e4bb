/** Do weekdays differ, and how? */
import type Big from "big.js";
import { median, weekdayOf } from "./day-series.ts";

const leastOfEach = 4;
/** Chi-square with 6 degrees of freedom, at 1 %. */
const critical = 16.81;
const leastRatio = 1.2;

/**
 * What a weekday costs, Monday first; null without a pattern: when chance alone would differ as much (Kruskal–Wallis, 1 %), or
 * the dearest weekday is less than a fifth above the cheapest, or there are fewer than four weeks. By ranks: one dear day is no pattern.
 */
export function weekdayPattern(days: readonly { day: string; amount: Big }[]): string[] | null {
  const groups = [...Array(7).keys()].map((weekday) => days.filter(({ day }) => weekdayOf(day) === weekday).map(({ amount }) => amount));
  if (groups.some((group) => group.length < leastOfEach)) return null;
  if (kruskalWallis(groups) <= critical) return null;
  const usual = groups.map(median);
  const [lowest, highest] = [usual.reduce((a, b) => (a.lt(b) ? a : b)), usual.reduce((a, b) => (a.gt(b) ? a : b))];
  return highest.gt(0) && highest.gte(lowest.times(leastRatio)) ? usual.map((amount) => amount.toFixed()) : null;
}

/** H, corrected for values that are the same. */
function kruskalWallis(groups: Big[][]): number {
  const sorted = groups.flat().sort((a, b) => a.cmp(b));
  const count = sorted.length;
  const ranks = new Map<string, number>();
  let ties = 0;
  for (let first = 0; first < count; ) {
    const value = sorted[first] as Big;
    let after = first + 1;
    while (after < count && sorted[after]?.eq(value)) after++;
    ranks.set(value.toFixed(), (first + 1 + after) / 2);
    ties += (after - first) ** 3 - (after - first);
    first = after;
  }
  if (ties === count ** 3 - count) return 0;
  const sum = groups.reduce((so, group) => so + group.reduce((all, value) => all + (ranks.get(value.toFixed()) ?? 0), 0) ** 2 / group.length, 0);
  return ((12 / (count * (count + 1))) * sum - 3 * (count + 1)) / (1 - ties / (count ** 3 - count));
}
