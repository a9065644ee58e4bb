/** A Cost and Usage Report (CUR 2.0) of as many lines as are asked for, the same ones each time, in Parquet by billing period. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";

/** A year that is over, hour by hour, the same number of lines each. */
const reportFrom = "2025-10-01";
const reportHours = 365 * 24;
const months = 12;
const projects = 500;

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
 * The lines from one number to another, in the order of time, as AWS writes them: a reader skips row groups by what they begin and end with.
 * Nine lines of ten carry a project's tags, as a resource's usage does; taxes, credits, and a tenth of the usage carry none. The
 * maps are made once, and given to the lines: to make one for each line would take minutes.
 */
const lines = (from, until, count) => `
WITH tags AS (
  SELECT n AS project, MAP {
    'user_project': 'chart-app-user-' || n % 100 || '-project-' || n, 'user_tenant_id': 'tenant-' || n % 20,
    'user_user_id': 'user-' || n % 100, 'user_project_id': 'project-' || n, 'user_environment': 'production',
    'user_managed_by': 'chart-app-platform' } AS map
  FROM range(${projects}) t(n)),
drawn AS (SELECT n, hash(n, 1) AS one, hash(n, 2) AS other FROM range(${from}, ${until}) t(n)),
settled AS (
  SELECT TIMESTAMP '${reportFrom}' + to_hours(CAST(n * ${reportHours} // ${count} AS INTEGER)) AS begins, ${part("one", 16, products.length)} + 1 AS product,
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
  coalesce(map, MAP {}) AS resource_tags
FROM typed LEFT JOIN tags USING (project)`;

const [, , folder, asked] = process.argv;
const count = Number(asked);
const begins = (month) => new Date(Date.UTC(Number(reportFrom.slice(0, 4)), Number(reportFrom.slice(5, 7)) - 1 + month, 1));
/** The first line of a month. */
const lineOf = (month) => Math.ceil((((begins(month) - begins(0)) / 3_600_000) * count) / reportHours);

const instance = await DuckDBInstance.create(":memory:", { memory_limit: "2GB" });
// A range is counted by one thread: the months are written side by side.
await Promise.all(
  Array.from({ length: months }, async (_, month) => {
    const connection = await instance.connect();
    const period = join(folder, `billing_period=${begins(month).toISOString().slice(0, 7)}`);
    mkdirSync(period, { recursive: true });
    await connection.run(`COPY (${lines(lineOf(month), lineOf(month + 1), count)}) TO '${join(period, "lines.parquet")}' (FORMAT parquet)`);
  }),
);
