/** What a setup command found, did, or would send. */
import chalk from "chalk";
import type { Checked } from "../core/setup/check.ts";
import type { SetupReport, StepReport } from "../core/setup/steps.ts";
import { wrapped } from "./wrapped.ts";

const colors: Record<StepReport["outcome"], (text: string) => string> = {
  found: chalk.dim,
  made: chalk.green,
  changed: chalk.yellow,
  removed: chalk.green,
  absent: chalk.dim,
  waits: chalk.yellow,
};
const widest = Math.max(...Object.keys(colors).map((word) => word.length));

export function setupText({ dryRun, steps, calls }: SetupReport, width: number): string {
  if (!dryRun)
    return steps
      .map(({ name, outcome, detail }) =>
        wrapped(`${colors[outcome](outcome.padEnd(widest))}  ${name}${detail ? `: ${detail}` : ""}`, width, " ".repeat(widest + 2)),
      )
      .join("\n");
  if (calls.length === 0) return "Nothing differs: no call would be made.";
  const shown = calls.map(({ step, operation, body }, at) => {
    const head = `${chalk.bold(`${at + 1}. ${operation}`)}  ${chalk.dim(step)}`;
    return body === null ? head : `${head}\n${indented(JSON.stringify(body, undefined, 2))}`;
  });
  return [...shown, `${calls.length} ${calls.length === 1 ? "call" : "calls"} would be made, in this order. Nothing was changed.`].join("\n");
}

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `   ${line}`)
    .join("\n");

const checkMarks: Record<Checked["state"], () => string> = {
  ok: () => chalk.green("✔"),
  missing: () => chalk.red("✖"),
  differs: () => chalk.red("≠"),
  waits: () => chalk.yellow("!"),
  unknown: () => chalk.yellow("?"),
};
const checkWords: Record<Checked["state"], string> = { ok: "", missing: "missing", differs: "differs from what it should be", waits: "", unknown: "" };

/** Part by part; each help once, below what needs it. */
export function checkedText(checked: readonly Checked[], complete: boolean, width: number): string {
  const parts = [...new Set(checked.map(({ part }) => part))];
  const blocks = parts.map((part) => {
    const rows = checked.filter((one) => one.part === part);
    const lines = rows.map(({ name, state, found }) =>
      wrapped(`  ${checkMarks[state]()} ${[name, checkWords[state], found].filter(Boolean).join(": ")}`, width, "    "),
    );
    const helps = [...new Set(rows.flatMap(({ state, mend }) => (state !== "ok" && mend ? [mend] : [])))];
    return [chalk.bold(part), ...lines, ...helps.map((mend) => `    help: ${mend}`)].join("\n");
  });
  return [...blocks, complete ? "All that was looked at stands." : "Something is missing; nothing was changed."].join("\n\n");
}
