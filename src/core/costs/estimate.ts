/** What a blueprint costs a month, from list prices and stated usage, line by line. */
import Big from "big.js";
import type { BlueprintName, ServerlessWebParameters } from "../../contract/blueprints.ts";
import { ceilCents } from "../money.ts";
import { prices, pricesCheckedAt } from "./prices.ts";

interface EstimateLine {
  /** Terraform's address, or the service's word for what isn't a resource. */
  resource: string;
  item: string;
  /** Decimal strings, exact. */
  quantity: string;
  unit: string;
  unitDollars: string;
  monthlyDollars: string;
  /** The usage that the quantity comes from. */
  assumption: string;
  source: string;
}
export interface Estimate {
  blueprint: BlueprintName;
  region: string;
  currency: "USD";
  lines: EstimateLine[];
  /** The sum of the lines, rounded up once. */
  monthlyCents: number;
  pricesCheckedAt: string;
}

const bytesPerGb = 1_000_000_000;
const kb = 1_000;
/** CloudWatch Logs stores compressed; AWS's own pricing examples reckon with 0.15. */
const logCompression = "0.15";

export function estimate(blueprint: BlueprintName, region: string, parameters: ServerlessWebParameters): Estimate {
  const lines = serverlessWebLines(parameters);
  const total = lines.reduce((sum, line) => sum.plus(line.monthlyDollars), new Big(0));
  return { blueprint, region, currency: "USD", lines, monthlyCents: ceilCents(total), pricesCheckedAt };
}

function serverlessWebLines(usage: ServerlessWebParameters): EstimateLine[] {
  const requests = new Big(usage.monthly_requests);
  const gbSeconds = requests.times(usage.request_duration_ms).div(1_000).times(usage.memory_mb).div(1_024);
  const logGb = requests.times(usage.log_kb_per_request).times(kb).div(bytesPerGb);
  const keptLogGb = logGb.times(logCompression).times(usage.log_retention_days).div(30);
  const sentGb = requests.times(usage.response_kb).times(kb).div(bytesPerGb);
  const perRequests = `${usage.monthly_requests} requests a month`;
  return [
    line("aws_lambda_function.app", "requests", requests, prices.lambdaRequest, perRequests),
    line("aws_lambda_function.app", "duration", gbSeconds, prices.lambdaGbSecondArm, `${usage.request_duration_ms} ms a request at ${usage.memory_mb} MB`),
    line("aws_apigatewayv2_api.api", "requests", requests, prices.httpApiRequest, perRequests),
    line(
      "aws_dynamodb_table.data",
      "reads",
      requests.times(usage.reads_per_request),
      prices.dynamodbRead,
      `${usage.reads_per_request} reads of up to 4 KB a request`,
    ),
    line(
      "aws_dynamodb_table.data",
      "writes",
      requests.times(usage.writes_per_request),
      prices.dynamodbWrite,
      `${usage.writes_per_request} writes of up to 1 KB a request`,
    ),
    line("aws_dynamodb_table.data", "storage", new Big(usage.table_gb), prices.dynamodbStorage, `${usage.table_gb} GB in the table`),
    line("aws_dynamodb_table.data", "point-in-time recovery", new Big(usage.table_gb), prices.dynamodbPitr, `${usage.table_gb} GB in the table`),
    line("aws_s3_bucket.site", "storage", new Big(usage.storage_gb), prices.s3Storage, `${usage.storage_gb} GB of files`),
    line("aws_s3_bucket.site", "reads", requests, prices.s3Get, "one file a request at most"),
    line("aws_cloudwatch_log_group", "ingestion", logGb, prices.logsIngest, `${usage.log_kb_per_request} KB of logs a request`),
    line("aws_cloudwatch_log_group", "storage", keptLogGb, prices.logsStorage, `kept ${usage.log_retention_days} days, compressed to ${logCompression}`),
    line("data transfer", "out to the internet", sentGb, prices.transferOut, `${usage.response_kb} KB an answer`),
  ];
}

const line = (resource: string, item: string, quantity: Big, price: (typeof prices)[keyof typeof prices], assumption: string): EstimateLine => ({
  resource,
  item,
  quantity: quantity.toFixed(),
  unit: price.unit,
  unitDollars: price.dollars,
  monthlyDollars: quantity.times(price.dollars).toFixed(),
  assumption,
  source: price.source,
});
