/** An Athena whose report has so many lines: each costs the same, so that every sum is known without reading them. */
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const lines = Number(process.argv[2]);
const days = 31;
const services = 20;
const users = 200;
const projects = Math.ceil(lines / (days * services));
/** Ten thousandths of a dollar. */
const perLine = 7;
const dollars = (count) => ((count * perLine) / 10_000).toFixed(10);
const dayOf = (at) => `2026-10-${String((at % days) + 1).padStart(2, "0")}`;

/** Line `at` of the bill, by day, project and service. */
const detail = (at) => {
  const service = at % services;
  const project = Math.floor(at / services) % projects;
  return [dayOf(Math.floor(at / (services * projects))), `project-${project}`, "usage", "USD", dollars(1), `Service ${service}`];
};

/** Sums by day and one of the others, as the SQL would give them. */
function sums(groups, groupOf) {
  const counts = new Map();
  for (let at = 0; at < lines; at++) {
    const key = Math.floor(at / (services * projects)) * groups + groupOf(at);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
const grouped = {
  service: { groups: services, groupOf: (at) => at % services, name: (group) => `Service ${group}` },
  project: { groups: projects, groupOf: (at) => Math.floor(at / services) % projects, name: (group) => `project-${group}` },
  user: { groups: users, groupOf: (at) => (Math.floor(at / services) % projects) % users, name: (group) => `user-${group}` },
};
function summary(what) {
  const { groups, groupOf, name } = grouped[what];
  return [...sums(groups, groupOf)].map(([key, count]) => [dayOf(Math.floor(key / groups)), name(key % groups), "usage", "USD", dollars(count)]);
}

const columns = [
  ["line_item_usage_start_date", "timestamp"],
  ...["line_item_line_item_type", "line_item_product_code", "line_item_currency_code"].map((name) => [name, "string"]),
  ...["resource_tags_user_project_id", "resource_tags_user_user_id", "resource_tags_user_tenant_id"].map((name) => [name, "string"]),
  ["line_item_unblended_cost", "double"],
].map(([Name, Type]) => ({ Name, Type }));
const queries = [];
const row = (values) => ({ Data: values.map((value) => ({ VarCharValue: value })) });

function started(sql) {
  if (/ AS within/.test(sql)) return { count: lines, at: detail };
  const rows = summary(/user_user_id"[^,]* AS grouped/.test(sql) ? "user" : /user_project_id"[^,]* AS grouped/.test(sql) ? "project" : "service");
  return { count: rows.length, at: (nth) => rows[nth] };
}

const answers = {
  GetTableMetadata: () => ({ TableMetadata: { Name: "cost_and_usage", Columns: columns, PartitionKeys: [{ Name: "billing_period", Type: "string" }] } }),
  StartQueryExecution: ({ QueryString }) => ({ QueryExecutionId: String(queries.push(started(QueryString)) - 1) }),
  GetQueryExecution: () => ({ QueryExecution: { Status: { State: "SUCCEEDED" }, Statistics: { DataScannedInBytes: 1e9 } } }),
  GetQueryResults: ({ QueryExecutionId, NextToken, MaxResults }) => {
    const { count, at } = queries[Number(QueryExecutionId)];
    const from = Number(NextToken ?? -1);
    const until = Math.min(count, from + MaxResults);
    const rows = from < 0 ? [row(["period", "grouped", "kind", "currency", "amount", "within"])] : [];
    for (let nth = Math.max(0, from); nth < until; nth++) rows.push(row(at(nth)));
    return { ResultSet: { Rows: rows }, ...(until < count ? { NextToken: String(until) } : {}) };
  },
};

const server = createServer(async (incoming, outgoing) => {
  const operation = String(incoming.headers["x-amz-target"]).split(".")[1];
  outgoing.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(answers[operation](await json(incoming))));
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
