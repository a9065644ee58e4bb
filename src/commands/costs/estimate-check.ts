/** `chartctl costs estimate --check`: last month's bill of a project against its estimate. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Project } from "../../contract/resources.ts";
import type { SourceName } from "../../core/costs/actual/choose-source.ts";
import { sharesAccount } from "../../core/costs/actual/cost-scope.ts";
import { addDays, dayOf } from "../../core/costs/actual/period.ts";
import { checkEstimate } from "../../core/costs/check.ts";
import type { PartialEstimate } from "../../core/costs/estimate.ts";
import type { PriceTable } from "../../core/costs/prices/table.ts";
import { ChartctlError } from "../../errors.ts";
import { checkText } from "../../ui/estimate-check.ts";
import type { Cli } from "../cli.ts";
import { required } from "../required.ts";
import { hostedCheck } from "./hosted-check.ts";

export interface CheckFlags {
  month?: string;
  source: SourceName;
  table: string;
  refresh?: boolean;
}

export async function check(cli: Cli, flags: CheckFlags, project: Project, estimate: PartialEstimate, prices: PriceTable): Promise<void> {
  const { connect, io, clock } = cli;
  const settings = await cli.settings();
  const tenantId = required(settings, "tenant");
  const today = dayOf(clock.now());
  const month = monthAsked(flags.month, today);
  const source = await connect.costs({ tenantId, source: flags.source, table: flags.table, refresh: flags.refresh ?? false });
  if (settings.apiUrl) return await hostedCheck(cli, source, { month, project, estimate });
  const from = `${month}-01`;
  const next = `${addDays(from, 31).slice(0, 7)}-01`;
  const until = next <= today ? next : addDays(today, 1);
  const shared = sharesAccount(tenantId, await (await connect.api())(endpoints.listTenants, {}));
  const tags: Record<string, string> = { ...(shared ? { TenantId: tenantId } : {}), ProjectId: project.id };
  const { answer, kept } = await source.costs({ from, until, granularity: "month", grouping: { by: "usage" }, metric: "unblended", tags });
  const result = checkEstimate(estimate, answer.amounts, prices);
  const notes = [
    ...(answer.amounts.length === 0
      ? [`AWS has no cost of ${month} tagged ProjectId=${project.id}: tags count from their activation on (chartctl setup aws), and a day later.`]
      : []),
    ...(until === next && answer.estimatedFrom === null ? [] : [`${month} is open: AWS may still change these figures, and an estimate is of a whole month.`]),
    ...(project.createdAt.slice(0, 10) > from
      ? [`Project ${project.id} is of ${project.createdAt.slice(0, 10)}: the bill is of a part of the month, the estimate of a whole one.`]
      : []),
    `${answer.source === "ce" ? "Cost Explorer" : "Cost and Usage Report"}: ${kept ? "an answer of before, nothing paid now (--refresh asks again)" : `about $${answer.price.dollars}`}.`,
  ];
  const shown = { ...result, project: project.id, month, notes };
  const { source: name, price, askedAt } = answer;
  io.result("EstimateCheck", { ...shown, region: estimate.region, pricesCheckedAt: estimate.pricesCheckedAt, source: name, askedAt, kept, price }, () =>
    checkText(shown, io.width),
  );
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
