/** `chartctl costs report`: a month as files for people and programs. */
import type { Command } from "commander";
import { Option } from "commander";
import { endpoints } from "../../contract/endpoints.ts";
import type { ReportFormat } from "../../contract/report-endpoints.ts";
import { reportFormats } from "../../contract/report-endpoints.ts";
import type { SourceName } from "../../core/costs/actual/choose-source.ts";
import { sourceNames } from "../../core/costs/actual/choose-source.ts";
import { accountsOf, needsOwnAccount, sharesAccount } from "../../core/costs/actual/cost-scope.ts";
import type { AnswerPrice, Metric } from "../../core/costs/actual/cost-source.ts";
import { metrics } from "../../core/costs/actual/cost-source.ts";
import { addDays } from "../../core/costs/actual/period.ts";
import { billing, noProject } from "../../core/costs/billing-names.ts";
import type { AskedReport, ReportedAccount, ReportedTenant } from "../../core/costs/report/ask.ts";
import { askReport } from "../../core/costs/report/ask.ts";
import { detailTable, restLines } from "../../core/costs/report/detail.ts";
import { reportFileName } from "../../core/costs/report/file-name.ts";
import type { ReportMonth } from "../../core/costs/report/month.ts";
import { monthAsked } from "../../core/costs/report/month.ts";
import type { ReportTable } from "../../core/costs/report/tables.ts";
import { reportLines, reportWorkbook } from "../../core/costs/report/tables.ts";
import { ChartctlError } from "../../errors.ts";
import { printableLines } from "../../ui/names.ts";
import type { ReportFile } from "../../ui/report/text.ts";
import { priceText, reportText } from "../../ui/report/text.ts";
import { wrapped } from "../../ui/wrapped.ts";
import type { Cli } from "../cli.ts";
import { required } from "../required.ts";
import { flagsOf } from "./asked.ts";
import { hostedReport, refuseForBooks, refuseTerminal } from "./hosted-report.ts";
import { deleteReports, listReports } from "./kept-reports.ts";
import { refuseSandbox } from "./sandbox.ts";

const formats = reportFormats;
type Format = ReportFormat;

interface Flags {
  month?: string;
  format?: Format[];
  output?: string;
  force?: boolean;
  detail?: boolean;
  allTenants?: boolean;
  metric: Metric;
  source: SourceName;
  table: string;
  wholeAccount?: boolean;
  refresh?: boolean;
  fetch?: string[];
  list?: boolean;
  delete?: string[];
}

/** What says how a report is made says nothing of those that are kept. */
const ofOneMade = ["month", "format", "output", "force", "detail", "allTenants", "metric", "source", "table", "wholeAccount", "refresh"];

export function register(command: Command, cli: Cli): void {
  command
    .option("--month <month>", "such as 2026-10 (default: the last whole one)")
    .option("--format <list>", "csv, xlsx and html, or some of them (default: all)", formatsOf)
    .option("--output <place>", "a folder, a file, or - for stdout (default: here)")
    .option("--force", "write over files that are there")
    .option("--detail", "in CSV and XLSX a line a day, project and service, too")
    .option("--all-tenants", "every tenant, and what is no tenant's, in one")
    .addOption(new Option("--metric <name>", "which cost").choices(metrics).default("unblended"))
    .addOption(new Option("--source <name>", "Cost Explorer (ce), Cost and Usage Report (cur)").choices(sourceNames).default("auto"))
    .option("--table <name>", `the report's table in ${billing.database}`, billing.table)
    .option("--whole-account", "also what carries no tag of the tenant")
    .option("--refresh", "ask AWS again ($0.01 a request), not the cache")
    .addOption(new Option("--fetch <ids>", "a hosted API's reports, ordered before").argParser(idsOf))
    .addOption(new Option("--list", "a hosted API's reports, and until when they are kept").conflicts([...ofOneMade, "fetch", "delete"]))
    .addOption(new Option("--delete <ids>", "delete some of them, or take their orders back").argParser(idsOf).conflicts([...ofOneMade, "fetch"]))
    .addHelpText(
      "after",
      `
Cost Explorer is asked three times a tenant ($0.01 each), and once more for
--detail; answers are kept for six hours. Of an account that tenants share,
--all-tenants and --whole-account have each tenant and the rest apart: they ask
once who has costs, three times for each of those, and three times for what
carries none of their tags. Each account's bill counts once.

A hosted control API makes the files from its books, on its workers, and keeps
them for 30 days; both for admins.

Examples:
  $ chartctl -t acme costs report
  $ chartctl costs report --month 2026-10 --format html --output acme.html
  $ chartctl costs report --format csv --detail --output - | gzip > acme.gz`,
    )
    .action(async (_: object, part: Command) => await report(cli, flagsOf<Flags>(part)));
}

