/** An estimate against the bill, as people read it. */

import Big from "big.js";
import chalk from "chalk";
import type { Check, CheckedLine } from "../core/costs/check.ts";
import { formatAmount, formatDifference } from "../core/money.ts";
import { quantityText } from "./estimate.ts";
import { table } from "./table.ts";
import { wrapped } from "./wrapped.ts";

export interface CheckShown extends Check {
  project: string;
  month: string;
  /** Such as: the month is open, or the project is younger. */
  notes: string[];
}

export function checkText({ lines, estimatedDollars, billed, compared, share, measured, project, month, notes }: CheckShown, width: number): string {
  const totals = Object.entries(billed).map(([currency, amount]) => formatAmount(amount, currency));
  const rows = [
    ...lines.map((line) => ({
      title: printable(line.title),
      estimated: line.estimated === undefined ? "" : line.estimated.dollars === null ? "no price" : formatAmount(line.estimated.dollars, "USD"),
      billed: formatAmount(line.billed.amount, line.currency),
      difference: line.difference === null ? "" : signed(line.difference),
      used: usedText(line),
    })),
    { title: chalk.bold("Total"), estimated: formatAmount(estimatedDollars, "USD"), billed: totals.join(" + ") || "$0.00", difference: "", used: "" },
  ];
  const off = lines.flatMap((line) => offText(line) ?? []);
  return [
    wrapped(
      `${chalk.bold(`Project ${project} in ${month}`)}: billed ${totals.join(" + ") || "nothing"}, estimated ${formatAmount(estimatedDollars, "USD")}`,
      width,
      "  ",
    ),
    table(
      rows,
      [
        { title: "Line", value: ({ title }) => title },
        { title: "Estimated", value: ({ estimated }) => estimated, right: true },
        { title: "Billed", value: (row) => row.billed, right: true },
        { title: "Off by", value: ({ difference }) => difference, right: true },
        { title: "Used", value: ({ used }) => used, right: true },
      ],
      width,
    ),
    ...(!compared
      ? ["Nothing is compared: nothing is billed."]
      : off.length === 0
        ? ["Every assumption held, within a tenth."]
        : [off.map((text) => wrapped(text, width, "  ")).join("\n")]),
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
  return `${new Big(billed.quantity).div(estimated.quantity).times(100).toFixed(0)}%`;
}

function offText({ title, off, estimated, billed, byPrice, currency }: CheckedLine): string | undefined {
  if (off === "usage" && estimated)
    return `${chalk.yellow(title)}: assumed ${quantityText(estimated.quantity)} (${estimated.assumption}), used ${quantityText(billed.quantity ?? "0")}${
      estimated.parameters.length === 0 ? "" : `; look at ${estimated.parameters.join(", ")}`
    }`;
  if (off === "price" && byPrice !== null)
    return `${chalk.yellow(title)}: used as assumed, but billed ${signed(byPrice)} against the list price: a free tier, a discount, or another price`;
  if (off === "unmatched" && !new Big(billed.amount).eq(0))
    return `${chalk.yellow(printable(title))}: ${formatAmount(billed.amount, currency)} that no line estimates`;
  return undefined;
}

const signed = (dollars: string): string => formatDifference(dollars, "USD");
/** A usage type is AWS's own, and still moves no cursor. */
const printable = (text: string): string => text.replace(/\p{C}/gu, "�");
