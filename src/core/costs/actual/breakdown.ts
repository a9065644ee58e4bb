/** Amounts as a table: who cost how much, against the time before. The parts always add up to the bill. */
import Big from "big.js";
import { dollarsFirst } from "../currencies.ts";
import type { AmountSink, CostAmount, LineKind } from "./cost-source.ts";
import { lineKinds } from "./cost-source.ts";
import type { Series } from "./series.ts";
import { exact, series } from "./series.ts";

export interface CostRow {
  /** Null: what carries no such mark, shown, never dropped. */
  key: string | null;
  total: string;
  previous: string;
  /** Of the total; null where that isn't positive. */
  share: string | null;
  /** Against the time before; null where that isn't positive: of a credit there is no share. */
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

/** All of it, the time before, and then period by period. */
const [ofAll, ofBefore, firstPeriod] = [0, 1, 2];

interface CurrencySums {
  all: Series;
  byKind: Series;
  byKey: Map<string | null, Series>;
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
  const noSums = (): Series => series(firstPeriod + periods.length);
  const of = ({ currency, key }: CostAmount): CurrencySums & { ofKey: Series } => {
    const sums = currencies.get(currency) ?? { all: noSums(), byKind: series(lineKinds.length), byKey: new Map<string | null, Series>() };
    const ofKey = sums.byKey.get(key) ?? noSums();
    currencies.set(currency, sums);
    sums.byKey.set(key, ofKey);
    return { ...sums, ofKey };
  };
  const clear = (): void => currencies.clear();
  return {
    current: {
      add: (one) => {
        const { all, byKind, ofKey } = of(one);
        const amount = exact(one.amount);
        const index = indexes.get(one.period);
        byKind.add(lineKinds.indexOf(one.kind), amount);
        for (const sums of [all, ofKey]) {
          sums.add(ofAll, amount);
          if (index !== undefined) sums.add(firstPeriod + index, amount);
        }
      },
      clear,
    },
    previous: {
      add: (one) => {
        const { all, ofKey } = of(one);
        for (const sums of [all, ofKey]) sums.add(ofBefore, exact(one.amount));
      },
      clear,
    },
    currencies: () =>
      dollarsFirst(
        [...currencies].map(([currency, sums]) => costsOf(currency, sums)),
        ({ total }) => total,
      ),
  };

  function costsOf(currency: string, { all, byKind, byKey }: CurrencySums): CurrencyCosts {
    if (restShown && !byKey.has(null)) byKey.set(null, noSums());
    const total = new Big(all.at(ofAll));
    const rows = [...byKey]
      .filter(([key, sums]) => (key === null && restShown) || !sums.empty())
      .map(([key, sums]) => ({ key, sums, total: new Big(sums.at(ofAll)) }))
      .sort(dearestFirst);
    return {
      currency,
      total: all.at(ofAll),
      previous: all.at(ofBefore),
      change: changeOf(all),
      byKind: Object.fromEntries(lineKinds.map((kind, at) => [kind, byKind.at(at)])) as Record<LineKind, string>,
      rows: rows.map(({ key, sums, total: ofKey }) => ({
        key,
        total: sums.at(ofAll),
        previous: sums.at(ofBefore),
        share: total.gt(0) ? ofKey.div(total).toFixed(4) : null,
        change: changeOf(sums),
        get series() {
          return periods.map((_, index) => sums.at(firstPeriod + index));
        },
      })),
      series: periods.map((period, index) => ({ period, amount: all.at(firstPeriod + index) })),
    };
  }
}

function changeOf(sums: Series): string | null {
  const [total, previous] = [new Big(sums.at(ofAll)), new Big(sums.at(ofBefore))];
  return previous.gt(0) ? total.minus(previous).div(previous).toFixed(4) : null;
}

interface Row {
  key: string | null;
  total: Big;
}
/** What belongs to nobody comes last, however much it is. */
const dearestFirst = (a: Row, b: Row): number => (a.key === null ? 1 : b.key === null ? -1 : b.total.cmp(a.total) || (a.key < b.key ? -1 : 1));
