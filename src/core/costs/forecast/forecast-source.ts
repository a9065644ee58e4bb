/** A forecast that somebody else makes: Cost Explorer's own. */
import type { AnswerPrice, Metric, Period } from "../actual/cost-source.ts";

export interface ForecastQuery extends Period {
  metric: Metric;
  /** Only what carries all of these. */
  tags: Record<string, string>;
}

/** Of usage alone, whole days: taxes, credits and refunds are left out. */
export interface ForecastAnswer {
  currency: string;
  /** Every day of the period, in order; decimals. */
  days: { day: string; mean: string; low: string; high: string }[];
  /** How often, in percent, a day is expected between low and high. */
  level: number;
  price: AnswerPrice;
}

export interface ForecastSource {
  /** Errors: `costs.no-forecast` (AWS makes none of this), `aws.*`. */
  forecast(query: ForecastQuery): Promise<ForecastAnswer>;
}

/** An answer, as old as `askedAt` says. */
export type KeptForecast = ForecastAnswer & { askedAt: string };
export interface KeptForecasts {
  forecast(query: ForecastQuery): Promise<{ answer: KeptForecast; kept: boolean }>;
}
