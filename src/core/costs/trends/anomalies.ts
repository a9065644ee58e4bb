/**
 * Days that stand out, and what is behind them. A day is judged by the days before it and by nothing else, so that what is said of
 * it never changes when later days come.
 *
 * Expected is the median of the same weekday in the six weeks before (of all days, until there are four weeks), raised by what the
 * last seven days were above theirs: a cost that stays is told for some days, and then it is normal. On the first of a month, when
 * monthly fees come, it is also raised by what the first of the month before was above its own. A day stands out when it is above that by more than 3.5 robust
 * standard deviations (Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993: 1.4826 times the median absolute deviation;
 * or the deviation that four fifths stay below, over 1.2816, if that is more), by a fifth, and by a floor in money: cents never
 * alarm. Falls are left out: the newest days' figures often come late.
 */

import Big from "big.js";
import type { CostAmount, Period } from "../actual/cost-source.ts";
import { addDays, addMonths, firstOfMonth, periodsOf } from "../actual/period.ts";
import { dollarsFirst } from "../currencies.ts";
import type { DaySeries } from "./day-series.ts";
import { daySeries, median, weekdayOf } from "./day-series.ts";

const windowDays = 42;
const weekdaysFromDays = 28;
const leastDays = 14;
const recentDays = 7;
const deviations = "3.5";
const leastPart = new Big("0.2");
/** In the bill's own currency. */
export const anomalyFloor = "1";

export interface Riser {
  /** Null: what carries no such mark. */
  key: string | null;
  /** Above what was expected of it; decimal. */
  above: string;
  /** Of what the day was above; more than 1 where others fell. */
  share: string;
}
export interface Anomaly {
  day: string;
  /** The first of the days in a row, up to this one, that stand out. */
  since: string;
  currency: string;
  /** What was used that day: taxes, credits and refunds, which come at once, don't count. Decimals. */
  amount: string;
  expected: string;
  above: string;
  /** What rose, most first. */
  services: Riser[];
  projects: Riser[];
}

/** What has to be known to judge the days from this one on. */
export const judgedFrom = (day: string): string => addDays(day, -windowDays);

/** The same days by service, unless nobody tells services, and by project: daily amounts from `judgedFrom(period.from)` on. Oldest first. */
export function anomalies(
  { byService, byProject }: { byService: CostAmount[] | null; byProject: CostAmount[] },
  period: Period,
  floor = anomalyFloor,
): Anomaly[] {
  const days = periodsOf({ from: judgedFrom(period.from), until: period.until }, "day");
  const projects = daySeries(byProject, days, ["usage"]);
  const services = byService && daySeries(byService, days, ["usage"]);
  const found = [...(services ?? projects)].flatMap(([currency, { total }]) =>
    ofCurrency(days, { total, services: services?.get(currency), projects: projects.get(currency) }, floor).map((one): Anomaly => ({ ...one, currency })),
  );
  return dollarsFirst(found, ({ above }) => above).sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

interface Parts {
  total: Big[];
  services: DaySeries | undefined;
  projects: DaySeries | undefined;
}

function ofCurrency(days: string[], { total, services, projects }: Parts, floor: string): Omit<Anomaly, "currency">[] {
  const found: Omit<Anomaly, "currency">[] = [];
  for (let at = windowDays; at < days.length; at++) {
    const known = knownFrom(total, at);
    if (at - known < leastDays) continue;
    const { expected, spread } = expectation(total, days, known, at);
    const amount = total[at] ?? new Big(0);
    const above = amount.minus(expected);
    const most = [spread.times(deviations), leastPart.times(expected), new Big(floor)].reduce((a, b) => (a.gt(b) ? a : b));
    if (above.lte(most)) continue;
    const day = days[at] ?? "";
    const before = found.at(-1);
    const risersOf = (series: DaySeries | undefined): Riser[] => risers(series, days, known, at, above);
    found.push({
      day,
      since: before?.day === addDays(day, -1) ? before.since : day,
      amount: amount.toFixed(),
      expected: expected.toFixed(),
      above: above.toFixed(),
      services: risersOf(services),
      projects: risersOf(projects),
    });
  }
  return found;
}

/** Where the window begins, or later, with the first cost in it: an account that is new is compared with nothing. */
function knownFrom(values: Big[], at: number): number {
  const first = values.slice(at - windowDays, at).findIndex((amount) => !amount.eq(0));
  return first < 0 ? at : at - windowDays + first;
}

function expectation(values: Big[], days: string[], from: number, at: number): { expected: Big; spread: Big } {
  const window = [...values.slice(from, at).entries()].map(([index, value]) => ({ day: days[from + index] ?? "", value }));
  const usual = usualOf(window);
  const above = window.map(({ day, value }) => value.minus(usual(day)));
  const stayed = median(above.slice(-recentDays));
  const day = days[at] ?? "";
  const fees = day === firstOfMonth(day) ? above[window.findIndex((one) => one.day === addMonths(day, -1))] : undefined;
  return { expected: usual(day).plus(atLeastNothing(stayed)).plus(atLeastNothing(fees)), spread: spreadOf(above.map((one) => one.abs())) };
}

/** Two estimates of a normal standard deviation, of which the second knows bills that jump every few days. */
function spreadOf(deviations: Big[]): Big {
  const sorted = [...deviations].sort((a, b) => a.cmp(b));
  const [middle, wide] = [median(sorted).times("1.4826"), (sorted[Math.floor(sorted.length * 0.8)] ?? new Big(0)).times("0.7803")];
  return middle.gt(wide) ? middle : wide;
}

const atLeastNothing = (amount: Big | undefined): Big => (amount?.gt(0) ? amount : new Big(0));

/** What a day costs by its weekday, or, with little known, at all. */
function usualOf(window: { day: string; value: Big }[]): (day: string) => Big {
  if (window.length < weekdaysFromDays) {
    const all = median(window.map(({ value }) => value));
    return () => all;
  }
  const values: Big[][] = [[], [], [], [], [], [], []];
  for (const { day, value } of window) values[weekdayOf(day)]?.push(value);
  const usual = values.map(median);
  return (day) => usual[weekdayOf(day)] ?? new Big(0);
}

const risersShown = 3;
const enough = new Big("0.8");

/** Those that rose most, until most of it is explained. */
function risers(series: DaySeries | undefined, days: string[], from: number, at: number, above: Big): Riser[] {
  const rises = [...(series?.byKey ?? [])]
    .map(([key, values]) => ({ key, rise: (values[at] ?? new Big(0)).minus(expectation(values, days, from, at).expected) }))
    .filter(({ rise }) => rise.gt(0))
    .sort((a, b) => b.rise.cmp(a.rise))
    .slice(0, risersShown);
  let explained = new Big(0);
  return rises.flatMap(({ key, rise }) => {
    if (explained.gte(enough.times(above))) return [];
    explained = explained.plus(rise);
    return [{ key, above: rise.toFixed(), share: rise.div(above).toFixed(4) }];
  });
}
