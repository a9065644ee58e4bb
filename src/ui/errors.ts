/** An error as a person reads it: what, why, and the next command. */
import chalk from "chalk";
import { ChartctlError, isChartctlError, messageOf } from "../errors.ts";

/** Anything that isn't one of ours is a bug of ours, and says how to report it. */
export const asKnown = (error: unknown): ChartctlError =>
  isChartctlError(error)
    ? error
    : new ChartctlError({
        kind: "bug",
        code: "bug",
        message: `chartctl has a bug: ${messageOf(error)}`,
        hint: "run it again with --debug and report what it says",
        cause: error,
      });

export function errorText(error: ChartctlError): string {
  const lines = [`${chalk.red("error:")} ${error.message}`];
  if (error.hint) lines.push(`${chalk.cyan("help:")} ${error.hint}`);
  return lines.join("\n");
}

export const errorDocument = (error: ChartctlError): object => ({
  apiVersion: "chartctl/v1",
  kind: "Error",
  error: { code: error.code, message: error.message, hint: error.hint ?? null, details: error.details ?? {} },
});
