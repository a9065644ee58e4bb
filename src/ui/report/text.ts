/** What a report says on a terminal: the sums, and where its files are. */
import Big from "big.js";
import chalk from "chalk";
import type { AnswerPrice } from "../../core/costs/actual/cost-source.ts";
import type { CostReport } from "../../core/costs/report/report.ts";
import { formatAmount, formatDifference } from "../../core/money.ts";
import { bytesText } from "../bytes.ts";
import { facts } from "../table.ts";
import { ageText } from "../time.ts";
import { minus, monthName, share } from "./amounts.ts";

export interface ReportFile {
  format: string;
  file: string;
  bytes: number;
}

export function reportText({ month, sources, currencies, open }: CostReport, files: readonly ReportFile[], width: number): string {
  const whose = sources.length === 1 ? `tenant ${sources[0]?.tenantId}` : `${sources.length} tenants`;
  const sums = currencies.flatMap(({ currency, total, estimate, unallocated }): [string, string][] => [
    [currencies.length > 1 ? `Actual, ${currency}` : "Actual", chalk.bold(formatAmount(total, currency))],
    ...(estimate === null
      ? []
      : [
          [
            "Estimate",
            new Big(estimate).eq(0)
              ? "nothing was booked here"
              : `${formatAmount(estimate, currency)} of what was booked (actual: ${formatDifference(minus(total, estimate), currency)})`,
          ] satisfies [string, string],
        ]),
    ...(new Big(unallocated).eq(0)
      ? []
      : [["No project", `${formatAmount(unallocated, currency)} (${share(unallocated, total) || "of a negative bill"})`] satisfies [string, string]]),
  ]);
  return [
    `${chalk.bold(`Costs of ${whose}, ${monthName(month)}`)}${open ? chalk.yellow(" (open: AWS may still change the figures)") : ""}`,
    ...(sums.length > 0 ? [facts(sums, width)] : [nothingText(sources)]),
    ...(currencies.length > 0 && currencies.every(namesNoProject)
      ? [`${chalk.yellow("No cost carries the tag")} ProjectId: activate it with chartctl setup aws, in the account that pays.`]
      : []),
    ...files.map(({ file, bytes }) => `Wrote ${file} (${bytesText(bytes)})`),
  ].join("\n");
}

function nothingText(sources: CostReport["sources"]): string {
  const all = sources.flatMap(({ tags }) => Object.entries(tags).map(([key, value]) => `${key}=${value}`));
  const tagged = all.length > 1 ? [`for ${sources.length} tenants`] : all;
  if (tagged.length === 0) return "AWS billed nothing in this time, and nothing was booked.";
  return `AWS billed nothing in this time that is tagged ${tagged.join()}, and nothing was booked.\nTags count once they are activated: chartctl setup aws (in the account that pays)`;
}

const namesNoProject = ({ projects, unallocated }: CostReport["currencies"][number]): boolean =>
  !new Big(unallocated).eq(0) && projects.every(({ projectId, total }) => projectId === null || new Big(total).eq(0));

/** What asking did cost, and how old the answers are. */
export function priceText({ sources }: CostReport, prices: readonly AnswerPrice[], now: Date): string {
  const requests = prices.reduce((sum, price) => sum + price.requests, 0);
  const [oldest = now.toISOString()] = sources.map(({ askedAt }) => askedAt).sort();
  const names = [...new Set(sources.map(({ source }) => (source === "ce" ? "Cost Explorer" : "Cost and Usage Report")))].join(" and ");
  if (requests === 0) return `${names}: asked ${ageText(oldest, now)} ago, nothing paid now (--refresh asks again).`;
  const dollars = prices.reduce((sum, price) => sum.plus(price.dollars), new Big(0)).toFixed();
  return `${names}: ${requests} ${requests === 1 ? "request" : "requests"}, about $${dollars}.`;
}

/** A file that the platform made, and keeps for a time. */
export interface HostedFile extends ReportFile {
  id: string;
  expiresAt: string;
}

export const hostedReportText = (files: readonly HostedFile[]): string =>
  files
    .map(
      ({ id, file, bytes, expiresAt }) =>
        `Wrote ${file} (${bytesText(bytes)})\n  ${chalk.dim(`kept on the platform as ${id} until ${expiresAt.slice(0, 10)}`)}`,
    )
    .join("\n");
