/** Estimates for a spreadsheet: a line each, exact. */
import { stringify } from "csv-stringify/sync";
import type { PartialEstimate } from "../core/costs/estimate.ts";

/** An empty amount: its price isn't known. Amounts are decimals by their make; the rest is quoted where a spreadsheet would take it for a formula. */
export function estimateCsv(estimates: { name: string; estimate: PartialEstimate }[]): string {
  const exact = (amount: string | null): { exact: string } => ({ exact: amount ?? "" });
  const lines = estimates.flatMap(({ name, estimate: { lines: of, region, currency } }) =>
    of.map((line) => ({
      estimate: name,
      region,
      resource: line.resource,
      item: line.item,
      unit: line.unit,
      quantity_low: exact(line.low.quantity),
      quantity: exact(line.quantity),
      quantity_high: exact(line.high.quantity),
      unit_price: exact(line.unitDollars),
      monthly_low: exact(line.low.monthlyDollars),
      monthly: exact(line.monthlyDollars),
      monthly_high: exact(line.high.monthlyDollars),
      currency,
      assumption: line.assumption,
      source: line.source ?? "",
      price_date: line.priceDate ?? "",
    })),
  );
  return stringify(lines, {
    header: true,
    escape_formulas: true,
    cast: { object: (value) => ({ value: String((value as { exact: string }).exact), escape_formulas: false }) },
  }).trimEnd();
}
