/** An estimate against the bill, as people read it. */

import Big from "big.js";
import chalk from "chalk";
import type { Check, CheckedLine } from "../core/costs/check.ts";
import { dollarsFirst } from "../core/costs/currencies.ts";
import { formatAmount, formatDifference, withThousands } from "../core/money.ts";
import { quantityText } from "./estimate.ts";
import { printable } from "./names.ts";
import { table } from "./table.ts";
import { wrapped } from "./wrapped.ts";

export interface CheckShown extends Check {
  project: string;
  month: string;
  /** Such as: the month is open, or the project is younger. */
  notes: string[];
}

export function checkText({ lines, estimatedDollars, billed, compared, share, measured, project, month, notes }: CheckShown, width: number): string {
  const bills = dollarsFirst(
    Object.entries(billed).map(([currency, amount]) => ({ currency, amount })),
    ({ amount }) => amount,
  );
  const estimated = estimatedDollars === null ? "no total" : formatAmount(estimatedDollars, "USD");
  const totals = bills.length === 0 ? [{ currency: "USD", amount: "0" }] : bills;
  const rows = [
    ...lines.map((line) => ({
      title: printable(line.title),
      estimated: line.estimated === undefined ? "" : line.estimated.dollars === null ? "no price" : formatAmount(line.estimated.dollars, "USD"),
      billed: formatAmount(line.billed.amount, line.currency),
      difference: line.difference === null ? "" : signed(line.difference),
      used: usedText(line),
    })),
    ...totals.map(({ currency, amount }, at) => ({
      title: chalk.bold("Total"),
      estimated: at === 0 ? estimated : "",
      billed: formatAmount(amount, currency),
      difference: "",
      used: "",
    })),
  ];
  const off = lines.flatMap((line) => offText(line) ?? []);
  return [
    wrapped(`${chalk.bold(`Project ${project} in ${month}`)}: billed ${amountsText(bills)}, estimated ${estimated}`, width, "  "),
    table(
      rows,
      [
        { title: "Line", value: ({ title }) => title, wrap: true },
        { title: "Estimated", value: ({ estimated: dollars }) => dollars, right: true },
        { title: "Billed", value: (row) => row.billed, right: true },
        { title: "Off by", value: ({ difference }) => difference, right: true },
        { title: "Used", value: ({ used }) => used, right: true },
      ],
      width,
    ),
    [
      ...(!compared ? ["Nothing is compared: nothing is billed."] : off.length === 0 ? ["Every assumption held, within a tenth."] : off),
      ...unmatchedText(lines),
    ]
      .map((text) => wrapped(text, width, "  "))
      .join("\n"),
    [
      ...(measured.length === 0
        ? []
        : [
            `With what was used${share === "1" ? "" : ", for a whole month"}: chartctl costs estimate -p ${project} ${measured.map((set) => `--set ${set}`).join(" ")}`,
          ]),
      ...notes.map((note) => wrapped(note, width)),
    ].join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** How much of what was assumed. */
function usedText({ estimated, billed }: CheckedLine): string {
  if (!estimated || billed.quantity === null || new Big(estimated.quantity).eq(0)) return "";
  const times = new Big(billed.quantity).div(estimated.quantity);
  return times.lt(10) ? `${times.times(100).toFixed(0)}%` : `${withThousands(times.toFixed(0))} times`;
}

function offText({ title, off, estimated, billed, byPrice }: CheckedLine): string | undefined {
  if (off === "usage" && estimated)
    return `${chalk.yellow(title)}: assumed ${quantityText(estimated.quantity)} (${estimated.assumption}), used ${quantityText(billed.quantity ?? "0")}${
      estimated.parameters.length === 0 ? "" : `; look at ${estimated.parameters.join(", ")}`
    }`;
  if (off === "price" && byPrice !== null)
    return `${chalk.yellow(title)}: used as assumed, but billed ${signed(byPrice)} against the list price: a free tier, a discount, or another price`;
  return undefined;
}

/** Each has its line in the table: here, what they come to. */
function unmatchedText(lines: CheckedLine[]): string[] {
  const unmatched = lines.filter(({ off, billed }) => off === "unmatched" && !new Big(billed.amount).eq(0));
  if (unmatched.length === 0) return [];
  const sums = [...new Set(unmatched.map(({ currency }) => currency))].map((currency) => ({
    currency,
    amount: unmatched
      .filter((line) => line.currency === currency)
      .reduce((sum, { billed }) => sum.plus(billed.amount), new Big(0))
      .toFixed(),
  }));
  const amounts = amountsText(dollarsFirst(sums, ({ amount }) => amount));
  return [`${chalk.yellow("Not estimated")}: ${unmatched.length === 1 ? "one line" : `${unmatched.length} lines`} of the bill, ${amounts}.`];
}

const amountsText = (amounts: { currency: string; amount: string }[]): string =>
  amounts.map(({ amount, currency }) => formatAmount(amount, currency)).join(" and ") || "nothing";
const signed = (dollars: string): string => formatDifference(dollars, "USD");
