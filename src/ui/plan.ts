/** A plan as people read it: grouped, counted, priced. */
import chalk from "chalk";
import { formatCents } from "../core/money.ts";
import type { Plan, PlannedChange } from "../core/ports.ts";

const groups: { action: PlannedChange["action"]; title: string; mark: string; color(text: string): string }[] = [
  { action: "create", title: "to create", mark: "+", color: chalk.green },
  { action: "import", title: "to adopt (in AWS already, from an earlier run)", mark: "=", color: chalk.cyan },
  { action: "update", title: "to change in place", mark: "~", color: chalk.yellow },
  { action: "replace", title: "to replace", mark: "±", color: chalk.red },
  { action: "delete", title: "to destroy", mark: "-", color: chalk.red },
];

export function planText({ changes, besides }: Plan, monthlyCents: number): string {
  if (changes.length === 0) return `No changes. Estimate: ${formatCents(monthlyCents)} a month`;
  const lines = groups.flatMap(({ action, title, mark, color }) => {
    const found = changes.filter((change) => change.action === action).sort((a, b) => (a.address < b.address ? -1 : 1));
    if (found.length === 0) return [];
    return [
      chalk.bold(`${found.length} ${title}`),
      ...found.map(({ address, attributes }) => `  ${color(mark)} ${address}${attributes?.length ? chalk.dim(` (${attributes.join(", ")})`) : ""}`),
    ];
  });
  if (besides.length > 0) lines.push(chalk.bold("Besides, for the whole account"), ...besides.map((what) => `  ${chalk.green("+")} ${what}`));
  return [...lines, `Estimate: ${chalk.bold(`${formatCents(monthlyCents)} a month`)} (from stated usage: --assumptions shows it)`].join("\n");
}
