/** An estimate against a month's sum, as people read it. */
import Big from "big.js";
import chalk from "chalk";
import type { LineKind } from "../core/costs/actual/cost-source.ts";
import type { SumCheck } from "../core/costs/check-sum.ts";
import { formatAmount, formatDifference } from "../core/money.ts";
import { table } from "./table.ts";
import { wrapped } from "./wrapped.ts";

export interface SumCheckShown extends SumCheck {
  project: string;
  month: string;
  notes: string[];
}

const kindNames: Record<LineKind, string> = { usage: "Usage", tax: "Tax", credit: "Credits", refund: "Refunds" };

export function sumCheckText({ project, month, hours, estimatedDollars, billed, difference, off, notes }: SumCheckShown, width: number): string {
  const estimated = estimatedDollars === null ? "no price" : formatAmount(estimatedDollars, "USD");
  const bills = billed.length === 0 ? [{ currency: "USD", total: "0", usage: "0", tax: "0", credit: "0", refund: "0" }] : billed;
  const rows = bills.flatMap((bill) => {
    const inDollars = bill.currency === "USD";
    const show = (amount: string): string => formatAmount(amount, bill.currency);
    return [
      ...(Object.entries(kindNames) as [LineKind, string][])
        .filter(([kind]) => kind === "usage" || !new Big(bill[kind]).eq(0))
        .map(([kind, title]) => ({
          title,
          estimated: kind === "usage" && inDollars ? estimated : "",
          billed: show(bill[kind]),
          difference: kind === "usage" && inDollars && difference !== null ? signed(difference) : "",
        })),
      { title: chalk.bold("Total"), estimated: inDollars ? estimated : "", billed: show(bill.total), difference: "" },
    ];
  });
  const totals = billed.map(({ total, currency }) => formatAmount(total, currency)).join(" and ") || "nothing";
  return [
    wrapped(`${chalk.bold(`Project ${project} in ${month}`)}: billed ${totals}, estimated ${estimated} for ${hours} hours`, width, "  "),
    table(
      rows,
      [
        { title: "", value: ({ title }) => title },
        { title: "Estimated", value: (row) => row.estimated, right: true },
        { title: "Billed", value: (row) => row.billed, right: true },
        { title: "Off by", value: (row) => row.difference, right: true },
      ],
      width,
    ),
    ...(difference === null ? [] : [off ? `${chalk.yellow("The estimate was off")} by more than a tenth.` : "The estimate held, within a tenth."]),
    notes.map((note) => wrapped(note, width)).join("\n"),
  ].join("\n\n");
}

const signed = (dollars: string): string => formatDifference(dollars, "USD");
