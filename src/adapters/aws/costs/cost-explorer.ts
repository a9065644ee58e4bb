/** Cost Explorer: one request a page, and each page is paid. */
import type { Expression, GetCostAndUsageCommandInput, GroupDefinition, MetricValue, ResultByTime } from "@aws-sdk/client-cost-explorer";
import { type CostExplorerClient, GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import Big from "big.js";
import type { AnswerPrice, CostAmount, CostQuery, CostSource, Granularity, Grouping, LineKind, Metric } from "../../../core/costs/actual/cost-source.ts";
import { usedLineTypes } from "../../../core/costs/actual/cost-source.ts";
import { dayMilliseconds, dayOf } from "../../../core/costs/actual/period.ts";
import { serviceName } from "../../../core/costs/actual/service-names.ts";
import { sharedTypeServices } from "../../../core/costs/prices/items.ts";
import { ChartctlError, isChartctlError, messageOf } from "../../../errors.ts";
import { awsError, ofQuestion } from "../errors.ts";
import type { PaidRequests } from "./stoppable.ts";
import { dollarsOf, paidRequests } from "./stoppable.ts";

export const costExplorerSource = (
  client: () => Promise<Pick<CostExplorerClient, "send">>,
  { interrupted, now }: { interrupted: AbortSignal; now(): Date },
): CostSource => ({
  read: async (query, sink) => {
    refuseOldHours(query, now());
    const explorer = await client();
    let estimatedFrom: string | null = null;
    const requests = paidRequests(interrupted);
    for (const part of partsOf(query)) {
      for await (const results of costPages(explorer, request(query, part), requests)) {
        for (const result of results) {
          const period = periodOf(result, query.granularity);
          if (result.Estimated && (estimatedFrom === null || period < estimatedFrom)) estimatedFrom = period;
          for (const amount of amountsOf(result, period, query, part)) sink.add(amount);
        }
      }
    }
    return { source: "ce", estimatedFrom, price: requestsPrice(requests.sent) };
  },
});

/** Cost Explorer's own words: "Start date is more than 14 days ago for hourly granularity". Nothing is paid to hear them. */
function refuseOldHours({ granularity, from }: CostQuery, now: Date): void {
  const first = firstDayWithHours(now);
  if (granularity !== "hour" || from >= first) return;
  throw new ChartctlError({
    kind: "usage",
    code: "costs.period",
    message: `Cost Explorer has hours of the last ${daysWithHours} days alone, and ${from} begins before that`,
    hint: `ask for hours from then on: --from ${first}, for days: --granularity day, or a Cost and Usage Report: --source cur`,
  });
}

/** The first that isn't more than so many days ago with its first hour. */
const firstDayWithHours = (now: Date): string => dayOf(new Date(now.getTime() - daysWithHours * dayMilliseconds + dayMilliseconds - 1));
const daysWithHours = 14;

export const requestsPrice = (requests: number): AnswerPrice => ({
  requests,
  dollars: dollarsOf(requests),
  bytesScanned: 0,
  reused: false,
});

/** Each page is a request. Errors: `costs.*`, `aws.*`, `interrupted`. */
export async function* costPages(
  explorer: Pick<CostExplorerClient, "send">,
  asked: GetCostAndUsageCommandInput,
  requests: PaidRequests,
): AsyncGenerator<ResultByTime[]> {
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    const command = new GetCostAndUsageCommand({ ...asked, NextPageToken: token });
    const page = await requests
      .send((options) => explorer.send(command, options))
      .catch((error: unknown) => {
        throw costExplorerError(error);
      });
    if (!page.ResultsByTime) throw notItsFormat("it has no results");
    yield page.ResultsByTime;
    token = page.NextPageToken || undefined;
    if (token !== undefined && seen.has(token)) throw circle();
    if (token !== undefined) seen.add(token);
  } while (token !== undefined);
}

/**
 * Cost Explorer groups by two things at most: what was used is one question, and by which kind of line the rest of the bill came another.
 * By a tag and what was used, the service is no third: each whose usage types need it is a question, and all others are one.
 */
