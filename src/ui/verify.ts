/** What was found about a running platform. */
import chalk from "chalk";
import type { Verified } from "../core/verify/platform.ts";

const marks: Record<Verified["result"], () => string> = { ok: () => chalk.green("✔"), fail: () => chalk.red("✖"), skipped: () => chalk.dim("-") };

const verifiedLine = ({ name, result, found, mend }: Verified): string =>
  [`${marks[result]()} ${name.padEnd(12)} ${found}`, ...(mend && result !== "ok" ? [`    help: ${mend}`] : [])].join("\n");

export function verifiedText(url: string, results: readonly Verified[]): string {
  const count = (result: Verified["result"]): number => results.filter((one) => one.result === result).length;
  const [good, bad, left] = [count("ok"), count("fail"), count("skipped")];
  const end = bad > 0 ? chalk.red(`${bad} ${bad === 1 ? "check fails" : "checks fail"}`) : chalk.green("All that was checked holds");
  return [...results.map(verifiedLine), `${end}: ${url} (${good} ok, ${bad} failed, ${left} skipped)`].join("\n");
}
