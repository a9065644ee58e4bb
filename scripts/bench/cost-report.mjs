/** A Cost and Usage Report (CUR 2.0) of as many lines as are asked for, the same ones each time, in Parquet by billing period. */
import { DuckDBInstance } from "@duckdb/node-api";

/** Four months that are over, hour by hour: the 90 days that are asked for, and a month before. */
export const reportFrom = "2026-06-01";
export const reportHours = 122 * 24;
export const projects = 500;

const products = [
  ["AmazonS3", "TimedStorage-ByteHrs", "StandardStorage"],
  ["AmazonS3", "Requests-Tier1", "PutObject"],
  ["AWSLambda", "Lambda-GB-Second-ARM", "Invoke"],
  ["AWSLambda", "Request-ARM", "Invoke"],
  ["AmazonDynamoDB", "WriteRequestUnits", "PayPerRequestThroughput"],
  ["AmazonDynamoDB", "ReadRequestUnits", "PayPerRequestThroughput"],
  ["AmazonApiGateway", "ApiGatewayHttpRequest", "ApiGatewayHttpApi"],
  ["AmazonCloudWatch", "DataProcessing-Bytes", "PutLogEvents"],
  ["AmazonCloudWatch", "CW:AlarmMonitorUsage", "Unknown"],
  ["AmazonCloudFront", "US-DataTransfer-Out-Bytes", "GET"],
  ["AmazonEC2", "NatGateway-Hours", "NatGateway"],
  ["AWSDataTransfer", "USE1-USW2-AWS-Out-Bytes", "InterRegion-Out"],
];
const listOf = (column) => `[${products.map((product) => `'${product[column]}'`).join(", ")}]`;
const part = (name, shift, below) => `CAST((${name} >> ${shift}) % ${below} AS INTEGER)`;

/**
 * Nine lines of ten carry a project's tags, as a resource's usage does; taxes, credits, and a tenth of the usage carry none. The
 * maps are made once, and given to the lines: to make one for each line would take minutes.
 */
const lines = (count) => `
WITH tags AS (
  SELECT n AS project, MAP {
    'user_project': 'chart-app-user-' || n % 100 || '-project-' || n, 'user_tenant_id': 'tenant-' || n % 20,
    'user_user_id': 'user-' || n % 100, 'user_project_id': 'project-' || n, 'user_environment': 'production',
    'user_managed_by': 'chart-app-platform' } AS map
  FROM range(${projects}) t(n)),
drawn AS (SELECT n, hash(n, 1) AS one, hash(n, 2) AS other FROM range(${count}) t(n)),
settled AS (
  SELECT TIMESTAMP '${reportFrom}' + to_hours(${part("one", 0, reportHours)}) AS begins, ${part("one", 16, products.length)} + 1 AS product,
    ${part("one", 24, 1000)} AS kind, ${part("other", 0, projects)} AS drawn_project, ${part("other", 16, 40)} AS resource,
    ${part("other", 24, 5_000_000)} AS size
  FROM drawn),
typed AS (
  SELECT *, CASE WHEN kind < 990 THEN 'Usage' WHEN kind < 994 THEN 'Tax' WHEN kind < 998 THEN 'Credit' ELSE 'Refund' END AS type,
    CASE WHEN kind < 900 THEN drawn_project END AS project
  FROM settled)
SELECT '111122223333' AS line_item_usage_account_id, begins AS line_item_usage_start_date, begins + INTERVAL 1 HOUR AS line_item_usage_end_date,
  type AS line_item_line_item_type, ${listOf(0)}[product] AS line_item_product_code, ${listOf(1)}[product] AS line_item_usage_type,
  ${listOf(2)}[product] AS line_item_operation, 'arn:aws:s3:::chart-k' || drawn_project || '-site-' || resource AS line_item_resource_id,
  size / 1e3 AS line_item_usage_amount, CASE WHEN type IN ('Credit', 'Refund') THEN -1 ELSE 1 END * size / 1e8 AS line_item_unblended_cost,
  'USD' AS line_item_currency_code, ['us-east-1', 'us-west-2'][resource % 2 + 1] AS product_region_code,
  coalesce(map, MAP {}) AS resource_tags, strftime(begins, '%Y-%m') AS billing_period
FROM typed LEFT JOIN tags USING (project)`;

const [, , folder, count] = process.argv;
if (folder !== undefined) {
  const connection = await (await DuckDBInstance.create(":memory:", { memory_limit: "2GB" })).connect();
  await connection.run(`COPY (${lines(Number(count))}) TO '${folder}' (FORMAT parquet, PARTITION_BY (billing_period), OVERWRITE_OR_IGNORE)`);
}
