/** Amounts as a table: who cost how much, against the time before. The parts always add up to the bill. */
import Big from "big.js";
import type { CostAmount, LineKind } from "./cost-source.ts";

export interface CostRow {
  /** Null: what carries no such mark, shown, never dropped. */
  key: string | null;
  total: string;
  previous: string;
  /** Of the total; null where that isn't positive. */
  share: string | null;
  /** Against the time before; null where that was nothing. */
  change: string | null;
  /** One amount a period. */
  series: string[];
}
/** Currencies are never added to each other. */
export interface CurrencyCosts {
  currency: string;
  total: string;
  previous: string;
  change: string | null;
  byKind: Record<LineKind, string>;
  rows: CostRow[];
  series: { period: string; amount: string }[];
}

interface Sums {
  total: Big;
  previous: Big;
  series: Map<string, Big>;
}
const zero = new Big(0);
const noSums = (): Sums => ({ total: zero, previous: zero, series: new Map() });

function add(sums: Sums, period: string | undefined, amount: Big): void {
  if (period === undefined) {
    sums.previous = sums.previous.plus(amount);
    return;
  }
  sums.total = sums.total.plus(amount);
  sums.series.set(period, (sums.series.get(period) ?? zero).plus(amount));
}

interface CurrencySums {
  all: Sums;
  byKind: Record<LineKind, Big>;
  byKey: Map<string | null, Sums>;
}

/** `restShown`: a row for what has no key, even if that is nothing. */
export function breakdown(
  { current, previous }: { current: CostAmount[]; previous: CostAmount[] },
  periods: readonly string[],
  { restShown }: { restShown: boolean },
): CurrencyCosts[] {
  const currencies = new Map<string, CurrencySums>();
  const note = ({ currency, key, kind, amount }: CostAmount, period: string | undefined): void => {
    const sums = currencies.get(currency) ?? { all: noSums(), byKind: { usage: zero, tax: zero, credit: zero, refund: zero }, byKey: new Map() };
    currencies.set(currency, sums);
    const ofKey = sums.byKey.get(key) ?? noSums();
    sums.byKey.set(key, ofKey);
    const exact = new Big(amount);
    add(sums.all, period, exact);
    add(ofKey, period, exact);
    if (period !== undefined) sums.byKind[kind] = sums.byKind[kind].plus(exact);
  };
  for (const amount of current) note(amount, amount.period);
  for (const amount of previous) note(amount, undefined);
  return [...currencies]
    .map(([currency, { all, byKind, byKey }]): CurrencyCosts => {
      if (restShown && !byKey.has(null)) byKey.set(null, noSums());
      const rows = [...byKey].filter(([key, sums]) => (key === null && restShown) || costsAnything(sums)).sort(dearestFirst);
      const amounts = (sums: Sums): string[] => periods.map((period) => (sums.series.get(period) ?? zero).toFixed());
      return {
        currency,
        total: all.total.toFixed(),
        previous: all.previous.toFixed(),
        change: changeOf(all),
        byKind: { usage: byKind.usage.toFixed(), tax: byKind.tax.toFixed(), credit: byKind.credit.toFixed(), refund: byKind.refund.toFixed() },
        rows: rows.map(([key, sums]) => ({
          key,
          total: sums.total.toFixed(),
          previous: sums.previous.toFixed(),
          share: all.total.gt(0) ? sums.total.div(all.total).toFixed(4) : null,
          change: changeOf(sums),
          series: amounts(sums),
        })),
        series: amounts(all).map((amount, at) => ({ period: periods[at] ?? "", amount })),
      };
    })
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

const changeOf = ({ total, previous }: Sums): string | null => (previous.eq(0) ? null : total.minus(previous).div(previous.abs()).toFixed(4));

const costsAnything = ({ total, previous, series }: Sums): boolean => !total.eq(0) || !previous.eq(0) || [...series.values()].some((amount) => !amount.eq(0));

/** What belongs to nobody comes last, however much it is. */
const dearestFirst = ([a, left]: [string | null, Sums], [b, right]: [string | null, Sums]): number =>
  a === null ? 1 : b === null ? -1 : right.total.cmp(left.total) || (a < b ? -1 : 1);
