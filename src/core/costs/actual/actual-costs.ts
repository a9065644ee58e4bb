/**
 * What it did cost: the period and the one before, grouped, in exact decimals. Asks the source once where the two follow each
 * other, because Cost Explorer is paid by the request.
 */
import Big from "big.js";
import { isChartctlError } from "../../../errors.ts";
import { addedPrices } from "./added-prices.ts";
import type { CurrencyCosts } from "./breakdown.ts";
import { costSums } from "./breakdown.ts";
import { collectedAmounts } from "./collect.ts";
import type { AmountSink, AnswerPrice, BooksHead, CostQuery, Granularity, Grouping, KeptCosts, KeptHead, Metric, Period } from "./cost-source.ts";
import { addDays, dayOf, openFrom, periodBefore, periodsOf } from "./period.ts";

export interface ActualCosts {
  from: string;
  /** The last day. */
  to: string;
  /** Null: the source doesn't go back that far. */
  previous: { from: string; to: string } | null;
  granularity: Granularity;
  grouping: Grouping;
  metric: Metric;
  /** Only what carries these was counted. */
  tags: Record<string, string>;
  source: "ce" | "cur";
  askedAt: string;
  /** True: nothing was asked, and nothing paid; the answer is as old as `askedAt`. */
  kept: boolean;
  /** Null: asked from here. Otherwise the platform asked; what it never read may also be of the time before. */
  books: BooksHead | null;
  price: AnswerPrice;
  /** From this period on the figures may still change. */
  openFrom: string | null;
  currencies: CurrencyCosts[];
  /** Costs are there, and none of them carries the tag that they are grouped by. */
  tagUnseen: boolean;
}

export type CostQuestion = Pick<CostQuery, "granularity" | "grouping" | "metric" | "tags"> & { period: Period };

export async function actualCosts(source: KeptCosts, { period, ...question }: CostQuestion, now: Date): Promise<ActualCosts> {
  const { granularity, grouping, metric, tags } = question;
  const before = periodBefore(period, granularity);
  const periods = periodsOf(period, granularity);
  const sums = costSums(periods, { restShown: grouping.by === "tag" });
  const first = granularity === "month" ? period.from.slice(0, 7) : period.from;
  let [costly, marked] = [false, false];
  const sink: AmountSink = {
    add: (amount) => {
      costly ||= /[1-9]/.test(amount.amount);
      marked ||= amount.key !== null;
      (amount.period >= first ? sums.current : sums.previous).add(amount);
    },
    clear: () => {
      [costly, marked] = [false, false];
      sums.current.clear();
    },
  };
  const ask = async (...parts: Period[]): Promise<Answered[]> => {
    const [only, second] = parts;
    if (only && !second) return [await answerOf(source, { ...question, ...only }, sink)];
    const answered: Answered[] = [];
    for (const part of parts) {
      const amounts = collectedAmounts(); // what one of them clears is not the other's
      answered.push(await answerOf(source, { ...question, ...part }, amounts));
      for (const amount of amounts.amounts()) sink.add(amount);
    }
    return answered;
  };
  let compared = true;
  const both = before.until === period.from ? [{ from: before.from, until: period.until }] : [before, period];
  const answers = await ask(...both).catch(async (error: unknown) => {
    if (!isChartctlError(error) || error.code !== "costs.period") throw error;
    compared = false;
    sink.clear();
    return await ask(period);
  });
  const { answer } = answers.at(-1) as Answered;
  // An estimate of the time before doesn't open what was asked before its beginning.
  const [open = null] = [openFrom(period, granularity, now), answer.estimatedFrom].filter((at): at is string => at !== null).sort();
  return {
    from: period.from,
    to: addDays(period.until, -1),
    previous: compared ? { from: before.from, to: addDays(before.until, -1) } : null,
    granularity,
    grouping,
    metric,
    tags,
    source: answer.source,
    askedAt: answers.map((one) => one.answer.askedAt).sort()[0] ?? answer.askedAt,
    kept: answers.every(({ kept }) => kept),
    books: answer.books ? { ...answer.books, unread: answers.flatMap((one) => one.answer.books?.unread ?? []) } : null,
    price: totalPrice(answers),
    openFrom: open !== null && open < first ? first : open,
    currencies: answer.books?.own ? sums.currencies().map(withoutRest) : sums.currencies(),
    tagUnseen: grouping.by === "tag" && costly && !marked,
  };
}

/** One's own projects are all that there is: nothing is left over. */
const withoutRest = (costs: CurrencyCosts): CurrencyCosts => ({ ...costs, rows: costs.rows.filter(({ key }) => key !== null) });

interface Answered {
  answer: KeptHead;
  kept: boolean;
}

async function answerOf(source: KeptCosts, query: CostQuery, sink: AmountSink): Promise<Answered> {
  if (source.read) return await source.read(query, sink);
  const { answer, kept } = await source.costs(query);
  for (const amount of answer.amounts) sink.add(amount);
  return { answer, kept };
}

/** What was paid for this call; what was kept cost nothing now. */
export function totalPrice(answers: readonly { answer: { price: AnswerPrice }; kept: boolean }[]): AnswerPrice {
  return addedPrices(answers.filter(({ kept }) => !kept).map(({ answer }) => answer.price));
}

export interface QuotaUse {
  userId: string;
  limitCents: number;
  estimatedCents: number;
  /** This month so far, as AWS billed it; decimal dollars. */
  spentDollars: string;
  leftDollars: string;
  /** Billed to them in other currencies, which the limit doesn't count. */
  otherCurrencies: { currency: string; amount: string }[];
  /** Costs are there, and none of them says whose it is. */
  tagUnseen: boolean;
  /** Whose it is follows from the projects that the platform has booked, and from no tag. */
  booked: boolean;
  /** What this was paid, besides. */
  price: AnswerPrice;
}

/** The month so far, of one user: what AWS billed in dollars. Other currencies are no part of a limit in dollars. */
export async function quotaUse(
  source: KeptCosts,
  { userId, limitCents, estimatedCents, tags }: Pick<QuotaUse, "userId" | "limitCents" | "estimatedCents"> & { tags: Record<string, string> },
  now: Date,
): Promise<QuotaUse> {
  const today = dayOf(now);
  const month = { from: `${today.slice(0, 7)}-01`, until: addDays(today, 1) };
  const spent = new Map<string, Big>();
  let [costly, marked] = [false, false];
  const sink: AmountSink = {
    add: ({ key, currency, amount }) => {
      costly ||= /[1-9]/.test(amount);
      marked ||= key !== null;
      if (key === userId) spent.set(currency, (spent.get(currency) ?? new Big(0)).plus(amount));
    },
    clear: () => {
      spent.clear();
      [costly, marked] = [false, false];
    },
  };
  const asked = await answerOf(source, { ...month, granularity: "month", grouping: { by: "tag", key: "UserId" }, metric: "unblended", tags }, sink);
  const dollars = spent.get("USD") ?? new Big(0);
  spent.delete("USD");
  return {
    userId,
    limitCents,
    estimatedCents,
    spentDollars: dollars.toFixed(),
    leftDollars: new Big(limitCents).div(100).minus(dollars).toFixed(),
    otherCurrencies: [...spent].filter(([, sum]) => !sum.eq(0)).map(([currency, sum]) => ({ currency, amount: sum.toFixed() })),
    tagUnseen: costly && !marked,
    booked: asked.answer.books !== undefined,
    price: totalPrice([asked]),
  };
}
