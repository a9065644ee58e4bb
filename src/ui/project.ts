/** A project as a person reads it. */
import chalk from "chalk";
import type { Project } from "../contract/resources.ts";
import { overCostNow } from "../core/costs/limits/over-limit.ts";
import { formatDuration } from "../core/duration.ts";
import { onceTold, overCostReason } from "../core/lifecycle/clean-up-rules.ts";
import { formatCents, formatDollars } from "../core/money.ts";
import { bytesText } from "./bytes.ts";
import { facts } from "./table.ts";

const colors: Record<string, (text: string) => string> = {
  deployed: chalk.green,
  live: chalk.green,
  failed: chalk.red,
  absent: chalk.dim,
  retired: chalk.dim,
  purged: chalk.dim,
};
export const statusText = (status: string): string => (colors[status] ?? chalk.yellow)(status);

/** How long until clean-up; a warning when it is near or past. */
export function expiryText(project: Pick<Project, "expiresAt">, now: Date): string {
  if (project.expiresAt === null) return "never";
  const seconds = (Date.parse(project.expiresAt) - now.getTime()) / 1_000;
  const at = project.expiresAt.slice(0, 16).replace("T", " ");
  if (seconds <= 0) return chalk.red(`${formatDuration(-seconds)} ago (${at} UTC): it may be cleaned up at any time`);
  const text = `in ${formatDuration(seconds)} (${at} UTC)`;
  return seconds < soonSeconds ? chalk.yellow(text) : text;
}

/** `reach`: where its URL is reached from here. */
export function projectText(project: Project, now: Date, width: number, reach: (url: string) => string): string {
  const { operation, release, cleanup } = project;
  const running =
    operation?.status === "running"
      ? `${operation.kind} since ${operation.openedAt.slice(11, 19)} UTC, process ${operation.holder.pid}${operation.reason ? `, because ${operation.reason}` : ""}`
      : undefined;
  const failure = project.infrastructure === "failed" && operation?.error ? operation.error.message : undefined;
  return facts(
    [
      ["Project", `${project.id} (tenant ${project.tenantId}, user ${project.userId})`],
      ["Infrastructure", statusText(project.infrastructure)],
      ["Application", statusText(project.application)],
      ["Release", release ? `${release.number} (${release.files} ${release.files === 1 ? "file" : "files"}, ${bytesText(release.bytes)})` : undefined],
      ["URL", typeof project.outputs.url === "string" ? reach(project.outputs.url) : undefined],
      ["Region", `${project.region}${project.accountId ? `, account ${project.accountId}` : ""}`],
      ["Estimate", `${formatCents(project.monthlyCents)} a month`],
      ["Expires", expiryText(project, now)],
      ["Warning", warning(project, now)],
      ["Over limit", overCostText(project, now)],
      ["Running", running],
      ["Failure", failure],
      [
        "Clean-up",
        cleanup
          ? chalk.red(
              `failed ${cleanup.attempts} ${cleanup.attempts === 1 ? "time" : "times"}, next at ${cleanup.nextAt.slice(0, 16).replace("T", " ")} UTC: ${cleanup.error}`,
            )
          : undefined,
      ],
      ["Next", nextCommand(project)],
    ],
    width,
  );
}

const soonSeconds = 600;

/** In words, too: not everybody sees colours. */
function warning({ id, tenantId, expiresAt }: Project, now: Date): string | undefined {
  if (expiresAt === null || (Date.parse(expiresAt) - now.getTime()) / 1_000 >= soonSeconds) return undefined;
  return chalk.yellow(`it will be purged and destroyed when it expires; keep it: chartctl projects renew -t ${tenantId} -p ${id}`);
}

/** What it has cost of what it may, how long it still stands, and what to do. */
function overCostText(project: Project, now: Date): string | undefined {
  const over = overCostNow(project, now);
  if (!over) return undefined;
  const { id, tenantId, userId } = project;
  const since = `since ${over.since.slice(0, 16).replace("T", " ")} UTC`;
  const raise = `chartctl quota set -t ${tenantId} --user ${userId} ${over.of === "project" ? "--project-cost" : "--user-cost"} DOLLARS`;
  const seconds = over.cleanUpAt === null ? null : (Date.parse(over.cleanUpAt) - now.getTime()) / 1_000;
  const fate =
    seconds === null
      ? over.warning === null
        ? "it stays, and goes on costing"
        : `purged and destroyed ${onceTold(over.warning)} (chartctl alerts)`
      : seconds > 0
        ? `purged and destroyed in ${formatDuration(seconds)} (${over.cleanUpAt?.slice(0, 16).replace("T", " ")} UTC)`
        : "purged and destroyed at any time now";
  return chalk.red(
    `${overCostReason(project, over)} (${since}); ${fate}. Take it away yourself: chartctl destroy --purge -t ${tenantId} -p ${id}; an admin raises the limit: ${raise}`,
  );
}

/** Below a table of projects; empty where none is over. */
export function overCostLines(projects: Project[], now: Date): string {
  const lines = projects.flatMap((project) => {
    const over = overCostNow(project, now);
    if (!over) return [];
    const whose = over.of === "user" ? `of user ${project.userId}` : "of one project";
    return [chalk.red(`${project.id} is over the limit ${whose}: ${formatDollars(over.amount)} of ${formatCents(over.limitCents)} billed this month`)];
  });
  return lines.length === 0 ? "" : `\n\n${lines.join("\n")}`;
}

/** The command that a person most likely wants now. */
function nextCommand(project: Project): string {
  const on = `-t ${project.tenantId} -p ${project.id}`;
  if (project.operation?.status === "running") return `chartctl status ${on}`;
  if (project.application === "purging" || project.application === "failed") return `chartctl purge ${on}, or chartctl deploy-app ${on}`;
  if (project.application === "deployed") return `chartctl open ${on}, or chartctl purge ${on}`;
  if (project.infrastructure === "deployed") return `chartctl deploy-app ${on}, or chartctl destroy ${on}`;
  if (project.infrastructure === "destroying") return `chartctl destroy ${on}`;
  return `chartctl provision ${on}, or chartctl destroy ${on}`;
}
