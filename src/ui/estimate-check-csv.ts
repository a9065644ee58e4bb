/** An estimate against the bill, for a spreadsheet: a line each, exact; the same columns whether the bill has usage types or not. */
import type { Options } from "csv-stringify/sync";
import { stringify } from "csv-stringify/sync";
import type { LineKind } from "../core/costs/actual/cost-source.ts";
import { lineKinds } from "../core/costs/actual/cost-source.ts";
import type { CheckShown } from "./estimate-check.ts";
import type { SumCheckShown } from "./estimate-sum-check.ts";

type Cell = string | { exact: string };
const columns = [
  "project",
  "month",
  "line",
  "unit",
  "estimated_quantity",
  "billed_quantity",
  "currency",
  "estimated",
  "billed",
  "difference",
  "difference_by_usage",
  "difference_by_price",
  "off",
  "assumption",
  "usage_types",
] as const;
type Row = Record<(typeof columns)[number], Cell>;

/** Amounts are decimals by their make; the rest is quoted where a spreadsheet would take it for a formula. */
const options: Options = {
  header: true,
  columns: [...columns],
  escape_formulas: true,
  cast: { object: (value) => ({ value: String((value as { exact: string }).exact), escape_formulas: false }) },
};
const exact = (amount: string | null | undefined): Cell => ({ exact: amount ?? "" });
const csv = (rows: Row[]): string => stringify(rows, options).trimEnd();

export const checkCsv = ({ project, month, lines }: CheckShown): string =>
  csv(
    lines.map(({ title, currency, estimated, billed, difference, byUsage, byPrice, off, usageTypes }) => ({
      project,
      month,
      line: title,
      unit: estimated?.unit ?? "",
      estimated_quantity: exact(estimated?.quantity),
      billed_quantity: exact(billed.quantity),
      currency,
      estimated: exact(estimated?.dollars),
      billed: exact(billed.amount),
      difference: exact(difference),
      difference_by_usage: exact(byUsage),
      difference_by_price: exact(byPrice),
      off: off ?? "",
      assumption: estimated?.assumption ?? "",
      usage_types: usageTypes.join(" "),
    })),
  );

export const sumCheckCsv = ({ project, month, billed, estimatedDollars, difference, off }: SumCheckShown): string => {
  const bills = billed.some(({ currency }) => currency === "USD") ? billed : [nothing, ...billed];
  const row = (line: LineKind, currency: string, amount: string): Row => {
    const estimated = line === "usage" && currency === "USD";
    return {
      project,
      month,
      line,
      unit: "",
      estimated_quantity: "",
      billed_quantity: "",
      currency,
      estimated: exact(estimated ? estimatedDollars : null),
      billed: exact(amount),
      difference: exact(estimated ? difference : null),
      difference_by_usage: "",
      difference_by_price: "",
      off: estimated && off ? "sum" : "",
      assumption: "",
      usage_types: "",
    };
  };
  return csv(bills.flatMap((bill) => lineKinds.filter((kind) => kind === "usage" || bill[kind] !== "0").map((kind) => row(kind, bill.currency, bill[kind]))));
};
const nothing = { currency: "USD", usage: "0", tax: "0", credit: "0", refund: "0" };
