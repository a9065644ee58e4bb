/** The one question that is asked of a report: amounts by period, group, kind of line and currency. */
import type { CostQuery, Grouping, Metric } from "../../../core/costs/actual/cost-source.ts";
import { usedLineTypes } from "../../../core/costs/actual/cost-source.ts";
import { billingMonths } from "../../../core/costs/actual/period.ts";
import type { CurLayout } from "./cur-table.ts";
import { text } from "./cur-table.ts";

/**
 * `parameters` are literals, as Athena's ExecutionParameters want them, in the order of the question marks. `within`: by a second
 * group, too, after the others' columns.
 */
export function costSql(layout: CurLayout, query: CostQuery, within?: Grouping): { sql: string; parameters: string[] } {
  const { column } = layout;
  const months = layout.months(billingMonths(query));
  const tags = Object.entries(query.tags);
  const start = column("line_item_usage_start_date");
  const length = { hour: 13, day: 10, month: 7 }[query.granularity];
  const { by } = query.grouping;
  const more = [
    ...(by === "usage" || by === "tag-usage" ? usageOf(layout) : within ? [`${groupOf(layout, within)} AS within`] : []),
    ...(by === "tag-usage" ? [`${groupOf(layout, { by: "service" })} AS service`] : []),
  ];
  const groups = ["1, 2, 3, 4", ...(more.length > 0 ? ["6"] : []), ...(by === "tag-usage" ? ["8"] : [])].join(", ");
  const sql = [
    "SELECT",
    `  substr(CAST(${start} AS varchar), 1, ${length}) AS period,`,
    `  ${groupOf(layout, query.grouping)} AS grouped,`,
    `  CASE ${column("line_item_line_item_type")} WHEN 'Tax' THEN 'tax' WHEN 'Credit' THEN 'credit' WHEN 'Refund' THEN 'refund' ELSE 'usage' END AS kind,`,
    `  ${column("line_item_currency_code")} AS currency,`,
    `  ${sumOf(layout, query.metric)} AS amount${more.map((column) => `,\n  ${column}`).join("")}`,
    `FROM ${layout.from}`,
    `WHERE ${months.sql}`,
    `  AND ${start} >= CAST(? AS timestamp) AND ${start} < CAST(? AS timestamp)`,
    ...tags.map(([key]) => `  AND ${layout.tag(key)} = ?`),
    ...(by === "tag-usage" ? [`  AND ${isUsed(layout)}`] : []),
    `GROUP BY ${groups}`,
    `ORDER BY ${groups}`,
  ].join("\n");
  return { sql, parameters: [...months.parameters, text(`${query.from} 00:00:00`), text(`${query.until} 00:00:00`), ...tags.map(([, value]) => text(value))] };
}

/** Null: a line lacks what the metric is made of, because its month was written before the export had that column. */
function sumOf(layout: CurLayout, metric: Metric): string {
  // A double has 15 decimal digits; Cost Explorer gives ten after the point.
  const sum = `sum(CAST(${amountOf(layout, metric)} AS decimal(38, 10)))`;
  const type = layout.column("line_item_line_item_type");
  const lacks = Object.entries(everPresent[metric] ?? {}).map(([of, column]) => `(${type} = ${text(of)} AND ${layout.column(column)} IS NULL)`);
  if (lacks.length === 0) return `CAST(${sum} AS varchar)`;
  return `CASE WHEN sum(CASE WHEN ${lacks.join(" OR ")} THEN 1 ELSE 0 END) = 0 THEN CAST(COALESCE(${sum}, 0) AS varchar) END`;
}
/** By type of line, what each such line has; a discount has no blended cost, and a bill without discounts no net columns. */
const everPresent: Partial<Record<Metric, Record<string, string>>> = {
  amortized: { DiscountedUsage: "reservation_effective_cost", SavingsPlanCoveredUsage: "savings_plan_savings_plan_effective_cost" },
  "net-amortized": { DiscountedUsage: "reservation_effective_cost", SavingsPlanCoveredUsage: "savings_plan_savings_plan_effective_cost" },
  blended: { Usage: "line_item_blended_cost" },
};

/** A group and a sum. A plan's negation repeats the amount that it covers: what was used is counted once. */
function usageOf(layout: CurLayout): string[] {
  const { column } = layout;
  const used = isUsed(layout);
  return [
    `CASE WHEN ${used} THEN NULLIF(${column("line_item_usage_type")}, '') END AS usage_type`,
    `CAST(sum(CAST(CASE WHEN ${used} THEN ${column("line_item_usage_amount")} ELSE 0 END AS decimal(38, 10))) AS varchar) AS quantity`,
  ];
}

const isUsed = ({ column }: CurLayout): string => `${column("line_item_line_item_type")} IN (${usedLineTypes.map(text).join(", ")})`;

