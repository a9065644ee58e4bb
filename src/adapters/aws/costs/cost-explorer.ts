/** Cost Explorer: one request a page, and each page is paid. */
import type { Expression, GroupDefinition, ResultByTime } from "@aws-sdk/client-cost-explorer";
import { type CostExplorerClient, GetCostAndUsageCommand } from "@aws-sdk/client-cost-explorer";
import Big from "big.js";
import type { CostAmount, CostQuery, CostSource, Granularity, Grouping, LineKind, Metric } from "../../../core/costs/actual/cost-source.ts";
import { usedLineTypes } from "../../../core/costs/actual/cost-source.ts";
import { merged } from "../../../core/costs/actual/merged.ts";
import { serviceName } from "../../../core/costs/actual/service-names.ts";
import { ChartctlError, messageOf } from "../../../errors.ts";
import { awsError } from "../errors.ts";

/** AWS Cost Explorer pricing: each paginated API request. */
const requestDollars = "0.01";

export const costExplorerSource = (client: () => Promise<Pick<CostExplorerClient, "send">>, interrupted: AbortSignal): CostSource => ({
  costs: async (query) => {
    const explorer = await client();
    const amounts: CostAmount[] = [];
    let estimatedFrom: string | null = null;
    let requests = 0;
    for (const part of partsOf(query)) {
      const seen = new Set<string>();
      let token: string | undefined;
      do {
        if (interrupted.aborted)
          throw new ChartctlError({ kind: "interrupted", code: "interrupted", message: "Not every page was read", hint: "ask again: chartctl costs" });
        const page = await explorer.send(new GetCostAndUsageCommand({ ...request(query, part), NextPageToken: token })).catch((error: unknown) => {
          throw costExplorerError(error);
        });
        requests++;
        for (const result of page.ResultsByTime ?? []) {
          const period = periodOf(result, query.granularity);
          if (result.Estimated && (estimatedFrom === null || period < estimatedFrom)) estimatedFrom = period;
          amounts.push(...amountsOf(result, period, query, part));
        }
        token = page.NextPageToken || undefined;
        if (token !== undefined && seen.has(token)) throw circle();
        if (token !== undefined) seen.add(token);
      } while (token !== undefined);
    }
    const dollars = new Big(requestDollars).times(requests).toFixed();
    return { source: "ce", amounts: merged(amounts), estimatedFrom, price: { requests, dollars, bytesScanned: 0, reused: false } };
  },
});

/** Cost Explorer groups by two things at most: what was used is one question, and by which kind of line the rest of the bill came another. */
type Part = "whole" | "used" | "rest";
const partsOf = ({ grouping }: CostQuery): Part[] => (grouping.by === "usage" ? ["used", "rest"] : ["whole"]);

const request = ({ from, until, granularity, grouping, metric, tags }: CostQuery, part: Part) => ({
  TimePeriod: granularity === "hour" ? { Start: `${from}T00:00:00Z`, End: `${until}T00:00:00Z` } : { Start: from, End: until },
  Granularity: ({ hour: "HOURLY", day: "DAILY", month: "MONTHLY" } as const)[granularity],
  Metrics: [metricNames[metric], ...(part === "used" ? ["UsageQuantity"] : [])],
  // What kind of line it is comes in the same request: credits and refunds are told apart without another one.
  GroupBy: [groupOf(grouping), { Type: "DIMENSION", Key: part === "used" ? "USAGE_TYPE" : "RECORD_TYPE" }] satisfies GroupDefinition[],
  ...filterOf(tags, part),
});

const metricNames: Record<Metric, string> = {
  unblended: "UnblendedCost",
  amortized: "AmortizedCost",
  "net-unblended": "NetUnblendedCost",
  "net-amortized": "NetAmortizedCost",
  blended: "BlendedCost",
};

