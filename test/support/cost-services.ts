/** Cost Explorer and Athena over the same lines: check each request, and answer page by page. */
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import Big from "big.js";
import { z } from "zod";
import { addDays, periodsOf } from "../../src/core/costs/actual/period.ts";
import type { BillLine } from "./cost-lines.ts";
import { costOf } from "./cost-lines.ts";
import { onLoopback } from "./loopback.ts";
import type { UsageReport } from "./usage-report.ts";

/** Shapes as the API references have them, as far as chartctl uses them; anything else is refused. */
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const hour = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:00:00Z$/);
const tagFilter = z.strictObject({
  Tags: z.strictObject({ Key: z.string(), Values: z.array(z.string()).min(1), MatchOptions: z.tuple([z.literal("EQUALS")]) }),
});
const group = z.strictObject({ Type: z.enum(["DIMENSION", "TAG"]), Key: z.string() });
const dimensionFilter = z.strictObject({
  Dimensions: z.strictObject({ Key: z.enum(["RECORD_TYPE", "SERVICE"]), Values: z.array(z.string()).min(1), MatchOptions: z.tuple([z.literal("EQUALS")]) }),
});
const oneFilter = z.union([tagFilter, dimensionFilter, z.strictObject({ Not: dimensionFilter })]);
const costMetric = z.enum(["UnblendedCost", "AmortizedCost", "NetUnblendedCost", "NetAmortizedCost", "BlendedCost"]);
const costAndUsage = z.strictObject({
  TimePeriod: z.union([z.strictObject({ Start: day, End: day }), z.strictObject({ Start: hour, End: hour })]),
  Granularity: z.enum(["HOURLY", "DAILY", "MONTHLY"]),
  Metrics: z.union([z.tuple([costMetric]), z.tuple([costMetric, z.literal("UsageQuantity")])]),
  GroupBy: z.array(group).min(1).max(2),
  Filter: z.union([oneFilter, z.strictObject({ And: z.array(oneFilter).min(2) })]).optional(),
  NextPageToken: z.string().optional(),
});
/** Its words for a metric aren't those of GetCostAndUsage; the level is 51 to 99; hours aren't forecast. */
const notOfKinds = z.strictObject({
  Not: z.strictObject({
    Dimensions: z.strictObject({ Key: z.literal("RECORD_TYPE"), Values: z.array(z.string()).min(1), MatchOptions: z.tuple([z.literal("EQUALS")]) }),
  }),
});
const costForecast = z.strictObject({
  TimePeriod: z.strictObject({ Start: day, End: day }),
  Granularity: z.enum(["DAILY", "MONTHLY"]),
  Metric: z.enum(["UNBLENDED_COST", "AMORTIZED_COST", "NET_UNBLENDED_COST", "NET_AMORTIZED_COST", "BLENDED_COST"]),
  PredictionIntervalLevel: z.number().int().min(51).max(99).optional(),
  Filter: z.union([tagFilter, notOfKinds, z.strictObject({ And: z.array(z.union([tagFilter, notOfKinds])).min(2) })]).optional(),
});
const requests = {
  GetCostAndUsage: costAndUsage,
  GetCostForecast: costForecast,
  GetTableMetadata: z.strictObject({
    CatalogName: z.literal("AwsDataCatalog"),
    DatabaseName: z.string(),
    TableName: z.string(),
    WorkGroup: z.string(),
  }),
  StartQueryExecution: z.strictObject({
    ClientRequestToken: z.string().min(32),
    QueryString: z.string().max(262_144),
    ExecutionParameters: z.array(z.string().min(1).max(1_024)).min(1),
    WorkGroup: z.literal("chartctl-billing"),
    QueryExecutionContext: z.strictObject({ Catalog: z.literal("AwsDataCatalog"), Database: z.string() }),
    ResultReuseConfiguration: z.strictObject({
      ResultReuseByAgeConfiguration: z.strictObject({ Enabled: z.boolean(), MaxAgeInMinutes: z.number().int().min(1).max(10_080).optional() }),
    }),
  }),
  GetQueryExecution: z.strictObject({ QueryExecutionId: z.string() }),
  StopQueryExecution: z.strictObject({ QueryExecutionId: z.string() }),
  GetQueryResults: z.strictObject({ QueryExecutionId: z.string(), NextToken: z.string().optional(), MaxResults: z.number().max(1_000) }),
};
type Requests = { [Name in keyof typeof requests]: z.infer<(typeof requests)[Name]> };
export type Operation = keyof Requests;