async function report(cli: Cli, flags: Flags): Promise<void> {
  const { connect, io, clock } = cli;
  const now = clock.now();
  const month = monthAsked(flags.month, now);
  const toStdout = flags.output === "-";
  const wanted = flags.format ?? formatOfFile(flags.output) ?? [...formats];
  const fetch = flags.fetch ?? [];
  if (toStdout && (fetch.length || wanted.length) > 1) throw usage("report.output", "stdout takes one format", "such as: --format csv --output -");
  if (flags.output === "") throw usage("report.output", "--output names no place: a shell variable may be empty", "name one, such as: --output out/");
  if (toStdout && !fetch.length && wanted.includes("xlsx")) refuseTerminal(io);
  if (toStdout && io.json) throw usage("costs.format", "--json and a report on stdout are two answers", "give the report a file: --output FILE");
  await refuseSandbox(cli);
  const { apiUrl, origins, project, user } = await cli.given();
  if (!fetch.length && !flags.list && !flags.delete) {
    if (origins.project === "flag") throw ofAPart("project", String(project), month);
    if (origins.user === "flag") throw ofAPart("user", user, month);
  }
  if (apiUrl) refuseForBooks(flags);
  else if (flags.fetch || flags.list || flags.delete)
    throw usage("report.fetch", "Only a hosted control API keeps reports", "name it: --api-url URL, or make them: chartctl costs report");
  if (flags.list) return await listReports(cli);
  if (flags.delete) return await deleteReports(cli, flags.delete);
  const settings = await cli.settings();
  const force = flags.force ?? false;
  if (apiUrl) {
    const tenantId = flags.allTenants ? null : required(settings, "tenant");
    return await hostedReport(cli, { tenantId, month: month.month, formats: wanted, fetch, output: flags.output, force });
  }
  const files = await connect.reportFiles();
  const whose = flags.allTenants ? "all-tenants" : required(settings, "tenant");
  // Before anything is paid for.
  const places = toStdout
    ? []
    : files.placesFor(
        flags.output,
        wanted.map((format) => reportFileName(flags.allTenants ? null : whose, month.month, format)),
        { force },
      );
  const { accounts, everyTenant } = await reportedAccounts(cli, flags, flags.allTenants ? undefined : whose);
  io.progress({ type: "part", title: "Ask for the bill", phase: "start" });
  const asked = await askReport(accounts, { month, metric: flags.metric, everyTenant }, now);
  const { report: made, price } = asked;
  io.progress({ type: "part", title: "Ask for the bill", phase: "done" });
  const prices = [price];
  const chunksOf = await writers(cli, flags, { ...asked, month, accounts, paid: (one) => prices.push(one) });
  if (toStdout) {
    const [format = "csv"] = wanted;
    const chunks = await chunksOf(format);
    await files.print(io.reader ? cleaned(chunks) : chunks);
    return io.note(priceText(made, prices, clock.now()));
  }
  const written: ReportFile[] = [];
  for (const [at, format] of wanted.entries()) {
    const file = places[at] as string;
    const title = `Write ${file}`;
    if (flags.detail) io.progress({ type: "part", title, phase: "start" });
    written.push({ format, file, bytes: await files.write(file, await chunksOf(format), { force }) });
    if (flags.detail) io.progress({ type: "part", title, phase: "done" });
  }
  if (flags.detail && !wanted.some((format) => format !== "html")) io.warn("A page has no lines: --detail is for CSV and XLSX.");
  io.result("CostReport", { ...made, files: written, prices }, () =>
    [reportText(made, written, io.width), wrapped(priceText(made, prices, clock.now()), io.width)].join("\n"),
  );
}

/** `everyTenant`: who else is in an account is told apart, as what is no tenant's is: none of it is the one's whose report it is. */
async function reportedAccounts(cli: Cli, flags: Flags, one: string | undefined): Promise<{ accounts: ReportedAccount[]; everyTenant: boolean }> {
  const { connect } = cli;
  const all = await (await connect.api())(endpoints.listTenants, {});
  const reported = async (tenantId: string, shared: boolean): Promise<ReportedTenant> => {
    const { source, table, refresh = false } = flags;
    const call = await connect.apiOf(tenantId);
    return {
      tenantId,
      tags: shared ? { TenantId: tenantId } : {},
      costs: await connect.costs({ tenantId, source, table, refresh }),
      books: async ({ from, until }) => await call(endpoints.listBookings, { query: { from, until } }),
    };
  };
  if (one !== undefined) {
    if (!all.some(({ id }) => id === one)) throw unknownTenant(one);
    const shared = sharesAccount(one, all);
    if (!shared || !flags.wholeAccount) return { everyTenant: false, accounts: [{ accountId: null, shared, tenants: [await reported(one, shared)] }] };
  }
  if (all.length === 0) throw noTenants();
  const accounts = accountsOf(all, needsOwnAccount(all) ? await ownAccount(cli, all) : null);
  const asked = accounts.filter(({ tenants }) => one === undefined || tenants.some(({ id }) => id === one));
  return {
    everyTenant: true,
    accounts: await Promise.all(
      asked.map(async ({ tenants, shared, ...account }) => ({
        ...account,
        shared,
        tenants: await Promise.all(tenants.map(async ({ id }) => await reported(id, shared))),
      })),
    ),
  };
}

