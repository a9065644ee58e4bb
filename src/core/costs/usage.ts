/** How much of everything a project uses in a month: from its parameters, and over them what a usage file states. */
import Big from "big.js";
import type { ServerlessWebParameters } from "../../contract/blueprints.ts";
import type { PriceName } from "./prices/items.ts";
import type { StatedUsage } from "./usage-file.ts";
import type { UsageAddress } from "./usage-keys.ts";

export const cases = ["low", "expected", "high"] as const;
export type Case = (typeof cases)[number];

/** Of what nothing states: how much of the parameters' requests and stored data. */
const unstated: Record<Case, string> = { low: "0.5", expected: "1", high: "2" };
export const unstatedRule = "low is half and high twice the parameters' requests and stored data, where no usage file says otherwise";

export interface Used {
  /** Terraform's address, or the service's word for what isn't a resource. */
  resource: string;
  item: string;
  /** As people say it, without the address. */
  title: string;
  price: PriceName;
  quantity: Big;
  /** The usage that the quantity comes from. */
  assumption: string;
  /** Which parameters would say otherwise. */
  parameters: string[];
}

const bytesPerGb = 1_000_000_000;
const kb = 1_000;
/** CloudWatch Logs stores compressed; AWS's own pricing examples reckon with 0.15. */
const logCompression = "0.15";
/** HTTP APIs meter each 512 KB of a request. */
const meteredKb = 512;

export function serverlessWebUsage(parameters: ServerlessWebParameters, stated: StatedUsage, which: Case): Used[] {
  const of = (address: UsageAddress, key: string): Big | undefined => stated[address]?.[key]?.[which];
  /** What is stated, or what the parameters say. */
  const either = (address: UsageAddress, key: string, amount: Big, words: string): { amount: Big; words: string } => {
    const said = of(address, key);
    return said === undefined ? { amount, words } : { amount: said, words: `stated: ${key} of ${address}` };
  };
  const part = unstated[which];
  const requests = new Big(parameters.monthly_requests).times(part);
  const tableGb = new Big(parameters.table_gb).times(part);
  const perRequests = `${parameters.monthly_requests} ${parameters.monthly_requests === 1 ? "request" : "requests"} a month`;

  const app = "aws_lambda_function.app";
  const calls = either(app, "monthly_requests", requests, perRequests);
  const run = either(app, "request_duration_ms", new Big(parameters.request_duration_ms), `${parameters.request_duration_ms} ms a request`);
  const api = "aws_apigatewayv2_api.api";
  const apiCalls = either(api, "monthly_requests", requests, perRequests);
  const metered = of(api, "request_size_kb")?.div(meteredKb).round(0, Big.roundUp) ?? new Big(1);
  const data = "aws_dynamodb_table.data";
  const reads = either(
    data,
    "monthly_read_request_units",
    requests.times(parameters.reads_per_request),
    `${parameters.reads_per_request} ${parameters.reads_per_request === 1 ? "read" : "reads"} of up to 4 KB a request`,
  );
  const writes = either(
    data,
    "monthly_write_request_units",
    requests.times(parameters.writes_per_request),
    `${parameters.writes_per_request} ${parameters.writes_per_request === 1 ? "write" : "writes"} of up to 1 KB a request`,
  );
  const table = either(data, "storage_gb", tableGb, `${parameters.table_gb} GB in the table`);
  const recovery = either(data, "pitr_backup_storage_gb", table.amount, table.words);
  const site = "aws_s3_bucket.site";
  const files = either(site, "standard.storage_gb", new Big(parameters.storage_gb).times(part), `${parameters.storage_gb} GB of files`);
  const puts = either(site, "standard.monthly_tier_1_requests", new Big(0), "files written by deploys: none stated");
  const gets = either(site, "standard.monthly_tier_2_requests", requests, "one file a request at most");
  const logs = logsOf(stated, which, requests.times(parameters.log_kb_per_request).times(kb).div(bytesPerGb), parameters);
  const sent = either(
    "aws_data_transfer.out",
    "monthly_outbound_internet_gb",
    requests.times(parameters.response_kb).times(kb).div(bytesPerGb),
    `${parameters.response_kb} KB an answer`,
  );

  const used = (
    resource: string,
    item: string,
    title: string,
    price: PriceName,
    { amount, words: assumption }: { amount: Big; words: string },
    names: string[],
  ): Used => ({ resource, item, title, price, quantity: amount, assumption, parameters: names });
  return [
    used(app, "requests", "Lambda requests", "lambdaRequest", calls, ["monthly_requests"]),
    used(
      app,
      "duration",
      "Lambda duration",
      "lambdaGbSecondArm",
      {
        amount: calls.amount.times(run.amount).div(1_000).times(parameters.memory_mb).div(1_024),
        words: `${run.words} at ${parameters.memory_mb} MB`,
      },
      ["monthly_requests", "request_duration_ms", "memory_mb"],
    ),
    used(api, "requests", "HTTP API requests", "httpApiRequest", { amount: apiCalls.amount.times(metered), words: apiCalls.words }, ["monthly_requests"]),
    used(data, "reads", "DynamoDB reads", "dynamodbRead", reads, ["monthly_requests", "reads_per_request"]),
    used(data, "writes", "DynamoDB writes", "dynamodbWrite", writes, ["monthly_requests", "writes_per_request"]),
    used(data, "storage", "DynamoDB storage", "dynamodbStorage", table, ["table_gb"]),
    used(data, "point-in-time recovery", "DynamoDB recovery", "dynamodbPitr", recovery, ["table_gb"]),
    used(site, "storage", "S3 storage", "s3Storage", files, ["storage_gb"]),
    used(site, "writes", "S3 writes", "s3Put", puts, []),
    used(site, "reads", "S3 reads", "s3Get", gets, ["monthly_requests"]),
    used("aws_cloudwatch_log_group", "ingestion", "Log ingestion", "logsIngest", logs.ingested, ["monthly_requests", "log_kb_per_request"]),
    used("aws_cloudwatch_log_group", "storage", "Log storage", "logsStorage", logs.kept, ["monthly_requests", "log_kb_per_request", "log_retention_days"]),
    used("data transfer", "out to the internet", "Data sent", "transferOut", sent, ["monthly_requests", "response_kb"]),
  ];
}

/** Both log groups are one line: AWS doesn't bill them apart. What is stated of one counts for that one, and nothing for the other. */
function logsOf(stated: StatedUsage, which: Case, reckonedGb: Big, { log_kb_per_request, log_retention_days }: ServerlessWebParameters) {
  const groups = (["aws_cloudwatch_log_group.app", "aws_cloudwatch_log_group.api"] as const).map((address) => stated[address] ?? {});
  const sum = (key: string): Big | undefined => {
    const said = groups.flatMap((group) => group[key]?.[which] ?? []);
    return said.length === 0 ? undefined : said.reduce((all, one) => all.plus(one));
  };
  const [ingested, kept] = [sum("monthly_data_ingested_gb"), sum("storage_gb")];
  const amount = ingested ?? reckonedGb;
  return {
    ingested: { amount, words: ingested ? "stated: monthly_data_ingested_gb of both log groups" : `${log_kb_per_request} KB of logs a request` },
    kept: {
      amount: kept ?? amount.times(logCompression).times(log_retention_days).div(30),
      words: kept ? "stated: storage_gb of both log groups" : `kept ${log_retention_days} days, compressed to ${logCompression}`,
    },
  };
}
