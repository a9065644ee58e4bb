/** `chartctl costs report` against a hosted control API: its workers make the files, from the platform's books. */
import { endpoints } from "../../contract/endpoints.ts";
import type { ReportFormat, StoredReport, ToldReport } from "../../contract/report-endpoints.ts";
import type { SourceName } from "../../core/costs/actual/choose-source.ts";
import type { Metric } from "../../core/costs/actual/cost-source.ts";
import { billing } from "../../core/costs/billing-names.ts";
import { reportFileName } from "../../core/costs/report/file-name.ts";
import { spansText } from "../../core/costs/report/unread.ts";
import type { ErrorKind } from "../../errors.ts";
import { ChartctlError, isChartctlError, outcomes } from "../../errors.ts";
import type { HostedFile } from "../../ui/report/text.ts";
import { hostedReportText } from "../../ui/report/text.ts";
import type { Cli } from "../cli.ts";

export interface HostedAsked {
  /** Null: every tenant. */
  tenantId: string | null;
  month: string;
  formats: readonly ReportFormat[];
  /** Ids of reports that were ordered before; then the others say nothing. */
  fetch: readonly string[];
  output: string | undefined;
  force: boolean;
}

type Parts = Pick<Cli, "io" | "clock"> & {
  connect: Pick<Cli["connect"], "api" | "reportFiles" | "reportDownload">;
  interrupt: Pick<Cli["interrupt"], "gentle">;
};

/** Errors: `report.*`, `costs.not-read`, `interrupted`, the API's. */
export async function hostedReport(cli: Parts, { tenantId, month, formats, fetch, output, force }: HostedAsked): Promise<void> {
  const { connect, io } = cli;
  const [call, files] = await Promise.all([connect.api(), connect.reportFiles()]);
  const toStdout = output === "-";
  const placesOf = (names: string[]): string[] => (toStdout ? [] : files.placesFor(output, names, { force }));
  const reports: StoredReport[] = [];
  let places: string[];
  if (fetch.length > 0) {
    for (const reportId of fetch) reports.push(await call(endpoints.getReport, { params: { reportId } }));
    if (toStdout && reports.some(({ format }) => format === "xlsx")) refuseTerminal(io);
    places = placesOf(reports.map(({ name }) => name));
  } else {
    // Before anything is made for nothing.
    places = placesOf(formats.map((format) => reportFileName(tenantId, month, format)));
    for (const format of formats) reports.push(await call(endpoints.generateReport, { body: { month, format, allTenants: tenantId === null } }));
  }
  const told = await made(cli, call, reports);
  for (const warning of new Set(told.flatMap(unreadText))) io.warn(warning);
  const [first] = told;
  const written: HostedFile[] = [];
  try {
    if (toStdout && first) return await files.print(connect.reportDownload(first.id));
    for (const [at, { id, format, expiresAt }] of told.entries()) {
      const file = places[at] as string;
      written.push({ id, format, file, bytes: await files.write(file, connect.reportDownload(id), { force }), expiresAt });
    }
  } catch (error) {
    throw isChartctlError(error, "interrupted") ? left(told.slice(written.length)) : error;
  }
  io.result("HostedReport", written, () => hostedReportText(written));
}

/** All of them, or the first one's error. An interrupt leaves the orders standing. */
async function made({ io, clock, interrupt }: Parts, call: Awaited<ReturnType<Cli["connect"]["api"]>>, ordered: StoredReport[]): Promise<ToldReport[]> {
  const asked = clock.now().getTime();
  const done: ToldReport[] = [];
  let warned = false;
  for (const { id, format, ...report } of ordered) {
    const title = `Make ${format} on the platform`;
    io.progress({ type: "part", title, phase: "start" });
    let now: StoredReport = { id, format, ...report };
    while (!isDone(now)) {
      if (now.status === "failed") throw failed(now);
      if (interrupt.gentle.aborted) throw left(ordered);
      if (!warned && now.status === "queued" && clock.now().getTime() - asked > unusualMilliseconds) {
        warned = true;
        io.warn(
          now.error ? `It is tried again: ${now.error.message}` : "No worker of the platform has taken it in a minute; its owners see why: chartctl stats",
        );
      }
      await clock.sleep(pollMilliseconds, interrupt.gentle);
      if (interrupt.gentle.aborted) throw left(ordered);
      now = await call(endpoints.getReport, { params: { reportId: id } });
    }
    io.progress({ type: "part", title, phase: "done" });
    done.push(now);
  }
  return done;
}

/** An order is none yet, and whoever asks again is told all of it. */
const isDone = (report: StoredReport | ToldReport): report is ToldReport => report.status === "done" && "unread" in report;

/** The files name these days; who looks at their sums alone finds out here. */
function unreadText({ month, unread }: ToldReport): string[] {
  const tenants = [...new Set((unread ?? []).map(({ tenantId }) => tenantId))];
  const texts = tenants.slice(0, mostTenants).map((id) => `of ${id} ${spansText((unread ?? []).filter(({ tenantId }) => tenantId === id))}`);
  const others = tenants.length > mostTenants ? [`and days of ${tenants.length - mostTenants} more tenants`] : [];
  return tenants.length === 0 ? [] : [`Not all of ${month} was read, and nothing is counted ${[...texts, ...others].join("; ")}`];
}
const mostTenants = 3;

const pollMilliseconds = 1_000;
const unusualMilliseconds = 60_000;

/** Error `costs.hosted` (usage): what the books have no answer to is said, never answered with something else. */
export function refuseForBooks(flags: {
  metric: Metric;
  source: SourceName;
  table: string;
  wholeAccount?: boolean;
  detail?: boolean;
  refresh?: boolean;
}): void {
  if (flags.metric !== "unblended") throw notInBooks("The platform's books have unblended costs", "leave out --metric");
  if (flags.source !== "auto" || flags.table !== billing.table)
    throw notInBooks("The platform chooses itself where it reads a bill, and reads it for everybody", "leave out --source and --table");
  if (flags.detail)
    throw notInBooks("The platform's books have no costs by project and service at once", "leave out --detail; a report has both, each by itself");
  if (flags.wholeAccount) throw notInBooks("The platform's books have each tenant's own costs", "leave out --whole-account");
  if (flags.refresh)
    throw notInBooks("The platform reads its tenants' bills by itself, every BILLING_READ_HOURS", "leave out --refresh; the report says how old they are");
}

/** Before a bill is paid for, or a report made. Error `report.terminal` (usage). */
export function refuseTerminal({ reader }: Pick<Cli["io"], "reader">): void {
  if (!reader) return;
  throw new ChartctlError({
    kind: "usage",
    code: "report.terminal",
    message: "A workbook is nothing for a terminal",
    hint: "give it a file: chartctl costs report --format xlsx --output report.xlsx",
  });
}

const notInBooks = (message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code: "costs.hosted", message, hint });

const failed = ({ id, error }: StoredReport): ChartctlError => {
  const { kind = "failed", code = "report.failed", message = "The platform failed to make it", hint } = error ?? {};
  const known = Object.hasOwn(outcomes, kind) ? (kind as ErrorKind) : "failed";
  return new ChartctlError({ kind: known, code, message, ...(hint ? { hint } : {}), details: { reportId: id } });
};

const left = (ordered: readonly StoredReport[]): ChartctlError =>
  new ChartctlError({
    kind: "interrupted",
    code: "interrupted",
    message: "The report is not here yet; the platform makes and keeps it all the same",
    hint: `fetch it: chartctl costs report --fetch ${ordered.map(({ id }) => id).join(",")}`,
    details: { reportIds: ordered.map(({ id }) => id) },
  });
