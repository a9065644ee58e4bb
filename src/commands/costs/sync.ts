/** `chartctl costs sync`: reads what AWS billed into the embedded books, such as from cron. */
import type { Command } from "commander";
import { Option } from "commander";
import { endpoints } from "../../contract/endpoints.ts";
import type { SourceName } from "../../core/costs/actual/choose-source.ts";
import { sourceNames } from "../../core/costs/actual/choose-source.ts";
import { failureOf, readBills } from "../../core/costs/billed/read-bills.ts";
import { billing } from "../../core/costs/billing-names.ts";
import { ChartctlError, isChartctlError, outcomes } from "../../errors.ts";
import { standingText } from "../../ui/alerts.ts";
import type { BillRead } from "../../ui/bills.ts";
import { billRead, billsText } from "../../ui/bills.ts";
import type { Cli } from "../cli.ts";
import { required } from "../required.ts";
import { flagsOf } from "./asked.ts";
import { refuseSandbox } from "./sandbox.ts";

interface Flags {
  allTenants?: boolean;
  source: SourceName;
  table: string;
}

export function register(command: Command, cli: Cli): void {
  command
    .option("--all-tenants", "every tenant of the platform (default: the named one)")
    .addOption(new Option("--source <name>", "Cost Explorer (ce), Cost and Usage Report (cur)").choices(sourceNames).default("auto"))
    .option("--table <name>", `the report's table in ${billing.database}`, billing.table)
    .addHelpText(
      "after",
      "\nReads from the first day that AWS may still change, the first time 90 days. Cost\nExplorer is paid by the request, 2 for most bills, $0.01 each: once a day is\nenough. What is over a limit is marked, and told (chartctl alerts). A hosted\ncontrol API's worker does all this by itself.\n",
    )
    .action(async (_: object, part: Command) => await sync(cli, flagsOf<Flags>(part)));
}

async function sync(cli: Cli, { allTenants, source, table }: Flags): Promise<void> {
  const { connect, io, clock, interrupt } = cli;
  await refuseSandbox(cli);
  if ((await cli.given()).apiUrl) throw readByPlatform();
  const one = allTenants ? undefined : required(await cli.settings(), "tenant");
  const call = await connect.apiOf("platform");
  if (one !== undefined) await call(endpoints.getTenant, { params: { tenantId: one } }); // not one that isn't there
  const tenants = await call(endpoints.listTenants, {});
  await call(endpoints.listAlerts, { query: { limit: 1 } }); // a receiver that is set wrong is said before anything is paid
  const reads: BillRead[] = [];
  const failures: unknown[] = [];
  await readBills(tenants, ({ id }) => one === undefined || id === one, false, {
    booksOf: (tenantId) => connect.billingBooks(tenantId, againInHours),
    sourceOf: (tenantId) => connect.costs({ tenantId, source, table, refresh: true }),
    onRead: (tenantId, bill, tags) => void reads.push(billRead(tenantId, bill, tags)),
    onFailed: (tenantId, error) => {
      failures.push(error);
      reads.push({ tenantId, error: failureOf(error) });
    },
    now: clock.now,
    stopped: interrupt.gentle,
  });
  // Of one tenant, the error is the answer, with its hint and its exit code.
  if (one !== undefined && failures.length > 0) throw failures[0];
  io.result("BillsRead", reads, () => billsText(reads));
  const { standing, delivered } = await call(endpoints.deliverAlerts, { body: {} });
  if (delivered > 0) io.note(`${delivered} ${delivered === 1 ? "alert" : "alerts"} delivered.`);
  const untold = standingText(standing, io.width);
  if (untold !== undefined) io.warn(untold);
  const unread = one === undefined ? tenants.length - reads.length : 0;
  if (unread > 0) io.warn(`Stopped: ${unread} of ${tenants.length} tenants' bills were not asked for.`);
  if (unread > 0 || failures.some((error) => isChartctlError(error, "interrupted"))) cli.exitCode(outcomes.interrupted.exitCode);
  else if (failures.length > 0) cli.exitCode(outcomes.failed.exitCode);
}

/** For the books alone: here, nobody reads by themselves. */
const againInHours = 24;

const readByPlatform = (): ChartctlError =>
  new ChartctlError({
    kind: "refused",
    code: "billing.platform",
    message: "The platform reads its tenants' bills by itself, and takes none from outside",
    hint: "its workers read every BILLING_READ_HOURS; when they did, and what fails: chartctl stats",
  });
