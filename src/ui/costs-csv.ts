/** Actual costs for a spreadsheet: one line a group and period, exact. */
import type { Options } from "csv-stringify/sync";
import { stringify } from "csv-stringify/sync";
import type { ActualCosts } from "../core/costs/actual/actual-costs.ts";
import { groupingText } from "./costs.ts";

const quoted: Options = { escape_formulas: true, cast: { object: ({ exact }) => ({ value: String(exact), escape_formulas: false }) } };

/**
 * Piece by piece, each some whole lines. A tag's value is anybody's text: what a spreadsheet would take for a formula is quoted as
 * text. Amounts are decimals by their make.
 */
export function* costsCsv({ grouping, currencies }: ActualCosts): Generator<string> {
  yield stringify([["period", groupingText(grouping), "currency", "amount"]], quoted).trimEnd();
  for (const { currency, rows, series } of currencies) {
    for (const row of rows) {
      const amounts = row.series;
      yield stringify(
        series.map(({ period }, at) => [period, row.key ?? "", currency, { exact: amounts[at] ?? "0" }]),
        quoted,
      ).trimEnd();
    }
  }
}