interface Part {
  lines: "whole" | "used" | "rest";
  service?: string | null;
}
function partsOf({ grouping }: CostQuery): Part[] {
  if (grouping.by === "usage") return [{ lines: "used" }, { lines: "rest" }];
  if (grouping.by === "tag-usage") return [...sharedTypeServices, null].map((service) => ({ lines: "used", service }));
  return [{ lines: "whole" }];
}

/** What kind of line it is comes in the same request, unless another group is asked for: credits and refunds are told apart without a second one. */
export const request = (
  { from, until, granularity, grouping, metric, tags }: CostQuery,
  part: Part,
  within: GroupDefinition = { Type: "DIMENSION", Key: part.lines === "used" ? "USAGE_TYPE" : "RECORD_TYPE" },
) => ({
  TimePeriod: granularity === "hour" ? { Start: `${from}T00:00:00Z`, End: `${until}T00:00:00Z` } : { Start: from, End: until },
  Granularity: ({ hour: "HOURLY", day: "DAILY", month: "MONTHLY" } as const)[granularity],
  Metrics: [metricNames[metric], ...(part.lines === "used" ? ["UsageQuantity"] : [])],
  GroupBy: [groupOf(grouping), within],
  ...(Object.keys(tags).length === 0 && part.lines === "whole" ? {} : { Filter: filterOf(tags, ...filtersOf(part)) }),
});

const metricNames: Record<Metric, string> = {
  unblended: "UnblendedCost",
  amortized: "AmortizedCost",
  "net-unblended": "NetUnblendedCost",
  "net-amortized": "NetAmortizedCost",
  blended: "BlendedCost",
};

const groupOf = (grouping: Grouping): GroupDefinition =>
  "key" in grouping
    ? { Type: "TAG", Key: grouping.key }
    : { Type: "DIMENSION", Key: ({ service: "SERVICE", usage: "SERVICE", "usage-type": "USAGE_TYPE", region: "REGION" } as const)[grouping.by] };

/** All of these, of which there is one at least. */
export function filterOf(tags: Record<string, string>, ...more: Expression[]): Expression {
  const each = [...Object.entries(tags).map(([Key, value]): Expression => ({ Tags: { Key, Values: [value], MatchOptions: ["EQUALS"] } })), ...more];
  return each.length === 1 ? (each[0] as Expression) : { And: each };
}

const isOneOf = (Key: "RECORD_TYPE" | "SERVICE", values: readonly string[]): Expression => ({
  Dimensions: { Key, Values: [...values], MatchOptions: ["EQUALS"] },
});
const used = isOneOf("RECORD_TYPE", usedLineTypes);
const filtersOf = ({ lines, service }: Part): Expression[] => [
  ...(lines === "whole" ? [] : [lines === "used" ? used : { Not: used }]),
  ...(service === undefined ? [] : [service === null ? { Not: isOneOf("SERVICE", sharedTypeServices) } : isOneOf("SERVICE", [service])]),
];

const periodOf = (result: ResultByTime, granularity: Granularity): string => startOf(result).slice(0, ({ hour: 13, day: 10, month: 7 } as const)[granularity]);

const amountsOf = ({ Groups = [] }: ResultByTime, period: string, { grouping, metric }: CostQuery, part: Part): CostAmount[] =>
  Groups.map(({ Keys = [], Metrics = {} }) => {
    const { amount, currency } = moneyOf(Metrics, metric);
    const kind = part.lines === "used" ? "usage" : kindOf(Keys[1] ?? "");
    const quantity = decimalOf(Metrics.UsageQuantity?.Amount ?? "0");
    const used = part.lines === "used" && Keys[1] ? { type: Keys[1], quantity, ...(part.service === undefined ? {} : { service: part.service }) } : undefined;
    return { period, key: keyOf(Keys[0] ?? "", grouping, kind), kind, currency, amount, ...(used ? { used } : {}) };
  }).filter(({ amount, currency }) => amount !== "0" || /^[A-Z]{3}$/.test(currency)); // nothing at all has the unit "N/A"

/** Of a result: what has none would be counted in no period. Error `costs.answer` (external). */
export function startOf({ TimePeriod }: ResultByTime): string {
  if (/^\d{4}-\d\d-\d\d/.test(TimePeriod?.Start ?? "")) return TimePeriod?.Start as string;
  throw notItsFormat("a result has no beginning");
}

