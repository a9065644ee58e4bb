/**
 * Athena over a report in Parquet files, and Cost Explorer over a made-up bill, as far as `chartctl costs` asks them.
 * `node cost-stand-in.mjs [FOLDER]` prints its URL; `GET /seen` tells what was asked, and how long the engine took.
 * The table `many_rows` is a result of as many rows as COST_ROWS says, without an engine.
 */
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const [, , folder] = process.argv;
const groupsAPage = 1_000;
const projects = 500;
const services = 25;
const seen = { queries: [], requests: 0, needed: 0 };

async function engine() {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const connection = await (await DuckDBInstance.create(":memory:", { memory_limit: "1GB" })).connect();
  await connection.run("CREATE SCHEMA chartctl_billing");
  const files = `read_parquet('${folder}/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)`;
  await connection.run(`CREATE VIEW chartctl_billing.cost_and_usage AS SELECT * FROM ${files}`);
  await connection.run("CREATE MACRO element_at(m, k) AS map_extract_value(m, k)"); // Trino's name for it
  return connection;
}
const connection = folder === undefined ? undefined : await engine();

const text = (one) => one.slice(1, -1).replaceAll("''", "'");
const literals = (values) => values.map((one) => (one.startsWith("'") ? text(one) : Number(one)));

async function rowsOf(sql, parameters) {
  const before = process.cpuUsage();
  const begun = performance.now();
  const reader = await connection.runAndReadAll(sql, literals(parameters));
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(before);
  const rows = reader.getRows();
  seen.queries.push({ seconds, processorSeconds: (user + system) / 1e6, rows: rows.length, maxRss: process.resourceUsage().maxRSS });
  return { count: rows.length, at: (index) => rows[index].map((value) => (value === null ? null : String(value))) };
}

/** Every hour of the days that are asked for, project by project. */
function madeUpRows(parameters) {
  const from = Date.parse(`${parameters.find((one) => one.includes(":")).slice(1, 11)}T00:00:00Z`);
  const count = Number(process.env.COST_ROWS);
  return {
    count,
    at: (index) => {
      const hour = new Date(from + Math.floor(index / projects) * 3_600_000).toISOString().slice(0, 13).replace("T", " ");
      return [
        hour,
        `project-${index % projects}`,
        "usage",
        "USD",
        `${(index * 7_919) % 1_000}.${String((index * 104_729) % 10_000_000_000).padStart(10, "0")}`,
      ];
    },
  };
}

const columns = {
  line_item_usage_start_date: "timestamp",
  line_item_line_item_type: "string",
  line_item_product_code: "string",
  line_item_usage_type: "string",
  line_item_unblended_cost: "double",
  line_item_currency_code: "string",
  product_region_code: "string",
  resource_tags: "map<string,string>",
};
const results = new Map();
const header = ["period", "grouped", "kind", "currency", "amount"];

function periods({ Start, End }, granularity) {
  const starts = [];
  for (let day = Date.parse(Start); day < Date.parse(End); day += 86_400_000) starts.push(new Date(day).toISOString().slice(0, 10));
  return granularity === "MONTHLY" ? starts.filter((day, at) => at === 0 || day.endsWith("-01")) : starts;
}

const answers = {
  GetTableMetadata: ({ TableName }) => ({
    TableMetadata: {
      Name: TableName,
      Columns: Object.entries(columns).map(([Name, Type]) => ({ Name, Type })),
      PartitionKeys: [{ Name: "billing_period", Type: "string" }],
    },
  }),
  StartQueryExecution: async ({ QueryString, ExecutionParameters }) => {
    const QueryExecutionId = `query-${results.size}`;
    results.set(QueryExecutionId, QueryString.includes('"many_rows"') ? madeUpRows(ExecutionParameters) : await rowsOf(QueryString, ExecutionParameters));
    return { QueryExecutionId };
  },
  GetQueryExecution: () => ({ QueryExecution: { Status: { State: "SUCCEEDED" }, Statistics: { DataScannedInBytes: 1 } } }),
  GetQueryResults: ({ QueryExecutionId, NextToken, MaxResults }) => {
    const { count, at } = results.get(QueryExecutionId);
    const from = Number(NextToken ?? 0); // of the rows with the header before them
    const until = Math.min(from + MaxResults, count + 1);
    const Rows = [];
    for (let index = from; index < until; index++)
      Rows.push({ Data: (index === 0 ? header : at(index - 1)).map((value) => (value === null ? {} : { VarCharValue: value })) });
    return { ResultSet: { Rows }, ...(until <= count ? { NextToken: String(until) } : {}) };
  },
  GetCostAndUsage: ({ TimePeriod, Granularity, GroupBy, NextPageToken }) => {
    const byTag = GroupBy[0].Type === "TAG";
    const each = byTag ? projects : services;
    const starts = periods(TimePeriod, Granularity);
    const groups = starts.length * each;
    const from = Number(NextPageToken ?? 0);
    if (from === 0) seen.needed += Math.ceil(groups / groupsAPage);
    seen.requests++;
    const until = Math.min(from + groupsAPage, groups);
    const byStart = new Map();
    for (let index = from; index < until; index++) {
      const start = starts[Math.floor(index / each)];
      const name = byTag ? `${GroupBy[0].Key}$project-${index % each}` : `Amazon Service ${index % each}`;
      const group = { Keys: [name, "Usage"], Metrics: { UnblendedCost: { Amount: `${index % 97}.0000000001`, Unit: "USD" } } };
      byStart.set(start, [...(byStart.get(start) ?? []), group]);
    }
    const ResultsByTime = [...byStart].map(([start, Groups]) => ({ TimePeriod: { Start: start, End: start }, Total: {}, Groups, Estimated: false }));
    return { ResultsByTime, ...(until < groups ? { NextPageToken: String(until) } : {}) };
  },
};

const server = createServer(async (request, response) => {
  if (request.url === "/seen") return response.end(JSON.stringify(seen));
  const operation = String(request.headers["x-amz-target"]).split(".")[1];
  try {
    const answer = await answers[operation](await json(request));
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(answer));
  } catch (error) {
    response.writeHead(400).end(JSON.stringify({ __type: "ValidationException", message: `${operation}: ${error.message}` }));
  }
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