/** How new some months are, and whether they are tagged: of three columns, and one row. */
export function newestSql(layout: CurLayout, asked: readonly string[]): { sql: string; parameters: string[] } {
  const months = layout.months(asked);
  const start = layout.column("line_item_usage_start_date");
  const tagged = layout.tags ? layout.tag("ProjectId") : "NULL";
  const sql = [
    `SELECT CAST(max(${start}) AS varchar) AS newest, CAST(count(*) AS varchar) AS line_count, CAST(count(${tagged}) AS varchar) AS tagged`,
    `FROM ${layout.from}`,
    `WHERE ${months.sql}`,
  ].join("\n");
  return { sql, parameters: months.parameters };
}

/** Which months it has lines of: of the partitions alone. */
export function monthsSql(layout: CurLayout, asked: readonly string[]): { sql: string; parameters: string[] } {
  const { sql, parameters, name } = layout.months(asked);
  return { sql: `SELECT DISTINCT ${name} AS month_name\nFROM ${layout.from}\nWHERE ${sql}`, parameters };
}

/** A line of any hour but midnight, if there is one. */
export function hoursSql(layout: CurLayout, asked: readonly string[]): { sql: string; parameters: string[] } {
  const { sql, parameters } = layout.months(asked);
  const start = `CAST(${layout.column("line_item_usage_start_date")} AS varchar)`;
  return { sql: `SELECT ${start} AS hour_found\nFROM ${layout.from}\nWHERE ${sql}\n  AND substr(${start}, 12, 2) <> '00'\nLIMIT 1`, parameters };
}

/** The columns that a question is made of, and which of them the table lacks. */
export function columnsFor(layout: CurLayout, query: Pick<CostQuery, "grouping" | "metric">): { needed: string[]; missing: string[] } {
  const needed = new Set<string>();
  const column = (name: string): string => {
    needed.add(name);
    return name;
  };
  const months = () => ({ sql: "", parameters: [], name: "" });
  costSql({ ...layout, column, months }, { from: "2026-01-01", until: "2026-01-02", granularity: "day", tags: {}, ...query });
  return { needed: [...needed], missing: [...needed].filter((name) => !layout.has(name)) };
}

function groupOf(layout: CurLayout, grouping: Grouping): string {
  if ("key" in grouping) return layout.tag(grouping.key);
  if (grouping.by === "usage-type") return `NULLIF(${layout.column("line_item_usage_type")}, '')`;
  if (grouping.by === "region") return layout.product("region_code") ?? layout.product("region") ?? `NULLIF(${layout.column("product_region_code")}, '')`;
  const code = `NULLIF(${layout.column("line_item_product_code")}, '')`;
  const name = layout.product("product_name");
  return name === undefined ? code : `COALESCE(${name}, ${code})`;
}

/**
 * Amortized: CUR user guide, "Understanding your amortized reservation data" and "… Savings Plans data". A plan's negation and its
 * upfront fee would count twice beside the effective cost. A column that the export doesn't have leads to `cur.no-column`.
 */
function amountOf(layout: CurLayout, metric: Metric): string {
  const { column } = layout;
  const net = metric.startsWith("net-");
  // Without a discount in the billing period, AWS writes no net cost ("Line item columns"): it is the same.
  const discounted = (name: string): string =>
    net ? `COALESCE(${column(name.replace(/^(line_item|reservation|savings_plan)_/, "$1_net_"))}, ${column(name)})` : column(name);
  const orNothing = (amount: string): string => `COALESCE(${amount}, 0)`;
  if (metric === "blended") return column("line_item_blended_cost");
  const unblended = discounted("line_item_unblended_cost");
  if (metric === "unblended" || metric === "net-unblended") return unblended;
  return [
    `CASE ${column("line_item_line_item_type")}`,
    `WHEN 'SavingsPlanCoveredUsage' THEN ${discounted("savings_plan_savings_plan_effective_cost")}`,
    `WHEN 'SavingsPlanRecurringFee' THEN ${column("savings_plan_total_commitment_to_date")} - ${column("savings_plan_used_commitment")}`,
    "WHEN 'SavingsPlanNegation' THEN 0",
    "WHEN 'SavingsPlanUpfrontFee' THEN 0",
    `WHEN 'DiscountedUsage' THEN ${discounted("reservation_effective_cost")}`,
    `WHEN 'RIFee' THEN ${orNothing(discounted("reservation_unused_amortized_upfront_fee_for_billing_period"))} + ${orNothing(discounted("reservation_unused_recurring_fee"))}`,
    `WHEN 'Fee' THEN CASE WHEN NULLIF(${column("reservation_reservation_a_r_n")}, '') IS NULL THEN ${unblended} ELSE 0 END`,
    `ELSE ${unblended} END`,
  ].join(" ");
}
