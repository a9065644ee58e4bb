/** What a report says on a terminal: the sums, and where its files are. */
import Big from "big.js";
import chalk from "chalk";
import type { AnswerPrice } from "../../core/costs/actual/cost-source.ts";
import type { CostReport } from "../../core/costs/report/report.ts";
import { formatAmount, formatDifference } from "../../core/money.ts";
import { bytesText } from "../bytes.ts";
import { paidText } from "../paid.ts";
import { facts } from "../table.ts";
import { ageText } from "../time.ts";
import { wrapped } from "../wrapped.ts";
import { minus, monthName, share } from "./amounts.ts";

export interface ReportFile {
  format: string;
  file: string;
  bytes: number;
}

export function reportText({ month, sources, currencies, open }: CostReport, files: readonly ReportFile[], width: number): string {
  const tenants = sources.flatMap(({ tenantId }) => tenantId ?? []);
  const whose = tenants.length === 1 ? `tenant ${tenants[0]}` : `${tenants.length} tenants`;
  const under = (value: string): string => wrapped(value, width - 2).replaceAll("\n", "\n  ");
  const sums = sumsOf(currencies).map(([name, value]): [string, string] => [name, under(value)]);
  return [
    wrapped(`${chalk.bold(`Costs of ${whose}, ${monthName(month)}`)}${open ? chalk.yellow(" (open: AWS may still change the figures)") : ""}`, width),
    ...(currencies.length > 0
      ? [facts(sums, width)]
      : nothingText(sources)
          .split("\n")
          .map((line) => wrapped(line, width))),
    ...(currencies.length > 0 && currencies.every(namesNoProject)
      ? [wrapped(`${chalk.yellow("No cost carries the tag")} ProjectId: activate it with chartctl setup aws, in the account that pays.`, width)]
      : []),
    ...files.map(({ file, bytes }) => `Wrote ${file} (${bytesText(bytes)})`),
  ].join("\n");
}

/** All bills, then what was expected of them, then what nobody is named for: a currency's sums are never in the midst of another's. */
function sumsOf(currencies: CostReport["currencies"]): [string, string][] {
  const each = (title: string, words: (report: CostReport["currencies"][number]) => string | null): [string, string][] =>
    currencies.flatMap((report): [string, string][] => {
      const said = words(report);
      return said === null ? [] : [[currencies.length > 1 ? `${title}, ${report.currency}` : title, said]];
    });
  const part = (of: string, { currency, total }: { currency: string; total: string }): string | null =>
    new Big(of).eq(0) ? null : `${formatAmount(of, currency)} (${share(of, total) || "of a negative bill"})`;
  return [
    ...each("Actual", ({ total, currency }) => chalk.bold(formatAmount(total, currency))),
    ...each("Estimate", ({ total, estimate, currency }) =>
      estimate === null ? null : `${formatAmount(estimate, currency)} of what was booked (actual: ${formatDifference(minus(total, estimate), currency)})`,
    ),
    ...(currencies.some(({ estimate }) => estimate !== null) ? [] : [["Estimate", "nothing was booked here"] satisfies [string, string]]),
    ...each("No tenant", (report) => part(report.tenants.find(({ tenantId }) => tenantId === null)?.total ?? "0", report)),
    ...each("No project", (report) => part(report.unallocated, report)),
  ];
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
  return `${names}: ${requests} ${requests === 1 ? "request" : "requests"}, about ${paidText(dollars)}.`;
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
