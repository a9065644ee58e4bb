/** A table as comma-separated values (RFC 4180), some rows at a time. */
import { stringify } from "csv-stringify/sync";
import type { Cell, ReportTable } from "../../core/costs/report/tables.ts";

const rowsAtOnce = 1_000;

/** What somebody else wrote and a spreadsheet would take for a formula is quoted as text; a decimal with a sign is none by its make. */
const options = { escape_formulas: true, cast: { object: ({ exact }: { exact?: unknown }) => ({ value: String(exact), escape_formulas: false }) } };

export async function* csv({ columns, rows }: ReportTable): AsyncGenerator<string> {
  // What stands there as text for a spreadsheet's sake is exact already.
  const kept = columns.flatMap(({ kind }, at) => (kind === "exact" ? [] : [at]));
  yield stringify([kept.map((at) => columns[at]?.title.toLowerCase())], options);
  let batch: unknown[][] = [];
  for await (const row of rows) {
    batch.push(kept.map((at) => csvValue(row[at] ?? null)));
    if (batch.length < rowsAtOnce) continue;
    yield stringify(batch, options);
    batch = [];
  }
  if (batch.length > 0) yield stringify(batch, options);
}

function csvValue(cell: Cell): unknown {
  if (cell === null || typeof cell === "string") return cell;
  if ("amount" in cell) return cell.amount.startsWith("-") ? { exact: cell.amount } : cell.amount;
  return "day" in cell ? cell.day : "ratio" in cell ? { exact: cell.ratio } : String(cell.count);
}
