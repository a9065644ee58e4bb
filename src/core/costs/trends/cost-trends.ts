/** How costs went: a series of days or months against the time before, what is usual in it, and what stands out. */
import Big from "big.js";
import { isChartctlError } from "../../../errors.ts";
import type { ActualCosts, CostQuestion } from "../actual/actual-costs.ts";
import { actualCosts, totalPrice } from "../actual/actual-costs.ts";
import type { CurrencyCosts } from "../actual/breakdown.ts";
import type { CostAmount, CostQuery, KeptAnswer, KeptCosts, Period } from "../actual/cost-source.ts";
import { addMonths, dayOf, periodsOf } from "../actual/period.ts";
import { byServiceOrProject } from "../actual/what-books-have.ts";
import type { Anomaly } from "./anomalies.ts";
import { anomalies, judgedFrom } from "./anomalies.ts";
import { daySeries } from "./day-series.ts";
import { weekdayPattern } from "./weekdays.ts";

export interface CostTrends extends Omit<ActualCosts, "currencies"> {
  currencies: CurrencyTrend[];
  /** Null: months aren't judged, or AWS doesn't tell the time that they are judged by. */
  anomalies: Anomaly[] | null;
}
export interface CurrencyTrend extends CurrencyCosts {
  /** Of whole days or months; they say nothing of one that isn't over, or that the period cuts. Decimal. */
  mean: string | null;
  highest: { period: string; amount: string } | null;
  lowest: { period: string; amount: string } | null;
  /** What a weekday costs, Monday first, where that differs. */
  weekdays: string[] | null;
}

/** The period and the one before, in the grouping asked for; days also by service and by project, each asked once. */
export async function costTrends(source: KeptCosts, question: CostQuestion, now: Date): Promise<CostTrends> {
  const { period, granularity } = question;
  const earliest = granularity === "day" ? judgedFrom(period.from) : period.from;
  const wide = wideCosts(source, earliest);
  const costs = await actualCosts(wide, question, now);
  const found = granularity === "day" && costs.currencies.length > 0 ? await judged(wide, question) : null;
  const usage = found && daySeries(found.byService ?? found.byProject, periodsOf(period, "day"), ["usage"]);
  return {
    ...costs,
    price: totalPrice(wide.asked),
    kept: wide.asked.every(({ kept }) => kept),
    currencies: costs.currencies.map((one) => {
      const days = periodsOf(period, "day").flatMap((day, at) =>
        day < dayOf(now) ? [{ day, amount: usage?.get(one.currency)?.total[at] ?? new Big(0) }] : [],
      );
      return { ...one, ...usualIn(one, period, now), weekdays: usage ? weekdayPattern(days) : null };
    }),
    anomalies: found && (found.far ? anomalies(found, period) : null),
  };
}

/**
 * Whoever asked by one of the two has that answer already. A report without the tag's column knows no projects, and a hosted API
 * tells not everybody services.
 */
async function judged(wide: WideCosts, { period, ...question }: CostQuestion) {
  const query = { ...question, ...period };
  const { by, answer } = await byServiceOrProject({ costs: wide.whole }, query);
  if (by === "project") return { byService: null, byProject: answer.amounts, far: wide.far() };
  const byProject = await wide
    .whole({ ...query, grouping: { by: "tag", key: "ProjectId" } })
    .then((one) => one.answer.amounts)
    .catch((error: unknown): CostAmount[] => {
      if (isChartctlError(error) && error.code === "cur.no-column") return [];
      throw error;
    });
  return { byService: answer.amounts, byProject, far: wide.far() };
}

interface WideCosts extends KeptCosts {
  /** All that was asked, each once. */
  asked: { answer: KeptAnswer; kept: boolean }[];
  /** With the days before, by which others are judged. */
  whole: KeptCosts["costs"];
  /** False: the source doesn't go back that far. */
  far(): boolean;
}

/** Asks for more days than are shown, so that one request, which is paid, answers for both. */
function wideCosts(source: KeptCosts, earliest: string): WideCosts {
  const asked = new Map<string, { answer: KeptAnswer; kept: boolean }>();
  let far = true;
  const once = async (query: CostQuery): Promise<{ answer: KeptAnswer; kept: boolean }> => {
    const same = JSON.stringify(Object.entries(query).sort());
    const answered = asked.get(same) ?? (await source.costs(query));
    asked.set(same, answered);
    return answered;
  };
  let from = earliest;
  const costs: KeptCosts["costs"] = async (query) => {
    if (!far || query.from <= from) {
      const answered = await once(query);
      if (query.from < from) from = query.from;
      return answered;
    }
    try {
      return await once({ ...query, from });
    } catch (error) {
      if (!isChartctlError(error) || error.code !== "costs.period") throw error;
      far = false;
      return await once(query);
    }
  };
  return {
    get asked() {
      return [...asked.values()];
    },
    far: () => far,
    whole: costs,
    costs: async (query) => {
      const { answer, kept } = await costs(query);
      return { answer: { ...answer, amounts: answer.amounts.filter(({ period }) => period >= query.from.slice(0, period.length)) }, kept };
    },
  };
}

/** A month that the period cuts is none to compare with others. */
function usualIn({ series }: CurrencyCosts, { from, until }: Period, now: Date): Pick<CurrencyTrend, "mean" | "highest" | "lowest"> {
  const isCut = (month: string): boolean => `${month}-01` < from || addMonths(`${month}-01`, 1) > until;
  const whole = series.filter(({ period }) => period < dayOf(now).slice(0, period.length) && !(period.length === 7 && isCut(period)));
  const by = (compare: (a: Big, b: Big) => boolean) =>
    whole.reduce<(typeof whole)[number] | null>((so, one) => (so === null || compare(new Big(one.amount), new Big(so.amount)) ? one : so), null);
  const sum = whole.reduce((so, { amount }) => so.plus(amount), new Big(0));
  return {
    mean: whole.length === 0 ? null : sum.div(whole.length).round(10).toFixed(),
    highest: by((a, b) => a.gt(b)),
    lowest: by((a, b) => a.lt(b)),
  };
}