export interface CostServices {
  url: string;
  calls: Operation[];
  asked: { [Name in Operation]?: Requests[Name] };
  /** What the next call of an operation answers instead (400, unless a status is named), `after` so many that are answered. */
  fail: Map<Operation, { code: string; message: string; times: number; after?: number; status?: number }>;
  /** How a query ends, and how often it is looked at before. */
  ending: { state: "SUCCEEDED" | "FAILED" | "CANCELLED" | "RUNNING"; reason?: string; looks: number; reused?: boolean; bytes: number };
  pageSize: number;
  estimated: boolean;
  /** By its clock, hours are of the last 14 days. */
  now(): Date;
  close(): Promise<void>;
}

class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

const serviceNames: Record<string, string> = {
  AmazonS3: "Amazon Simple Storage Service",
  AWSLambda: "AWS Lambda",
  AmazonDynamoDB: "Amazon DynamoDB",
  AWSCostExplorer: "AWS Cost Explorer",
};
/** Cost Explorer's names, which aren't the report's. */
const serviceOf = ({ productCode, usageType, type }: BillLine): string =>
  type === "Tax"
    ? "Tax"
    : productCode === "AmazonEC2"
      ? usageType.startsWith("Box")
        ? "Amazon Elastic Compute Cloud - Compute"
        : "EC2 - Other"
      : (serviceNames[productCode] ?? productCode);
const recordTypes: Record<string, string> = { EdpDiscount: "Enterprise Discount Program Discount" };

function groupKey(line: BillLine, { Type, Key }: z.infer<typeof group>): string {
  if (Type === "TAG") return `${Key}$${line.tags[Key] ?? ""}`;
  const dimensions: Record<string, () => string> = {
    SERVICE: () => serviceOf(line),
    USAGE_TYPE: () => line.usageType,
    REGION: () => line.region || "NoRegion",
    RECORD_TYPE: () => recordTypes[line.type] ?? line.type,
  };
  const dimension = dimensions[Key];
  if (!dimension) throw new Refusal("ValidationException", `no dimension ${Key}`);
  return dimension();
}

function passes(line: BillLine, filter: z.infer<typeof oneFilter>): boolean {
  if ("Not" in filter) return !passes(line, filter.Not);
  if ("Dimensions" in filter) return filter.Dimensions.Values.includes(groupKey(line, { Type: "DIMENSION", Key: filter.Dimensions.Key }));
  return filter.Tags.Values.includes(line.tags[filter.Tags.Key] ?? "");
}

