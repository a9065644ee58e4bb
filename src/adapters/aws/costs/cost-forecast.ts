/** Cost Explorer's own forecast: one request, which is paid. */
import type { Expression, ForecastResult } from "@aws-sdk/client-cost-explorer";
import { type CostExplorerClient, GetCostForecastCommand } from "@aws-sdk/client-cost-explorer";
import type { Metric } from "../../../core/costs/actual/cost-source.ts";
import { periodsOf } from "../../../core/costs/actual/period.ts";
import type { ForecastAnswer, ForecastQuery, ForecastSource } from "../../../core/costs/forecast/forecast-source.ts";
import { ChartctlError, messageOf } from "../../../errors.ts";
import { costExplorerError, decimalOf, filterOf, requestsPrice } from "./cost-explorer.ts";
import { paidRequests } from "./stoppable.ts";

/** The one that Cost Explorer itself shows (user guide, "Forecasting with Cost Explorer"). */
const level = 80;

export const costForecastSource = (client: () => Promise<Pick<CostExplorerClient, "send">>, interrupted: AbortSignal): ForecastSource => ({
  forecast: async (query) => {
    const explorer = await client();
    const command = new GetCostForecastCommand(request(query));
    const { Total, ForecastResultsByTime = [] } = await paidRequests(interrupted)
      .send((options) => explorer.send(command, options))
      .catch((error: unknown) => {
        throw forecastError(error);
      });
    return { currency: Total?.Unit ?? "USD", days: daysOf(ForecastResultsByTime, query), level, price: requestsPrice(1) };
  },
});

/** By day: whether a month's forecast holds what is billed of it already, AWS doesn't document. */
const request = ({ from, until, metric, tags }: ForecastQuery) => ({
  TimePeriod: { Start: from, End: until },
  Granularity: "DAILY" as const,
  Metric: metricNames[metric],
  PredictionIntervalLevel: level,
  Filter: filterOf(tags, usageAlone),
});

const metricNames = {
  unblended: "UNBLENDED_COST",
  amortized: "AMORTIZED_COST",
  "net-unblended": "NET_UNBLENDED_COST",
  "net-amortized": "NET_AMORTIZED_COST",
  blended: "BLENDED_COST",
} as const satisfies Record<Metric, string>;

const usageAlone: Expression = { Not: { Dimensions: { Key: "RECORD_TYPE", Values: ["Tax", "Credit", "Refund"], MatchOptions: ["EQUALS"] } } };

/** A day that is left out would be taken for one without cost. */
function daysOf(results: ForecastResult[], query: ForecastQuery): ForecastAnswer["days"] {
  const given = new Map(results.map((result) => [result.TimePeriod?.Start?.slice(0, 10), result]));
  return periodsOf(query, "day").map((day) => {
    const { MeanValue, PredictionIntervalLowerBound: low, PredictionIntervalUpperBound: high } = given.get(day) ?? {};
    if (MeanValue === undefined || low === undefined || high === undefined) throw noForecast(`Cost Explorer's forecast has no range of ${day}`);
    return { day, mean: decimalOf(MeanValue), low: decimalOf(low), high: decimalOf(high) };
  });
}

function forecastError(error: unknown): ChartctlError {
  const { name = "" } = error as { name?: string };
  if (name === "DataUnavailableException") return noForecast("Cost Explorer makes no forecast of this: it has too little history", error);
  if (name === "ValidationException") return noForecast(`Cost Explorer makes no forecast of this: ${messageOf(error)}`, error);
  return costExplorerError(error, "ce:GetCostForecast");
}

const noForecast = (message: string, cause?: unknown): ChartctlError =>
  new ChartctlError({ kind: "external", code: "costs.no-forecast", message, hint: "take chartctl's own: chartctl costs forecast --method own", cause });
