/**
 * What a month will come to: what is billed so far, exact, and what is expected of the days that are left, a statistic. The two
 * add up exactly.
 *
 * Usage is forecast. Taxes follow it at the rate of the last whole months, less what is billed of them already (AWS writes a month's
 * taxes to its first day). Credits and refunds count as far as they are billed: nobody knows the next ones, and a forecast that hopes
 * for them would look too cheap.
 */

import Big from "big.js";
import type { CostAmount, LineKind } from "../actual/cost-source.ts";
import { lineKinds } from "../actual/cost-source.ts";
import { addMonths, firstOfMonth, periodsOf } from "../actual/period.ts";
import { dollarsFirst } from "../currencies.ts";
import type { DaySeries } from "../trends/day-series.ts";
import { daySeries } from "../trends/day-series.ts";
import type { Backtest } from "./backtest.ts";
import { backtest, errorAt, sum, trialsOf } from "./backtest.ts";
import type { ForecastAnswer } from "./forecast-source.ts";
import type { DayCost } from "./usual-days.ts";
import { sinceFirstCost, usualDays } from "./usual-days.ts";

/** Decimals. */
export interface Expected {
  /** Of the days that are left. */
  usage: string;
  tax: string;
  /** Billed so far, with these two: what the month comes to. */
  total: string;
  low: string;
  high: string;
}
export interface CurrencyForecast {
  currency: string;
  /** Of the month's whole days so far, with taxes, credits and refunds. */
  billed: string;
  billedByKind: Record<LineKind, string>;
  /** Null: too little is known. */
  expected: Expected | null;
  method: "cost-explorer" | "own" | null;
  /** What the range is made of: Cost Explorer's, earlier months' errors, or, without any, the dearest and cheapest days. */
  range: "cost-explorer" | "backtest" | "days" | null;
  /** Of the own method, also where Cost Explorer's counts. */
  own: Expected | null;
  backtest: Backtest | null;
  /** Whole days since the first cost, of which a forecast takes some. */
  knownDays: number;
  /** Of usage. */
  taxRate: string;
  /** What the month before came to. */
  previous: string;
}

/** `amounts`: by day, from the beginning of an earlier month; `today` is the first day that isn't billed. */
export function monthForecast(amounts: CostAmount[], { from, today }: { from: string; today: string }, given: ForecastAnswer | null): CurrencyForecast[] {
  const days = periodsOf({ from, until: today }, "day");
  const series = Object.fromEntries(lineKinds.map((kind) => [kind, daySeries(amounts, days, [kind])])) as Record<LineKind, Map<string, DaySeries>>;
  const currencies = new Set(lineKinds.flatMap((kind) => [...series[kind].keys()]));
  const forecasts = [...currencies].map((currency) => {
    const none = days.map(() => zero);
    const byKind = Object.fromEntries(lineKinds.map((kind) => [kind, series[kind].get(currency)?.total ?? none])) as Bill["byKind"];
    return ofCurrency({ days, byKind }, today, currency, given?.currency === currency ? given : null);
  });
  return dollarsFirst(forecasts, ({ billed }) => billed);
}

/** One value a day, of each kind. */
interface Bill {
  days: string[];
  byKind: Record<LineKind, Big[]>;
}
/** What the days that are left cost. */
interface Rest {
  middle: number;
  low: number;
  high: number;
}

const zero = new Big(0);
const taxMonths = 3;

