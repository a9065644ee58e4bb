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
    // A double has 15 decimal digits; Cost Explorer gives ten after the point.
    `  CAST(sum(CAST(${amountOf(layout, query.metric)} AS decimal(38, 10))) AS varchar) AS amount${more.map((column) => `,\n  ${column}`).join("")}`,
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
  const discounted = (name: string): string => column(net ? name.replace(/^(line_item|reservation|savings_plan)_/, "$1_net_") : name);
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
    `WHEN 'RIFee' THEN ${discounted("reservation_unused_amortized_upfront_fee_for_billing_period")} + ${discounted("reservation_unused_recurring_fee")}`,
    `WHEN 'Fee' THEN CASE WHEN NULLIF(${column("reservation_reservation_a_r_n")}, '') IS NULL THEN ${unblended} ELSE 0 END`,
    `ELSE ${unblended} END`,
  ].join(" ");
}
