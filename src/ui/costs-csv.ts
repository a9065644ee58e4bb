/** Actual costs for a spreadsheet: one line a group and period, exact. */
import { stringify } from "csv-stringify/sync";
import type { ActualCosts } from "../core/costs/actual/actual-costs.ts";
import { groupingText } from "./costs.ts";

/** A tag's value is anybody's text: what a spreadsheet would take for a formula is quoted as text. Amounts are decimals by their make. */
export function costsCsv({ grouping, currencies }: ActualCosts): string {
  const lines = currencies.flatMap(({ currency, rows, series }) =>
    rows.flatMap((row) => series.map(({ period }, at) => ({ period, group: row.key ?? "", currency, amount: { exact: row.series[at] ?? "0" } }))),
  );
  return stringify(lines, {
    header: true,
    columns: [
      { key: "period", header: "period" },
      { key: "group", header: groupingText(grouping) },
      { key: "currency", header: "currency" },
      { key: "amount", header: "amount" },
    ],
    escape_formulas: true,
    cast: { object: ({ exact }) => ({ value: String(exact), escape_formulas: false }) },
  }).trimEnd();
}
