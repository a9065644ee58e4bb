/** What this month will come to: asks for the history once, for Cost Explorer's own forecast where it may, and decides. */
import { ChartctlError, isChartctlError } from "../../../errors.ts";
import type { ActualCosts } from "../actual/actual-costs.ts";
import { totalPrice } from "../actual/actual-costs.ts";
import type { AnswerPrice, CostQuery, KeptCosts } from "../actual/cost-source.ts";
import { addDays, addMonths, dayOf, firstOfMonth, openFrom } from "../actual/period.ts";
import { byServiceOrProject, firstWholeMonth } from "../actual/what-books-have.ts";
import { rangeLevel } from "./backtest.ts";
import type { KeptForecast, KeptForecasts } from "./forecast-source.ts";
import type { CurrencyForecast } from "./month-forecast.ts";
import { monthForecast } from "./month-forecast.ts";

export const forecastMethods = ["auto", "ce", "own"] as const;
export type ForecastMethod = (typeof forecastMethods)[number];

export interface CostForecast {
  /** `2026-11`. */
  month: string;
  /** The days that were looked back on. */
  from: string;
  to: string;
  /** The first day that is expected, rather than billed. */
  today: string;
  lastDay: string;
  metric: CostQuery["metric"];
  tags: Record<string, string>;
  /** How often, in percent, the month is expected within the range. */
  level: number;
  currencies: CurrencyForecast[];
  /** Why Cost Explorer's own forecast doesn't count, where it was to. */
  withoutExplorer: string | null;
  source: "ce" | "cur";
  askedAt: string;
  kept: boolean;
  books: ActualCosts["books"];
  price: AnswerPrice;
  openFrom: string | null;
}

export type ForecastQuestion = Pick<CostQuery, "metric" | "tags"> & { method: ForecastMethod };

/** Cost Explorer has the month so far and thirteen before it. */
const historyMonths = 12;

/** Error `costs.no-forecast` where only Cost Explorer's was wanted; those of the source. */
export async function costForecast(source: KeptCosts & Partial<KeptForecasts>, { metric, tags, method }: ForecastQuestion, now: Date): Promise<CostForecast> {
  const today = dayOf(now);
  const month = firstOfMonth(today);
  const earliest = addMonths(month, -historyMonths);
  const ask = async (from: string) => ({ from, ...(await byServiceOrProject(source, { from, until: today, granularity: "day", metric, tags })) });
  const { from, ...asked } = await ask(earliest).catch(async (error: unknown) => {
    const first = firstWholeMonth(error);
    if (first === undefined || first > month) throw error;
    return await ask(first);
  });
  const { answer } = asked;
  const rest = { from: today, until: addMonths(month, 1), metric, tags };
  const foreign = method === "own" || answer.amounts.length === 0 ? { given: null, why: null } : await explorers(source, rest, method);
  const answers = [asked, ...(foreign.given ? [foreign.given] : [])];
  return {
    month: month.slice(0, 7),
    from,
    to: addDays(today, -1),
    today,
    lastDay: addDays(addMonths(month, 1), -1),
    metric,
    tags,
    level: rangeLevel,
    currencies: monthForecast(answer.amounts, { from, today }, foreign.given?.answer ?? null),
    withoutExplorer: foreign.why,
    source: answer.source,
    askedAt: answers.map((one) => one.answer.askedAt).sort()[0] ?? answer.askedAt,
    kept: answers.every(({ kept }) => kept),
    price: totalPrice(answers),
    books: answer.books ?? null,
    openFrom: openFrom({ from, until: today }, "day", now),
  };
}

type Given = { given: { answer: KeptForecast; kept: boolean } | null; why: string | null };

/** Whatever keeps AWS from it, there is the own method; unless somebody wants AWS's alone. */
async function explorers(source: Partial<KeptForecasts>, query: Parameters<KeptForecasts["forecast"]>[0], method: ForecastMethod): Promise<Given> {
  if (!source.forecast) {
    if (method === "ce") throw noPort();
    return { given: null, why: null };
  }
  try {
    return { given: await source.forecast(query), why: null };
  } catch (error) {
    if (method === "ce" || !isChartctlError(error, "external", "auth")) throw error;
    return { given: null, why: error.message };
  }
}

const noPort = (): ChartctlError =>
  new ChartctlError({
    kind: "refused",
    code: "costs.no-forecast",
    message: "Cost Explorer's own forecast can't be asked from here",
    hint: "take chartctl's own: chartctl costs forecast --method own",
  });
