/** What a setup command found, did, or would send. */
import chalk from "chalk";
import type { SetupReport, StepReport } from "../core/setup/steps.ts";
import { table } from "./table.ts";

const marks: Record<StepReport["outcome"], string> = {
  found: chalk.dim("unchanged"),
  made: chalk.green("made"),
  changed: chalk.yellow("changed"),
  removed: chalk.green("removed"),
  absent: chalk.dim("not there"),
  waits: chalk.yellow("waits"),
};

export function setupText({ dryRun, steps, calls }: SetupReport, width: number): string {
  if (!dryRun)
    return table<StepReport>(
      steps,
      [
        { title: "What", value: ({ name }) => name },
        { title: "Done", value: ({ outcome }) => marks[outcome] },
        { title: "", value: ({ detail }) => detail ?? "" },
      ],
      width,
    );
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
