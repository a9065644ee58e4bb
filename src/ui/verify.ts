/** What was found about a running platform. */
import chalk from "chalk";
import type { Verified } from "../core/verify/platform.ts";
import { wrapped } from "./wrapped.ts";

const marks: Record<Verified["result"], () => string> = { ok: () => chalk.green("✔"), fail: () => chalk.red("✖"), skipped: () => chalk.dim("-") };

const verifiedLine = ({ name, result, found, mend }: Verified, width: number): string =>
  [
    wrapped(`${marks[result]()} ${name.padEnd(nameColumns)} ${found}`, width, " ".repeat(nameColumns + 3)),
    ...(mend && result !== "ok" ? [`    help: ${mend}`] : []),
  ].join("\n");
const nameColumns = 12;

export function verifiedText(url: string, results: readonly Verified[], width: number): string {
  const count = (result: Verified["result"]): number => results.filter((one) => one.result === result).length;
  const [good, bad, left] = [count("ok"), count("fail"), count("skipped")];
  const end = bad > 0 ? chalk.red(`${bad} ${bad === 1 ? "check fails" : "checks fail"}`) : chalk.green("All that was checked holds");
  return [...results.map((one) => verifiedLine(one, width)), wrapped(`${end}: ${url} (${good} ok, ${bad} failed, ${left} skipped)`, width)].join("\n");
}
