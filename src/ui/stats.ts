/** The platform at a glance, as the page /admin/stats has it: one table a question, and what needs somebody stands out. */
import chalk from "chalk";
import type { Stats } from "../contract/stats.ts";
import { onceTold } from "../core/lifecycle/clean-up-rules.ts";
import { formatCents, formatDollars } from "../core/money.ts";
import { standingText } from "./alerts.ts";
import { statusText } from "./project.ts";
import type { Column } from "./table.ts";
import { facts, table } from "./table.ts";
import { minuteOr, minuteText } from "./time.ts";

type Row<K extends keyof Stats> = Stats[K] extends (infer R)[] ? R : never;

export function statsText(stats: Stats, width: number): string {
  if (stats.tenants.length === 0) return "No tenants yet. Add one: chartctl tenants add ID";
  const section = <T>(title: string, rows: T[], columns: Column<T>[]): string[] =>
    rows.length === 0 ? [] : [`${chalk.bold.underline(title)}\n${table(rows, columns, width)}`];
  const running = stats.operations.filter(({ status }) => status === "running");
  const failed = stats.operations.filter(({ status }) => status !== "running");
  return [
    ...section("Tenants", stats.tenants, tenantColumns),
    ...section("Users and quota", stats.users, userColumns),
    costsText(stats),
    ...section("Operations now", running, runningColumns),
    ...section("Operations that failed in the last 24 hours", failed, failedColumns),
    ...section("Over a limit this month, as AWS billed it", stats.overLimits, overLimitColumns),
    ...alertsText(stats, width),
    ...cleanupsText(stats),
    ...billingText(stats),
    `${chalk.bold.underline("Jobs")}\n${facts(jobFacts(stats), width)}`,
    ...section("Workers", stats.workers, workerColumns),
    ...section("Callers that the rate limits refused", stats.limitedCallers, callerColumns),
  ].join("\n\n");
}

const number = (value: number): string => value.toLocaleString("en-US");
/** Zero is well; anything else is to be seen. */
const alarm = (value: number): string => (value === 0 ? "0" : chalk.red(number(value)));

const tenantColumns: Column<Row<"tenants">>[] = [
  { title: "Tenant", value: ({ tenantId }) => tenantId },
  { title: "Users", value: ({ users }) => number(users), right: true },
  { title: "Projects", value: ({ projects }) => number(projects), right: true },
  { title: "Applications", value: ({ applications }) => number(applications), right: true },
  { title: "Estimate", value: ({ monthlyCents }) => formatCents(monthlyCents), right: true },
  { title: "Failed", value: ({ failed }) => alarm(failed), right: true },
  { title: "Expired", value: ({ expired }) => alarm(expired), right: true },
];

/** Of a limit, how much: at the limit in red. */
const share = (used: number, limit: number, text: (value: number) => string): string =>
  `${used >= limit ? chalk.red(text(used)) : text(used)} of ${text(limit)}`;

const userColumns: Column<Row<"users">>[] = [
  { title: "User", value: ({ tenantId, userId }) => `${tenantId}/${userId}` },
  { title: "Projects", value: ({ projects, projectsLimit }) => share(projects, projectsLimit, number), right: true },
  { title: "Estimate a month", value: ({ monthlyCents, monthlyCentsLimit }) => share(monthlyCents, monthlyCentsLimit, formatCents), right: true },
];

function costsText({ days, tenants, projects }: Stats): string {
  const sum = (rows: { cents: number }[]): string => formatCents(rows.reduce((all, { cents }) => all + cents, 0));
  const monthly = tenants.reduce((all, { monthlyCents }) => all + monthlyCents, 0);
  const dearest = projects.slice(0, 3).map(({ tenantId, projectId, monthlyCents }) => `${tenantId}/${projectId} ${formatCents(monthlyCents)}`);
  return [
    chalk.bold.underline("Costs"),
    `${formatCents(monthly)} a month for what stands (estimate); ${sum(days.slice(-7))} in the last 7 days, ${sum(days)} in ${days.length}, ${days.filter(({ billed }) => billed === "all").length} of them as billed.`,
    ...(dearest.length === 0 ? [] : [`Dearest: ${dearest.join(", ")}`]),
  ].join("\n");
}

