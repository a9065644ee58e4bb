/** `chartctl costs estimate --check`: last month's bill of a project against its estimate. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Project } from "../../contract/resources.ts";
import type { SourceName } from "../../core/costs/actual/choose-source.ts";
import { sharesAccount } from "../../core/costs/actual/cost-scope.ts";
import { addDays, addMonths, dayOf, openFrom } from "../../core/costs/actual/period.ts";
import type { PartialEstimate } from "../../core/costs/estimate.ts";
import type { PriceTable } from "../../core/costs/prices/table.ts";
import type { Booked } from "../../core/costs/stood.ts";
import { stoodIn } from "../../core/costs/stood.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import type { Cli } from "../cli.ts";
import { required } from "../required.ts";
import { tellByLine } from "./check-by-line.ts";
import { hostedCheck } from "./hosted-check.ts";
import { notThere } from "./not-there.ts";

export interface CheckFlags {
  month?: string;
  source: SourceName;
  table: string;
  refresh?: boolean;
  csv?: boolean;
}

/** Errors: `costs.period` (usage) for a month of which there is nothing to compare; the bill's own. */
export async function check(cli: Cli, flags: CheckFlags, project: Project, estimate: PartialEstimate, prices: PriceTable): Promise<void> {
  const { connect, clock } = cli;
  const settings = await cli.settings();
  const tenantId = required(settings, "tenant");
  const today = dayOf(clock.now());
  const month = monthAsked(flags.month, today);
  const from = `${month}-01`;
  const next = addMonths(from, 1);
  const [source, bookings] = await Promise.all([
    connect.costs({ tenantId, source: flags.source, table: flags.table, refresh: flags.refresh ?? false }),
    bookingsOf(cli, project, { from, until: next }),
  ]);
  const asked = { month, project, estimate, prices, csv: flags.csv ?? false };
  if (settings.apiUrl) return await hostedCheck(cli, source, asked, bookings);
  // Of today AWS knows little before tomorrow.
  const [until = next] = [next, today].sort();
  const stood = stoodIn(bookings, { from, until });
  // Before anything is paid for.
  if (stood.hours === 0) throw notThere(project, month, today);
  const shared = sharesAccount(tenantId, await (await connect.api())(endpoints.listTenants, {}));
  const tags: Record<string, string> = { ...(shared ? { TenantId: tenantId } : {}), ProjectId: project.id };
  const { answer, kept } = await source.costs({ from, until, granularity: "month", grouping: { by: "usage" }, metric: "unblended", tags });
  await tellByLine(
    cli,
    asked,
    { ...answer, kept },
    {
      stood,
      until,
      notes: () => ({
        first: [
          ...(answer.amounts.length === 0
            ? [`AWS has no cost of ${month} tagged ProjectId=${project.id}: tags count from their activation on (chartctl setup aws), and a day later.`]
            : []),
          ...(openFrom({ from, until: next }, "month", clock.now()) === null && answer.estimatedFrom === null
            ? []
            : [`${month} is open: AWS may still change these figures.`]),
        ],
        last: [
          `${answer.source === "ce" ? "Cost Explorer" : "Cost and Usage Report"}: ${kept ? "an answer of before, nothing paid now (--refresh asks again)" : `about $${answer.price.dollars}`}.`,
        ],
      }),
    },
  );
}

/** With an ended one of the same name. A member may not see bookings: theirs is known by the project alone. */
async function bookingsOf({ connect }: Cli, { id, createdAt, monthlyCents }: Project, period: { from: string; until: string }): Promise<Booked[]> {
  const call = await connect.api();
  try {
    const { bookings } = await call(endpoints.listBookings, { query: period });
    return bookings.filter(({ projectId }) => projectId === id);
  } catch (error) {
    if (!isChartctlError(error, "auth", "refused")) throw error;
    return [{ estimates: [{ since: createdAt, monthlyCents }], endedAt: null }];
  }
}

/** The last whole one, unless one is named. Error `costs.period` (usage). */
function monthAsked(given: string | undefined, today: string): string {
  const month = given ?? addDays(`${today.slice(0, 7)}-01`, -1).slice(0, 7);
  if (/^20\d\d-(0[1-9]|1[0-2])$/.test(month) && month <= today.slice(0, 7)) return month;
  throw new ChartctlError({
    kind: "usage",
    code: "costs.period",
    message: `${JSON.stringify(month.slice(0, 40))} is no month that has begun`,
    hint: `such as: --month ${today.slice(0, 7)}`,
  });
}