function costGroups(lines: BillLine[], { TimePeriod, Granularity, Metrics, GroupBy, Filter }: Requests["GetCostAndUsage"]) {
  const start = TimePeriod.Start.slice(0, 13);
  const end = TimePeriod.End.slice(0, 13);
  if (start >= end) throw new Refusal("ValidationException", "Start time is not before end time");
  const filters = Filter === undefined ? [] : "And" in Filter ? Filter.And : [Filter];
  const length = { HOURLY: 13, DAILY: 10, MONTHLY: 7 }[Granularity];
  const sums = new Map<string, { at: string; keys: string[]; unit: string; sum: Big; quantity: Big }>();
  for (const line of lines) {
    if (line.hour < start || line.hour >= end) continue;
    if (!filters.every((filter) => passes(line, filter))) continue;
    const keys = GroupBy.map((one) => groupKey(line, one));
    const at = line.hour.slice(0, length);
    const id = JSON.stringify([at, keys, line.currency]);
    const known = sums.get(id) ?? { at, keys, unit: line.currency, sum: new Big(0), quantity: new Big(0) };
    sums.set(id, { ...known, sum: known.sum.plus(costOf(line, Metrics[0])), quantity: known.quantity.plus(line.quantity ?? "0") });
  }
  return [...sums.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/** The mean of the thirty days before, a tenth up and down; without costs that are older, there is none. */
function costForecasts(lines: BillLine[], { TimePeriod, Filter }: Requests["GetCostForecast"]) {
  const { Start, End } = TimePeriod;
  if (Start >= End) throw new Refusal("ValidationException", "Start time is not before end time");
  const filters = Filter === undefined ? [] : "And" in Filter ? Filter.And : [Filter];
  const matching = lines.filter((line) =>
    filters.every((one) =>
      "Tags" in one ? one.Tags.Values.includes(line.tags[one.Tags.Key] ?? "") : !one.Not.Dimensions.Values.includes(recordTypes[line.type] ?? line.type),
    ),
  );
  const before = matching.filter(({ hour, currency }) => hour < Start && hour >= addDays(Start, -30) && currency === "USD");
  if (!matching.some(({ hour }) => hour < addDays(Start, -30))) throw new Refusal("DataUnavailableException", "Insufficient amount of historical data.");
  const mean = before.reduce((sum, { amount }) => sum.plus(amount), new Big(0)).div(30);
  const days = periodsOf({ from: Start, until: End }, "day");
  return {
    Total: { Amount: mean.times(days.length).toFixed(10), Unit: "USD" },
    ForecastResultsByTime: days.map((Day) => ({
      TimePeriod: { Start: Day, End: addDays(Day, 1) },
      MeanValue: mean.toFixed(10),
      PredictionIntervalLowerBound: mean.times("0.9").toFixed(10),
      PredictionIntervalUpperBound: mean.times("1.1").toFixed(10),
    })),
  };
}

export async function startCostServices(lines: BillLine[], report: UsageReport | undefined): Promise<CostServices> {
  const state: Omit<CostServices, "url" | "close"> = {
    calls: [],
    asked: {},
    fail: new Map(),
    ending: { state: "SUCCEEDED", looks: 1, bytes: 12_345_678 },
    pageSize: 1_000,
    estimated: false,
    now: () => new Date(),
  };
  const queries = new Map<string, { rows: (string | null)[][]; looks: number; broken?: string }>();
  const known = (id: string) => queries.get(id) ?? refuse("InvalidRequestException", `no query ${id}`);
  const answers: { [Name in Operation]: (body: Requests[Name]) => object | Promise<object> } = {
    GetCostAndUsage: (body) => {
      if (body.Granularity === "HOURLY" && Date.parse(body.TimePeriod.Start) < state.now().getTime() - 14 * 86_400_000) refuse("ValidationException", oldHours);
      const groups = costGroups(lines, body);
      const from = Number(body.NextPageToken ?? 0);
      const page = groups.slice(from, from + state.pageSize);
      const results = new Map<string, object[]>();
      for (const { at, keys, unit, sum, quantity } of page) {
        const asked = { [body.Metrics[0]]: { Amount: sum.toFixed(10), Unit: unit } };
        const counted = body.Metrics[1] ? { ...asked, UsageQuantity: { Amount: quantity.toFixed(10), Unit: "N/A" } } : asked;
        results.set(at, [...(results.get(at) ?? []), { Keys: keys, Metrics: counted }]);
      }
      const start = (at: string): string => (at.length === 13 ? `${at}:00:00Z` : at.length === 7 ? `${at}-01` : at);
      return {
        GroupDefinitions: body.GroupBy,
        ResultsByTime: [...results].map(([at, Groups]) => ({
          TimePeriod: { Start: start(at), End: start(at) },
          Total: {},
          Groups,
          Estimated: state.estimated,
        })),
        DimensionValueAttributes: [],
        ...(from + state.pageSize < groups.length ? { NextPageToken: String(from + state.pageSize) } : {}),
      };
    },
    GetCostForecast: (body) => {
      const forecast = costForecasts(lines, body);
      return body.Granularity === "DAILY" ? forecast : refuse("ValidationException", "this stand-in knows days alone");
    },
    GetTableMetadata: ({ DatabaseName, TableName }) =>
      report && DatabaseName === "chartctl_billing" && TableName === "cost_and_usage"
        ? { TableMetadata: { Name: TableName, Columns: report.columns, PartitionKeys: report.partitions } }
        : refuse("MetadataException", `EntityNotFoundException: Entity Not Found: ${TableName}`),
    StartQueryExecution: async ({ QueryString, ExecutionParameters }) => {
      if (/\?/.test(QueryString.slice(0, QueryString.indexOf("WHERE")))) refuse("InvalidRequestException", "parameters stand in the WHERE clause only");
      const values = ExecutionParameters.map((one) => {
        if (/^\d+$/.test(one)) return Number(one);
        if (/^'([^']|'')*'$/.test(one)) return one.slice(1, -1).replaceAll("''", "'");
        return refuse("InvalidRequestException", `no literal: ${one}`);
      });
      const id = `query-${queries.size + 1}`;
      try {
        const rows = (await report?.query(QueryString, values)) ?? [];
        queries.set(id, { rows: [["period", "grouped", "kind", "currency", "amount"], ...rows], looks: 0 });
      } catch (error) {
        queries.set(id, { rows: [], looks: 0, broken: `SYNTAX_ERROR: ${(error as Error).message}` });
      }
      return { QueryExecutionId: id };
    },
    GetQueryExecution: ({ QueryExecutionId }) => {
      const query = known(QueryExecutionId);
      const over = ++query.looks > state.ending.looks;
      const State = !over ? "RUNNING" : query.broken ? "FAILED" : state.ending.state;
      const { reused = false, bytes } = state.ending;
      return {
        QueryExecution: {
          QueryExecutionId,
          Status: { State, StateChangeReason: over ? (query.broken ?? state.ending.reason) : undefined },
          Statistics: { DataScannedInBytes: reused ? 0 : bytes, ResultReuseInformation: { ReusedPreviousResult: reused } },
        },
      };
    },
    StopQueryExecution: ({ QueryExecutionId }) => {
      known(QueryExecutionId);
      return {};
    },
    GetQueryResults: ({ QueryExecutionId, NextToken, MaxResults }) => {
      const { rows } = known(QueryExecutionId);
      const from = Number(NextToken ?? 0);
      const size = Math.min(state.pageSize, MaxResults);
      const Rows = rows.slice(from, from + size).map((row) => ({ Data: row.map((value) => (value === null ? {} : { VarCharValue: value })) }));
      return { ResultSet: { Rows }, ...(from + size < rows.length ? { NextToken: String(from + size) } : {}) };
    },
  };
  const server = createServer(async (incoming, outgoing) => {
    const reply = (status: number, body: object): void =>
      void outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
    const [service, operation = ""] = String(incoming.headers["x-amz-target"]).split(".");
    try {
      if (!/^(AmazonAthena|AWSInsightsIndexService)$/.test(service ?? "") || !(operation in requests)) refuse("UnknownOperationException", operation);
      const name = operation as Operation;
      state.calls.push(name);
      const failing = state.fail.get(name);
      if (failing?.after) failing.after--;
      else if (failing && failing.times-- > 0) throw new Refusal(failing.code, failing.message, failing.status);
      const asked = (requests[name] as z.ZodType).safeParse(await json(incoming));
      if (!asked.success) return reply(400, { __type: "ValidationException", message: z.prettifyError(asked.error) });
      Object.assign(state.asked, { [name]: asked.data });
      reply(200, await answers[name](asked.data as never));
    } catch (error) {
      if (!(error instanceof Refusal)) return reply(500, { __type: "Broken", message: String(error) });
      reply(error.status, { __type: error.code, message: error.message, Message: error.message });
    }
  });
  return Object.assign(state, await onLoopback(server));
}

/** As boto3 #2369 has it. */
export const oldHours =
  "Start date is more than 14 days ago for hourly granularity. Please adjust start date as we support only 14 days of data at hourly granularity.";

function refuse(code: string, message: string): never {
  throw new Refusal(code, message);
}