const overLimitColumns: Column<Row<"overLimits">>[] = [
  { title: "Project or user", value: ({ tenantId, projectId, userId }) => (projectId === null ? `${tenantId}, user ${userId}` : `${tenantId}/${projectId}`) },
  {
    title: "Billed",
    value: ({ projectId, of, amount, limitCents }) =>
      `${projectId !== null && of === "user" ? "its user " : ""}${chalk.red(formatDollars(amount))} of ${formatCents(limitCents)}`,
    right: true,
  },
  {
    title: "Clean-up",
    value: ({ projectId, cleanUpAt, warning }) =>
      projectId === null ? "" : cleanUpAt !== null ? chalk.red(minuteText(cleanUpAt)) : warning === null ? "no: alert alone" : chalk.red(onceTold(warning)),
  },
];

/** Nothing, where all was told. */
function alertsText({ alerts }: Stats, width: number): string[] {
  const text = standingText(alerts, width);
  return text === undefined ? [] : [`${chalk.bold.underline("Alerts")}\n${text}`];
}

const runningColumns: Column<Row<"operations">>[] = [
  { title: "Project", value: ({ tenantId, projectId }) => `${tenantId}/${projectId}` },
  { title: "Operation", value: ({ kind }) => kind },
  { title: "Since", value: ({ openedAt }) => minuteText(openedAt) },
];
const failedColumns: Column<Row<"operations">>[] = [
  { title: "Project", value: ({ tenantId, projectId }) => `${tenantId}/${projectId}` },
  { title: "Operation", value: ({ kind, status }) => `${kind} ${statusText(status)}` },
  { title: "At", value: ({ finishedAt, openedAt }) => minuteText(finishedAt ?? openedAt) },
  { title: "Because", value: ({ error }) => error?.message ?? "its process died" },
];

/** The failing ones each as a sentence, with the reason. */
function cleanupsText({ cleanups }: Stats): string[] {
  if (cleanups.length === 0) return [];
  const lines = cleanups.map(({ tenantId, projectId, attempts, nextAt, expiresAt, error }) =>
    error === null
      ? `${tenantId}/${projectId} waits for its clean-up${expiresAt === null ? "" : `, expired ${minuteText(expiresAt)}`}`
      : chalk.red(
          `Clean-up of ${tenantId}/${projectId} failed ${attempts} ${attempts === 1 ? "time" : "times"}, next try after ${minuteOr(nextAt, "the next run")}: ${error}`,
        ),
  );
  return [[chalk.bold.underline("Clean-up queue"), ...lines].join("\n")];
}

/** Bills that can't be read, each with the reason; what is read well is no news. */
function billingText({ billing }: Stats): string[] {
  const lines = billing.flatMap(({ tenantId, readAt, nextAt, attempts, error, hint }) =>
    error === null
      ? []
      : [
          chalk.red(
            `The bill of ${tenantId} can't be read (${attempts} ${attempts === 1 ? "try" : "tries"}, last read ${minuteOr(readAt, "never")}, next try after ${minuteOr(nextAt, "the next run")}): ${error}`,
          ),
          ...(hint === null ? [] : [`  ${hint}`]),
        ],
  );
  return lines.length === 0 ? [] : [[chalk.bold.underline("Bills"), ...lines].join("\n")];
}

const jobFacts = ({ jobs }: Stats): [string, string][] => [
  ["Queued", number(jobs.queued)],
  ["Running", number(jobs.running)],
  ["Waiting", number(jobs.waiting)],
  ["Failed (24 h)", alarm(jobs.failedToday)],
];

const workerColumns: Column<Row<"workers">>[] = [
  { title: "Worker", value: ({ id }) => id },
  { title: "Machine", value: ({ machine }) => machine },
  { title: "Version", value: ({ version }) => version },
  { title: "Terraform", value: ({ terraform }) => terraform ?? chalk.red("none") },
  { title: "Jobs", value: ({ running }) => number(running), right: true },
  { title: "State", value: ({ alive, seenAt }) => (alive ? chalk.green("alive") : chalk.red(`DEAD, last seen ${minuteText(seenAt)}`)) },
];

const callerColumns: Column<Row<"limitedCallers">>[] = [
  { title: "Caller", value: ({ caller }) => caller },
  { title: "Day", value: ({ day }) => day },
  { title: "Refused", value: ({ refused }) => number(refused), right: true },
  { title: "Last", value: ({ lastAt }) => minuteText(lastAt) },
];
