/** A Cost and Usage Report in Parquet files, and an engine that answers Athena's SQL from them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { DuckDBInstance } from "@duckdb/node-api";
import type { BillLine } from "./cost-lines.ts";

export type CurKind = "cur2" | "legacy";
interface Column {
  Name: string;
  Type: string;
}
export interface UsageReport {
  columns: Column[];
  partitions: Column[];
  /** Rows as text. Throws what the engine says. */
  query(sql: string, parameters: (string | number)[]): Promise<(string | null)[][]>;
  /** How many files it reads for a query. */
  filesRead(sql: string, parameters: (string | number)[]): Promise<string>;
  remove(): void;
}

type Value = string | number | null;
const shared: Record<string, [string, (line: BillLine) => Value]> = {
  line_item_usage_start_date: ["timestamp", ({ hour }) => `${hour.replace("T", " ")}:00:00`],
  line_item_line_item_type: ["string", ({ type }) => type],
  line_item_product_code: ["string", ({ productCode }) => productCode],
  line_item_usage_type: ["string", ({ usageType }) => usageType],
  line_item_currency_code: ["string", ({ currency }) => currency],
  line_item_unblended_cost: ["double", ({ amount }) => Number(amount)],
  line_item_usage_amount: ["double", ({ quantity = "0" }) => Number(quantity)],
  line_item_blended_cost: written("line_item_blended_cost", ({ amount }) => Number(amount)),
  savings_plan_savings_plan_effective_cost: written("savings_plan_savings_plan_effective_cost", ({ effective = "0" }) => Number(effective)),
  reservation_reservation_a_r_n: ["string", ({ written: of = {} }) => of.reservation_reservation_a_r_n ?? ""],
  ...Object.fromEntries(
    [
      "line_item_net_unblended_cost",
      "savings_plan_net_savings_plan_effective_cost",
      "savings_plan_total_commitment_to_date",
      "savings_plan_used_commitment",
      "reservation_effective_cost",
      "reservation_net_effective_cost",
      "reservation_unused_amortized_upfront_fee_for_billing_period",
      "reservation_net_unused_amortized_upfront_fee_for_billing_period",
      "reservation_unused_recurring_fee",
      "reservation_net_unused_recurring_fee",
    ].map((name) => [name, written(name, () => null)]),
  ),
};
function written(name: string, otherwise: (line: BillLine) => Value): [string, (line: BillLine) => Value] {
  return ["double", (line) => (line.written && Object.hasOwn(line.written, name) ? (line.written[name] ?? null) : otherwise(line))];
}
/** As AWS writes the keys of tags: by hand, because chartctl's own rule is what is tested. */
const tagNames: Record<string, string> = {
  TenantId: "user_tenant_id",
  ProjectId: "user_project_id",
  ProjectKey: "user_project_key",
  UserId: "user_user_id",
  "Cost Center": "user_cost_center",
};
function tagName(key: string): string {
  if (Object.hasOwn(tagNames, key)) return tagNames[key] as string;
  throw new Error(`what does AWS make of the tag ${key}?`);
}

/** Glue's words, and the engine's. */
const engineType = (type: string): string => (type === "string" ? "VARCHAR" : type.startsWith("map") ? "MAP(VARCHAR, VARCHAR)" : type.toUpperCase());
const literal = (value: Value): string => (typeof value !== "string" ? String(value ?? "NULL") : `'${value.replaceAll("'", "''")}'`);

export async function usageReport(kind: CurKind, lines: BillLine[]): Promise<UsageReport> {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-cur-"));
  const connection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  const tagKeys = [...new Set(lines.flatMap(({ tags }) => Object.keys(tags)))];
  const partitionsOf = ({ hour }: BillLine): Record<string, string> =>
    kind === "cur2" ? { billing_period: hour.slice(0, 7) } : { year: hour.slice(0, 4), month: String(Number(hour.slice(5, 7))) };
  const columns: typeof shared =
    kind === "cur2"
      ? { ...shared, product_region_code: ["string", ({ region }) => region] }
      : {
          ...shared,
          product_region: ["string", ({ region }) => region],
          ...Object.fromEntries(tagKeys.map((key) => [`resource_tags_${tagName(key)}`, ["string", ({ tags }: BillLine) => tags[key] ?? ""]])),
        };
  const partitions = Object.keys(partitionsOf({ hour: "2026-01-01T00" } as BillLine));
  const mapOf = ({ tags }: BillLine): string =>
    `MAP {${Object.entries(tags)
      .map(([key, value]) => `${literal(tagName(key))}: ${literal(value)}`)
      .join(", ")}}`;
  const named = [...Object.keys(columns), ...(kind === "cur2" ? ["resource_tags"] : []), ...partitions];
  const types = named.map((name) => `${name} ${engineType(columns[name]?.[0] ?? (name === "resource_tags" ? "map" : "string"))}`);
  await connection.run(`CREATE TABLE written (${types.join(", ")})`);
  const rows = lines.map((line) => {
    const values = Object.values(columns).map(([, of]) => literal(of(line)));
    return `(${[...values, ...(kind === "cur2" ? [mapOf(line)] : []), ...Object.values(partitionsOf(line)).map(literal)].join(", ")})`;
  });
  for (let at = 0; at < rows.length; at += 500) await connection.run(`INSERT INTO written VALUES ${rows.slice(at, at + 500).join(", ")}`);
  if (rows.length > 0)
    await connection.run(`COPY written TO ${literal(folder)} (FORMAT parquet, PARTITION_BY (${partitions.join(", ")}), OVERWRITE_OR_IGNORE)`);
  const files = `read_parquet(${literal(`${folder}/**/*.parquet`)}, hive_partitioning = true, hive_types_autocast = false)`;
  await connection.run("CREATE SCHEMA chartctl_billing");
  await connection.run(`CREATE VIEW chartctl_billing.cost_and_usage AS SELECT * FROM ${rows.length > 0 ? files : "written"}`);
  // Trino gives the value, or null; this engine's own function gives a list.
  await connection.run("CREATE MACRO element_at(m, k) AS map_extract_value(m, k)");
  return {
    columns: [
      ...Object.entries(columns).map(([Name, [Type]]) => ({ Name, Type })),
      ...(kind === "cur2" ? [{ Name: "resource_tags", Type: "map<string,string>" }] : []),
    ],
    partitions: partitions.map((Name) => ({ Name, Type: "string" })),
    query: async (sql, parameters) => await textRows(connection, sql, parameters),
    filesRead: async (sql, parameters) => (await textRows(connection, `EXPLAIN ANALYZE ${sql}`, parameters)).flat().join("\n"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function textRows(connection: DuckDBConnection, sql: string, parameters: (string | number)[]): Promise<(string | null)[][]> {
  const reader = await connection.runAndReadAll(sql, parameters);
  return reader.getRows().map((row) => row.map((value) => (value === null ? null : String(value))));
}
