/** Amounts as a table: who cost how much, against the time before. The parts always add up to the bill. */
import Big from "big.js";
import type { AmountSink, CostAmount, LineKind } from "./cost-source.ts";
import type { Series } from "./series.ts";
import { series } from "./series.ts";

export interface CostRow {
  /** Null: what carries no such mark, shown, never dropped. */
  key: string | null;
  total: string;
  previous: string;
  /** Of the total; null where that isn't positive. */
  share: string | null;
  /** Against the time before; null where that was nothing. */
  change: string | null;
  /** One amount a period; made when it is looked at, because most are not. */
  readonly series: string[];
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
  series: Series;
}
const zero = new Big(0);

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
  const sums = costSums(periods, { restShown });
  for (const amount of current) sums.current.add(amount);
  for (const amount of previous) sums.previous.add(amount);
  return sums.currencies();
}

export interface CostSums {
  current: AmountSink;
  /** Of the time before: nothing but their sums is kept. */
  previous: AmountSink;
  currencies(): CurrencyCosts[];
}

/** Sums while amounts come: what it holds grows with keys and periods, not with amounts. */
export function costSums(periods: readonly string[], { restShown }: { restShown: boolean }): CostSums {
  const indexes = new Map(periods.map((period, index) => [period, index]));
  const currencies = new Map<string, CurrencySums>();
  const noSums = (): Sums => ({ total: zero, previous: zero, series: series(periods.length) });
  const of = ({ currency, key }: CostAmount): [CurrencySums, Sums] => {
    const sums = currencies.get(currency) ?? { all: noSums(), byKind: { usage: zero, tax: zero, credit: zero, refund: zero }, byKey: new Map() };
    const ofKey = sums.byKey.get(key) ?? noSums();
    currencies.set(currency, sums);
    sums.byKey.set(key, ofKey);
    return [sums, ofKey];
  };
  const clear = (): void => currencies.clear();
  return {
    current: {
      add: (one) => {
        const [sums, ofKey] = of(one);
        const exact = new Big(one.amount);
        const index = indexes.get(one.period);
        sums.byKind[one.kind] = sums.byKind[one.kind].plus(exact);
        for (const each of [sums.all, ofKey]) {
          each.total = each.total.plus(exact);
          if (index !== undefined) each.series.add(index, one.amount);
        }
      },
      clear,
    },
    previous: {
      add: (one) => {
        const [sums, ofKey] = of(one);
        const exact = new Big(one.amount);
        for (const each of [sums.all, ofKey]) each.previous = each.previous.plus(exact);
      },
      clear,
    },
    currencies: () => [...currencies].map(([currency, sums]) => costsOf(currency, sums)).sort((a, b) => (a.currency < b.currency ? -1 : 1)),
  };

  function costsOf(currency: string, { all, byKind, byKey }: CurrencySums): CurrencyCosts {
    if (restShown && !byKey.has(null)) byKey.set(null, noSums());
    const rows = [...byKey].filter(([key, sums]) => (key === null && restShown) || costsAnything(sums)).sort(dearestFirst);
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
        get series() {
          return periods.map((_, index) => sums.series.at(index));
        },
      })),
      series: periods.map((period, index) => ({ period, amount: all.series.at(index) })),
    };
  }
}

const changeOf = ({ total, previous }: Sums): string | null => (previous.eq(0) ? null : total.minus(previous).div(previous.abs()).toFixed(4));

const costsAnything = ({ total, previous, series }: Sums): boolean => !total.eq(0) || !previous.eq(0) || !series.empty();

/** What belongs to nobody comes last, however much it is. */
const dearestFirst = ([a, left]: [string | null, Sums], [b, right]: [string | null, Sums]): number =>
  a === null ? 1 : b === null ? -1 : right.total.cmp(left.total) || (a < b ? -1 : 1);
