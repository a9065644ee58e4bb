/** Hours: Cost Explorer has them of the last 14 days alone, a Cost and Usage Report of its whole time. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, periodsOf } from "../../src/core/costs/actual/period.ts";
import { dataOf } from "../support/cli.ts";
import { billLines } from "../support/cost-lines.ts";
import type { CostPlaces } from "../support/cost-place.ts";
import { costPlaces } from "../support/cost-place.ts";
import type { UsageReport } from "../support/usage-report.ts";
import { usageReport } from "../support/usage-report.ts";
import { wholeDay } from "../support/whole-day.ts";

const today = await wholeDay();
const ago = (days: number): string => addDays(today, -days);
const lines = billLines(periodsOf({ from: ago(60), until: today }, "day"), 3);

let report: UsageReport;
let places: CostPlaces;
beforeAll(async () => {
  report = await usageReport("cur2", lines);
  places = await costPlaces(lines, report);
});
afterAll(async () => {
  await places.end();
  report.remove();
});
interface Costs {
  from: string;
  previous: { from: string; to: string } | null;
  source: string;
}
const hours = ["--granularity", "hour", "--by", "project", "--json"];

test.concurrent.each([
  ["the time before is there, too", ["--days", "6"], ago(6), { from: ago(12), to: ago(7) }],
  ["the time before began too early: it isn't asked for", [], ago(7), null],
  ["as many days as there are", ["--days", "13"], ago(13), null],
])("Cost Explorer is asked once, and refuses nothing: %s", async (_, args, from, previous) => {
  const place = await places.open({ report: undefined });
  const costs = dataOf<Costs>(await place.costs(...hours, ...args, "--source", "ce"));
  expect([costs.from, costs.previous, costs.source]).toEqual([from, previous, "ce"]);
  expect(place.services.calls).toEqual(["GetCostAndUsage", "GetCostAndUsage"]); // the second is of the quota
});

test.concurrent.each([
  ["ce", ["--days", "14"], ago(14)],
  ["ce", ["--from", ago(30), "--to", ago(29)], ago(30)],
  ["auto", ["--from", ago(30), "--to", ago(29)], ago(30)],
])("what Cost Explorer hasn't is refused before it is paid for: %s %j", async (source, args, from) => {
  const place = await places.open({ report: undefined });
  const { code, stdout } = await place.costs(...hours, ...args, "--source", source);
  expect([code, (JSON.parse(stdout) as { error: object }).error]).toMatchObject([
    64,
    {
      code: "costs.period",
      message: `Cost Explorer has hours of the last 14 days alone, and ${from} begins before that`,
      hint: `ask for hours from then on: --from ${ago(13)}, for days: --granularity day, or a Cost and Usage Report: --source cur`,
    },
  ]);
  expect(place.services.calls).not.toContain("GetCostAndUsage");
});

test.concurrent.each(["auto", "cur"])("a report has them (%s)", async (source) => {
  const place = await places.open();
  const costs = dataOf<Costs>(await place.costs(...hours, "--from", ago(30), "--to", ago(29), "--source", source));
  expect([costs.from, costs.previous, costs.source]).toEqual([ago(30), { from: ago(32), to: ago(31) }, "cur"]);
});