/** Where tenants without a role are: AWS says that for nothing. */
async function ownAccount({ connect, given }: Cli, tenants: readonly { id: string; roleArn: string | null; accountId: string | null }[]): Promise<string> {
  const [{ id: tenantId } = { id: "" }] = tenants.filter(({ roleArn, accountId }) => !roleArn && !accountId);
  const { user: userId } = await given();
  const issued = { region: billing.region, sessionName: `costs-${tenantId}`, purpose: "costs" } as const;
  return await (await connect.credentials()).account({ tenantId, userId, ...noProject, ...issued });
}

/** What a person reads on a terminal moves no cursor; a file has each value as it is. */
async function* cleaned(chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
  for await (const chunk of chunks) yield typeof chunk === "string" ? printableLines(chunk) : chunk;
}

interface Made extends AskedReport {
  month: ReportMonth;
  accounts: readonly ReportedAccount[];
  paid(price: AnswerPrice): void;
}

/** Each format's bytes, as they are made. */
async function writers({ connect, version }: Cli, { detail, metric, table, refresh = false }: Flags, { report, rest, month, accounts, paid }: Made) {
  const files = await connect.reportFiles();
  const tenants = accounts.flatMap((account) => account.tenants);
  const sources = detail
    ? await Promise.all(
        report.sources.flatMap(({ tenantId, source }) => {
          const tenant = tenants.find((one) => one.tenantId === tenantId);
          return source === null || !tenant
            ? []
            : [connect.costDetail({ tenantId: tenant.tenantId, source, table, refresh }).then((of) => ({ ...tenant, of }))];
        }),
      )
    : [];
  const { from, until } = month;
  /** Anew for each file: it is read once. */
  const lines = (): ReportTable => {
    const ofRest = rest();
    return detailTable(report, [
      ...sources.map(({ tenantId, tags, of }) => ({ tenantId, lines: of.lines({ from, until, metric, tags }, paid) })),
      ...(ofRest.length > 0 ? [{ tenantId: null, lines: restLines(ofRest) }] : []),
    ]);
  };
  return async (format: Format) => {
    if (format === "csv") return files.csv(detail ? lines() : reportLines(report));
    if (format === "xlsx") return files.xlsx(reportWorkbook(report, detail ? [lines()] : []));
    const { reportPage } = await import("../../ui/report/html.ts");
    return [await reportPage(report, version)];
  };
}

function idsOf(text: string): string[] {
  const ids = [...new Set(text.split(",").flatMap((id) => id.trim() || []))];
  if (ids.length > 0) return ids;
  throw usage("report.id", "No report is named", "see which are kept: chartctl costs report --list");
}

function formatsOf(text: string): Format[] {
  const named = [
    ...new Set(
      text
        .toLowerCase()
        .split(",")
        .map((one) => one.trim()),
    ),
  ];
  const unknown = named.find((one) => !formats.includes(one as Format));
  if (unknown === undefined) return named as Format[];
  throw usage("report.format", `${JSON.stringify(unknown.slice(0, 40))} is no format of a report`, "csv, xlsx, html, or several: --format csv,html");
}

const formatOfFile = (output: string | undefined): Format[] | undefined => {
  const format = formats.find((one) => output?.toLowerCase().endsWith(`.${one}`));
  return format && [format];
};

const usage = (code: string, message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code, message, hint });

/** The project's bill is there by the commands that ask for days. */
const ofAPart = (part: "project" | "user", name: string, { from, until }: ReportMonth): ChartctlError =>
  usage(
    `report.${part}`,
    `A report is of a whole tenant, with each of its ${part}s, and not of ${name} alone`,
    `leave out --${part}; the ${part}'s own days: chartctl costs --${part} ${name} --from ${from} --to ${addDays(until, -1)} --csv`,
  );

const unknownTenant = (tenantId: string): ChartctlError =>
  new ChartctlError({ kind: "not-found", code: "tenant.not-found", message: `There is no tenant ${tenantId}`, hint: "see what there is: chartctl tenants" });

const noTenants = (): ChartctlError =>
  new ChartctlError({ kind: "not-found", code: "tenant.not-found", message: "There are no tenants yet", hint: "connect one: chartctl tenants connect ID" });