function ofCurrency(bill: Bill, today: string, currency: string, given: ForecastAnswer | null): CurrencyForecast {
  const month = firstOfMonth(today);
  const soFar = billedBetween(bill, month, today);
  const before = billedBetween(bill, addMonths(month, -taxMonths), month);
  const taxRate = before.usage.gt(0) && before.tax.gt(0) ? before.tax.div(before.usage) : zero;
  const usage = bill.days.map((day, at): DayCost => ({ day, amount: Number(bill.byKind.usage[at] ?? 0) }));
  const left = periodsOf({ from: today, until: addMonths(month, 1) }, "day");
  const trials = trialsOf(usage);
  const own = ownRest(usage, left, trials);
  const ownExpected = own && expectedOf(own, soFar, taxRate);
  return {
    currency,
    billed: allOf(soFar).toFixed(),
    billedByKind: { usage: soFar.usage.toFixed(), tax: soFar.tax.toFixed(), credit: soFar.credit.toFixed(), refund: soFar.refund.toFixed() },
    expected: given ? expectedOf(givenRest(given), soFar, taxRate) : ownExpected,
    method: given ? "cost-explorer" : own ? "own" : null,
    range: given ? "cost-explorer" : (own?.range ?? null),
    own: ownExpected,
    backtest: backtest(trials),
    knownDays: sinceFirstCost(usage).length,
    taxRate: taxRate.round(6).toFixed(),
    previous: allOf(billedBetween(bill, addMonths(month, -1), month)).toFixed(),
  };
}

/** From a day on, until before another. */
function billedBetween({ days, byKind }: Bill, from: string, until: string): Record<LineKind, Big> {
  const within = (amounts: Big[]): Big =>
    amounts.reduce((so, amount, at) => ((days[at] ?? "") >= from && (days[at] ?? "") < until ? so.plus(amount) : so), zero);
  return { usage: within(byKind.usage), tax: within(byKind.tax), credit: within(byKind.credit), refund: within(byKind.refund) };
}
const allOf = (byKind: Record<LineKind, Big>): Big => lineKinds.reduce((so, kind) => so.plus(byKind[kind]), zero);

/** From here on it is exact. */
function expectedOf({ middle, low, high }: Rest, soFar: Record<LineKind, Big>, taxRate: Big): Expected {
  const at = (rest: number): { usage: Big; tax: Big; total: Big } => {
    const usage = new Big(rest.toFixed(expectedDecimals));
    const untaxed = soFar.usage.plus(usage).times(taxRate).minus(soFar.tax).round(expectedDecimals);
    const tax = untaxed.gt(0) ? untaxed : zero;
    return { usage, tax, total: allOf(soFar).plus(usage).plus(tax) };
  };
  const { usage, tax, total } = at(middle);
  return { usage: usage.toFixed(), tax: tax.toFixed(), total: total.toFixed(), low: at(low).total.toFixed(), high: at(high).total.toFixed() };
}
const expectedDecimals = 6;

/** The days' ranges added up: as if all were dear, or all cheap. */
const givenRest = ({ days }: ForecastAnswer): Rest => ({
  middle: sum(days.map(({ mean }) => Number(mean))),
  low: sum(days.map(({ low }) => Number(low))),
  high: sum(days.map(({ high }) => Number(high))),
});

const spreadDays = 28;

function ownRest(usage: DayCost[], left: string[], trials: ReturnType<typeof trialsOf>): (Rest & { range: "backtest" | "days" }) | null {
  const known = sinceFirstCost(usage);
  // Credits alone: nothing is used, so nothing is expected.
  if (usage.length > 0 && known.length === 0) return { middle: 0, low: 0, high: 0, range: "days" };
  const expected = usualDays(usage, left);
  if (expected === null) return null;
  const middle = sum(expected);
  const error = middle > 0 ? errorAt(trials, Number(left[0]?.slice(8))) : null;
  if (error !== null) return { middle, low: middle * Math.max(0, 1 - error), high: middle * (1 + error), range: "backtest" };
  const lately = known
    .slice(-spreadDays)
    .map(({ amount }) => amount)
    .sort((a, b) => a - b);
  const outside = Math.floor(lately.length / 10);
  const [low = 0, high = 0] = [lately[outside], lately[lately.length - 1 - outside]];
  return { middle, low: Math.min(middle, low * left.length), high: Math.max(middle, high * left.length), range: "days" };
}
