/**
 * How good the method would have been: each whole month of the history is forecast again from several of its days, with what was
 * known before that day and nothing else, and held against what it came to. The range of a forecast is made of these errors, too:
 * those from the same day of the month, because less and less is left to be wrong about.
 */
import { addDays, addMonths, firstOfMonth, periodsOf } from "../actual/period.ts";
import type { DayCost } from "./usual-days.ts";
import { usualDays } from "./usual-days.ts";

/** How often, in percent, a month is expected within the range. */
export const rangeLevel = 80;
const testedDays = [1, 5, 10, 15, 20, 25];

/** Of one forecast that would have been made. */
interface Trial {
  /** `2026-10`. */
  month: string;
  /** Of the month; days before it were known. */
  dayOfMonth: number;
  /** From the month's last day: it stands for those that the month doesn't have. */
  last: boolean;
  /** What came, to what was expected of the days that were left. */
  ratio: number;
  expected: number;
  actual: number;
}

export interface Backtest {
  months: number;
  /** Of the whole month: the median of all forecasts' absolute errors, as a part of what it came to. */
  medianError: number;
  byDay: { dayOfMonth: number; forecasts: number; medianError: number; ranges: number; held: number }[];
  /** How often a range could be given, from months before alone, and how often the month came within it. */
  ranges: number;
  held: number;
}

/** Every whole month and each of its days; `history` is every day, in order. */
export function trialsOf(history: readonly DayCost[]): Trial[] {
  const [first, last] = [history[0]?.day, history.at(-1)?.day];
  if (first === undefined || last === undefined) return [];
  const index = new Map(history.map(({ day }, at) => [day, at]));
  const trials: Trial[] = [];
  for (let month = firstOfMonth(first); addMonths(month, 1) <= addDays(last, 1); month = addMonths(month, 1)) {
    const days = periodsOf({ from: month, until: addMonths(month, 1) }, "day");
    const amounts = days.map((day) => history[index.get(day) ?? -1]?.amount ?? 0);
    for (const [at, day] of days.entries()) {
      const before = index.get(day);
      const left = before === undefined ? null : usualDays(history.slice(Math.max(0, before - lookedBackDays), before), days.slice(at));
      if (left === null) continue;
      const [known, came, expected] = [sum(amounts.slice(0, at)), sum(amounts.slice(at)), sum(left)];
      if (known + came <= 0 || expected <= 0) continue;
      trials.push({
        month: month.slice(0, 7),
        dayOfMonth: at + 1,
        last: at === days.length - 1,
        ratio: came / expected,
        expected: known + expected,
        actual: known + came,
      });
    }
  }
  return trials;
}
/** The method looks no further back. */
const lookedBackDays = 70;

/**
 * How far off the rest may be, as a part of what is expected of it: as far as the forecasts of earlier months from the same day were,
 * all but the worst. A conformal interval: of n months it takes the error of rank (n + 1) × 80 %, whatever their distribution (Vovk,
 * Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005). Null with too few months for such a rank.
 */
export function errorAt(trials: readonly Trial[], dayOfMonth: number): number | null {
  const errors = trials
    .filter((trial) => trial.dayOfMonth === dayOfMonth || (trial.last && trial.dayOfMonth < dayOfMonth))
    .map(({ ratio }) => Math.abs(ratio - 1))
    .sort((a, b) => a - b);
  return errors[Math.ceil(((errors.length + 1) * rangeLevel) / 100) - 1] ?? null;
}

/** Null without a month to test. */
export function backtest(trials: readonly Trial[]): Backtest | null {
  const tested = trials.filter(({ dayOfMonth }) => testedDays.includes(dayOfMonth)).map((trial) => ({ ...trial, within: heldBefore(trials, trial) }));
  if (tested.length === 0) return null;
  const errors = (of: Trial[]): number => medianOf(of.map(({ expected, actual }) => Math.abs(expected - actual) / actual));
  const ranges = (of: typeof tested) => ({ ranges: of.filter(({ within }) => within !== null).length, held: of.filter(({ within }) => within).length });
  return {
    months: new Set(tested.map(({ month }) => month)).size,
    medianError: errors(tested),
    byDay: testedDays.flatMap((dayOfMonth) => {
      const of = tested.filter((trial) => trial.dayOfMonth === dayOfMonth);
      return of.length === 0 ? [] : [{ dayOfMonth, forecasts: of.length, medianError: errors(of), ...ranges(of) }];
    }),
    ...ranges(tested),
  };
}

/** Did the month come within the range that months before it would have given? */
function heldBefore(trials: readonly Trial[], { month, dayOfMonth, ratio }: Trial): boolean | null {
  const earlier = trials.filter((trial) => trial.month < month);
  const error = errorAt(earlier, dayOfMonth);
  return error === null ? null : Math.abs(ratio - 1) <= error;
}

export const sum = (values: readonly number[]): number => values.reduce((so, value) => so + value, 0);
function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
