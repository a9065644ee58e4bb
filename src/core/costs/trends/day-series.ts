/** Amounts as one value a day: of everything, and of each group. Currencies are never added to each other. */
import Big from "big.js";
import type { CostAmount, LineKind } from "../actual/cost-source.ts";

export interface DaySeries {
  total: Big[];
  byKey: Map<string | null, Big[]>;
}
const zero = new Big(0);

/** One entry a day of `days`, also where nothing is billed; by currency. */
export function daySeries(amounts: CostAmount[], days: readonly string[], kinds: readonly LineKind[]): Map<string, DaySeries> {
  const at = new Map(days.map((day, index) => [day, index]));
  const none = (): Big[] => days.map(() => zero);
  const currencies = new Map<string, DaySeries>();
  for (const { period, key, kind, currency, amount } of amounts) {
    const index = at.get(period);
    if (index === undefined || !kinds.includes(kind)) continue;
    const series = currencies.get(currency) ?? { total: none(), byKey: new Map<string | null, Big[]>() };
    currencies.set(currency, series);
    const ofKey = series.byKey.get(key) ?? none();
    series.byKey.set(key, ofKey);
    const exact = new Big(amount);
    for (const values of [series.total, ofKey]) values[index] = (values[index] ?? zero).plus(exact);
  }
  return currencies;
}

/** Monday is 0; the first day of Unix time was a Thursday. */
export const weekdayOf = (day: string): number => (Date.parse(day) / 86_400_000 + 3) % 7;

/** Of an even number, the middle between the two in the middle. Nothing has none: 0. */
export function median(values: readonly Big[]): Big {
  const sorted = [...values].sort((a, b) => a.cmp(b));
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? zero;
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? zero).plus(upper).div(2);
}
