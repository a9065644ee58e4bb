/**
 * What days to come are expected to cost, from the days before them: chartctl's own method. A statistic, in floating point.
 *
 * The level is the mean of the last two weeks, in which the two highest and the two lowest days count as much as their neighbours:
 * it follows what is new, and one dear day doesn't move it. Weekdays weigh as they did in the last eight weeks, as soon as there
 * are four. The first of a month, when monthly fees come, costs as much more as the one before did, and counts for no other day. Of
 * the methods that were tried on made-up bills (medians, means, weekday by weekday), none was better throughout.
 */
import { addMonths, firstOfMonth } from "../actual/period.ts";
import { weekdayOf } from "../trends/day-series.ts";

export interface DayCost {
  day: string;
  amount: number;
}

/** Whole days with costs that it takes. */
export const leastHistoryDays = 7;
const levelDays = 14;
const weekdayDays = 56;
const weekdaysFromDays = 28;
/** A weekday that costs (almost) nothing would blow up a level that is made from it. */
const leastWeight = 0.05;

/** From the first day that cost anything: before it there was nothing to know. */
export const sinceFirstCost = (history: readonly DayCost[]): readonly DayCost[] => {
  const first = history.findIndex(({ amount }) => amount !== 0);
  return first < 0 ? [] : history.slice(first);
};

/** One value a day; null with too little history. `history`: every day before, in order. */
export function usualDays(history: readonly DayCost[], days: readonly string[]): number[] | null {
  const known = sinceFirstCost(history);
  if (known.length < leastHistoryDays) return null;
  const common = known.filter(({ day }) => day !== firstOfMonth(day));
  const weight = weightsOf(common.slice(-weekdayDays));
  const level = calmMean(common.slice(-levelDays).map(({ day, amount }) => amount / weight(day)));
  return days.map((day) => {
    const usual = level * weight(day);
    const before = day === firstOfMonth(day) ? known.find((one) => one.day === addMonths(day, -1)) : undefined;
    return usual + (before ? Math.max(0, before.amount - level * weight(before.day)) : 0);
  });
}

function weightsOf(days: readonly DayCost[]): (day: string) => number {
  const all = calmMean(days.map(({ amount }) => amount));
  if (days.length < weekdaysFromDays - 1 || all <= 0) return () => 1;
  const amounts: number[][] = [[], [], [], [], [], [], []];
  for (const { day, amount } of days) amounts[weekdayOf(day)]?.push(amount);
  const weights = amounts.map((same) => Math.max(leastWeight, calmMean(same) / all));
  return (day) => weights[weekdayOf(day)] ?? 1;
}

/** A winsorized mean: a seventh at each end, one at least, counts as much as what is next to it. */
function calmMean(values: number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const end = Math.max(sorted.length > 2 ? 1 : 0, Math.floor(sorted.length / 7));
  const calm = sorted.map((_, at) => sorted[Math.min(Math.max(at, end), sorted.length - 1 - end)] ?? 0);
  return calm.reduce((sum, value) => sum + value, 0) / calm.length;
}