const groupOf = (grouping: Grouping): GroupDefinition =>
  grouping.by === "tag"
    ? { Type: "TAG", Key: grouping.key }
    : { Type: "DIMENSION", Key: ({ service: "SERVICE", usage: "SERVICE", "usage-type": "USAGE_TYPE", region: "REGION" } as const)[grouping.by] };

function filterOf(tags: Record<string, string>, part: Part): { Filter?: Expression } {
  const used: Expression = { Dimensions: { Key: "RECORD_TYPE", Values: [...usedLineTypes], MatchOptions: ["EQUALS"] } };
  const each = [
    ...Object.entries(tags).map(([Key, value]): Expression => ({ Tags: { Key, Values: [value], MatchOptions: ["EQUALS"] } })),
    ...(part === "whole" ? [] : [part === "used" ? used : { Not: used }]),
  ];
  return each.length === 0 ? {} : { Filter: each.length === 1 ? (each[0] as Expression) : { And: each } };
}

const periodOf = ({ TimePeriod }: ResultByTime, granularity: Granularity): string =>
  (TimePeriod?.Start ?? "").slice(0, ({ hour: 13, day: 10, month: 7 } as const)[granularity]);

const amountsOf = ({ Groups = [] }: ResultByTime, period: string, { grouping, metric }: CostQuery, part: Part): CostAmount[] =>
  Groups.map(({ Keys = [], Metrics = {} }) => {
    const { Amount = "0", Unit = "USD" } = Metrics[metricNames[metric]] ?? {};
    const kind = part === "used" ? "usage" : kindOf(Keys[1] ?? "");
    const used = part === "used" && Keys[1] ? { type: Keys[1], quantity: new Big(Metrics.UsageQuantity?.Amount ?? "0").toFixed() } : undefined;
    return { period, key: keyOf(Keys[0] ?? "", grouping, kind), kind, currency: Unit, amount: new Big(Amount).toFixed(), ...(used ? { used } : {}) };
  }).filter(({ amount, currency }) => amount !== "0" || /^[A-Z]{3}$/.test(currency)); // nothing at all has the unit "N/A"

function keyOf(given: string, grouping: Grouping, kind: LineKind): string | null {
  // `ProjectId$sales`; without the tag `ProjectId$`.
  if (grouping.by === "tag") return given.slice(grouping.key.length + 1) || null;
  if (/^(|No ?(Region|Service|UsageType|Usage Type))$/i.test(given)) return null;
  return grouping.by === "service" || grouping.by === "usage" ? serviceName(given, kind) : given;
}

const kindOf = (recordType: string): LineKind =>
  recordType === "Credit" ? "credit" : recordType === "Refund" ? "refund" : recordType === "Tax" ? "tax" : "usage";

function costExplorerError(error: unknown): ChartctlError {
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
  if (name === "ValidationException" && /hour/i.test(message))
    return fail(
      "usage",
      "costs.no-hours",
      `Cost Explorer has no hours of this account: ${message}`,
      "turn them on in Cost Explorer's settings (AWS bills for them), or ask for days: --granularity day",
    );
  if (name === "ValidationException" && /(start|historical|beyond|past|months)/i.test(message))
    return fail("usage", "costs.period", `Cost Explorer doesn't go back that far: ${message}`, "ask for a later time (--from DAY), or a report: --source cur");
  if (name === "LimitExceededException") return awsError(Object.assign(new Error(message), { name: "ThrottlingException" }), "tell the costs");
  const told = awsError(error, "tell the costs");
  if (told.code !== "aws.access-denied") return told;
  return fail(
    "auth",
    told.code,
    told.message,
    "the tenant's role has to allow ce:GetCostAndUsage: update its stack with the newest template (chartctl tenants connect)",
  );
}

const circle = (): ChartctlError =>
  new ChartctlError({
    kind: "external",
    code: "costs.pages",
    message: "Cost Explorer's pages go in a circle; the sum would be wrong",
    hint: "run the command again: chartctl costs --refresh",
  });