/** Of a group: an amount that is left out is no zero. Error `costs.answer` (external). */
export function moneyOf(metrics: Record<string, MetricValue>, metric: Metric): { amount: string; currency: string } {
  const { Amount, Unit } = metrics[metricNames[metric]] ?? {};
  if (Amount === undefined || Unit === undefined) throw notItsFormat(`a group has no ${metricNames[metric]}`);
  return { amount: decimalOf(Amount), currency: Unit };
}

/** Error `costs.answer` (external). */
export function decimalOf(text: string): string {
  try {
    return new Big(text).toFixed();
  } catch {
    throw notItsFormat(`${JSON.stringify(text.slice(0, 40))} is no amount`);
  }
}

function keyOf(given: string, grouping: Grouping, kind: LineKind): string | null {
  // `ProjectId$sales`; without the tag `ProjectId$`.
  if ("key" in grouping) return given.slice(grouping.key.length + 1) || null;
  if (/^(|No ?(Region|Service|UsageType|Usage Type))$/i.test(given)) return null;
  return grouping.by === "service" || grouping.by === "usage" ? serviceName(given, kind) : given;
}

const kindOf = (recordType: string): LineKind =>
  recordType === "Credit" ? "credit" : recordType === "Refund" ? "refund" : recordType === "Tax" ? "tax" : "usage";

export function costExplorerError(error: unknown, action = "ce:GetCostAndUsage"): ChartctlError {
  if (isChartctlError(error)) return error;
  const { name = "" } = error as { name?: string };
  const message = messageOf(error);
  const fail = (kind: "auth" | "external" | "usage", code: string, text: string, hint: string): ChartctlError =>
    new ChartctlError({ kind, code, message: text, hint, cause: error });
  if (/not enabled for cost explorer|cost explorer (is )?not enabled|enable cost explorer/i.test(message))
    return fail(
      "external",
      "costs.explorer-not-enabled",
      "Cost Explorer is not enabled in this AWS account",
      "open it once as the account's owner, in Billing and Cost Management; AWS has data a day later. With a Cost and Usage Report: chartctl costs --source cur",
    );
  if (name === "DataUnavailableException")
    return fail(
      "external",
      "costs.no-data-yet",
      "Cost Explorer has no data of this account yet: AWS prepares it in the first 24 hours",
      "ask again tomorrow: chartctl costs",
    );
  if (name === "ValidationException" && /hour/i.test(message) && !/\b14 days\b/i.test(message))
    return fail(
      "usage",
      "costs.no-hours",
      `Cost Explorer has no hours of this account: ${message}`,
      "turn them on in Cost Explorer's settings (AWS bills for them), or ask for days: --granularity day",
    );
  if (name === "ValidationException" && /(start|historical|beyond|past|months)/i.test(message))
    return fail(
      "usage",
      "costs.period",
      `Cost Explorer doesn't go back that far: ${message}`,
      "ask for a later time, or a Cost and Usage Report: --source cur",
    );
  if (name === "InvalidNextTokenException" || name === "RequestChangedException" || /page token|pagination token/i.test(message))
    return fail("external", "costs.pages", `Cost Explorer's answer broke off between its pages: ${message}`, askAgain);
  const told = awsError(name === "LimitExceededException" ? Object.assign(new Error(message), { name: "ThrottlingException" }) : error, "tell the costs");
  if (told.code !== "aws.access-denied") return ofQuestion(told);
  return fail(
    "auth",
    told.code,
    told.message,
    `the tenant's role has to allow ${action}: update its stack with the newest template (chartctl tenants connect)`,
  );
}

const askAgain = "ask again, with the same command: nothing of this answer is kept";
const notItsFormat = (why: string): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "costs.answer",
    message: `Cost Explorer's answer isn't in its format: ${why}`,
    hint: "look at AWS_ENDPOINT_URL and at proxies: chartctl doctor",
  });

const circle = (): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "costs.pages",
    message: "Cost Explorer's pages go in a circle; the sum would be wrong",
    hint: "run the command again: chartctl costs --refresh",
  });
