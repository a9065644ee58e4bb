/** What AWS billed, wherever it is read: Cost Explorer, or a Cost and Usage Report. */

export const granularities = ["hour", "day", "month"] as const;
export type Granularity = (typeof granularities)[number];

/** Cost Explorer's words, in the guide "Understanding your costs": what is paid when, and after which discounts. */
export const metrics = ["unblended", "amortized", "net-unblended", "net-amortized", "blended"] as const;
export type Metric = (typeof metrics)[number];

/**
 * `usage`: by service, and within it by what was used and how much of it. What isn't use (taxes, credits, refunds, fees, discounts)
 * stays its service's. `tag-usage`: by a tag, and within it by what was used, and nothing of what isn't use.
 */
export type Grouping = { by: "service" | "usage-type" | "region" | "usage" } | { by: "tag" | "tag-usage"; key: string };

/** CUR's line item types, and Cost Explorer's record types, whose usage amount is what was used, once. */
export const usedLineTypes = ["Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"] as const;

/** Days in UTC, as AWS bills them; `until` is the first one that is left out. */
export interface Period {
  from: string;
  until: string;
}

export interface CostQuery extends Period {
  granularity: Granularity;
  grouping: Grouping;
  metric: Metric;
  /** Only what carries all of these. */
  tags: Record<string, string>;
}

/** What a line of the bill is: credits and refunds are negative. */
export const lineKinds = ["usage", "tax", "credit", "refund"] as const;
export type LineKind = (typeof lineKinds)[number];

export interface CostAmount {
  /** `2026-11`, `2026-11-20` or `2026-11-20T05`, by the granularity. */
  period: string;
  /** Null: nothing says what it belongs to. */
  key: string | null;
  kind: LineKind;
  currency: string;
  /** Decimal, exact. */
  amount: string;
  /** Only when grouped by `usage` or `tag-usage`: AWS's usage type, and how much of it, in the unit of its price. */
  used?: Used | undefined;
}

export interface Used {
  type: string;
  quantity: string;
  /** Only when grouped by `tag-usage`: one of `sharedTypeServices`, or null for any other. */
  service?: string | null | undefined;
}

/** What is said of the amounts. */
export interface AnswerHead {
  source: "ce" | "cur";
  /** The first period whose figures AWS calls an estimate; null when it calls none so. */
  estimatedFrom: string | null;
  /** What the answer itself cost. */
  price: AnswerPrice;
}
export interface AnswerPrice {
  requests: number;
  /** Decimal. */
  dollars: string;
  bytesScanned: number;
  /** Athena had the result of the same query, and gave it again. */
  reused: boolean;
}

/** Takes amounts as they come, because all of them at once may be more than memory holds. */
export interface AmountSink {
  add(amount: CostAmount): void;
  /** What came so far is no part of the answer. */
  clear(): void;
}

export interface CostSource {
  /** One period, key and kind may come in several amounts. Errors: `costs.*`, `cur.*` (a paid one with its `price` in details), `aws.*`. */
  read(query: CostQuery, sink: AmountSink): Promise<AnswerHead>;
}

/** A report has the months since it was made. */
export interface MonthedSource extends CostSource {
  /** Which of these it has lines of, whoever's they are. */
  months(asked: readonly string[]): Promise<{ known: string[]; price: AnswerPrice }>;
}

/** What is said of an answer that is as old as `askedAt` says. */
export interface KeptHead extends AnswerHead {
  askedAt: string;
  /** The platform asked, and keeps it in its books. */
  books?: BooksHead;
}
export interface BooksHead {
  /** Of the bill, the caller's projects alone. */
  own: boolean;
  /** Days whose bill the platform never read, in the midst of others: nothing is counted of them. */
  unread: string[];
}
export interface KeptAnswer extends KeptHead {
  amounts: CostAmount[];
}
export interface KeptCosts {
  costs(query: CostQuery): Promise<{ answer: KeptAnswer; kept: boolean }>;
  /** The same, however large; who has no such way gives the whole answer. */
  read?(query: CostQuery, sink: AmountSink): Promise<{ answer: KeptHead; kept: boolean }>;
  /** No more is asked: its connections are ended. */
  close?(): Promise<void>;
}
