/** What is no fault and looks like one: nothing there yet, tags that nobody activated, odd values, another time zone, an open month. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, periodsOf } from "../../src/core/costs/actual/period.ts";
import { dataOf } from "../support/cli.ts";
import { billedFor, costCommands, toldBy } from "../support/cost-commands.ts";
import type { BillLine } from "../support/cost-lines.ts";
import { billLines } from "../support/cost-lines.ts";
import type { CostPlaces } from "../support/cost-place.ts";
import { costPlaces } from "../support/cost-place.ts";
import { usageReport } from "../support/usage-report.ts";
import { wholeDay } from "../support/whole-day.ts";

const today = await wholeDay();
const lines = billLines(periodsOf({ from: addDays(today, -70), until: addDays(today, 1) }, "day"), 4);
const withTags = (tags: Record<string, string>): BillLine[] => lines.map((line) => ({ ...line, tags: { TenantId: "acme", ...tags } }));
const flat = (text: string): string => text.replace(/\s+/g, " ");

let places: CostPlaces;
/** Where nothing was booked last month, either. */
let young: CostPlaces;
beforeAll(async () => {
  [places, young] = await Promise.all([costPlaces(lines), costPlaces([], undefined, new Date())]);
});
afterAll(async () => await Promise.all([places.end(), young.end()]));

const noCost =
  /Cost Explorer has no cost from .* tagged TenantId=acme\. AWS shows what was used up to a day later, and tags only once they are activated: chartctl setup aws \(in the account that pays\)/;
const ofNothing: Record<string, RegExp> = {
  costs: noCost,
  "costs trends": noCost,
  "costs forecast": noCost,
  "costs report":
    /AWS billed nothing in this time that is tagged TenantId=acme, and nothing was booked\. Tags count once they are activated: chartctl setup aws/,
  "costs estimate --check":
    /AWS has no cost of \d{4}-\d\d tagged ProjectId=sales: tags count from their activation on \(chartctl setup aws\), and a day later\./,
  "costs sync": /nothing was billed that is tagged TenantId=acme \(tags count once they are activated: chartctl setup aws\)/,
};
test.concurrent.each(costCommands)("$name of an account without costs ends with 0, and says why there may be none", async ({ name, args }) => {
  const place = await (name === "costs report" ? young : places).open({ lines: [] });
  const ran = await place.costs(...args);
  expect([ran.code, flat(ran.stdout)]).toEqual([0, expect.stringMatching(ofNothing[name] ?? /no such command/)]);
});

const activate = (key: string): RegExp =>
  new RegExp(`No cost carries the tag ${key}\\b.*${key === "Team" ? "TagKey=Team,Status=Active" : "chartctl setup aws, in the account that pays"}`);
test.concurrent("tags that nobody activated: each view says how; the sum stays the bill's", async () => {
  const place = await places.open({ lines: withTags({}) });
  for (const [args, key] of [
    [["--by", "project"], "ProjectId"],
    [[], "UserId"],
    [["trends", "--by", "project"], "ProjectId"],
    [["report", "--output", "out/"], "ProjectId"],
    [["--by", "tag:Team"], "Team"],
  ] as const) {
    const ran = await place.costs(...args);
    expect([args, ran.code, flat(ran.stdout)]).toEqual([args, 0, expect.stringMatching(activate(key))]);
  }
  expect((await place.costs("sync")).stdout).toMatch(/\(.* of it without a project\)/);
  const [costs] = costCommands;
  expect(costs && toldBy(costs, (await place.costs("--by", "project", "--json")).stdout)).toEqual(costs && billedFor(costs, withTags({})));
});

test.concurrent.each(["Pacific/Kiritimati", "Pacific/Pago_Pago"])("days are UTC's in every command, wherever it is typed (%s)", async (TZ) => {
  const place = await places.open({ env: { TZ } });
  for (const command of costCommands) {
    const ran = await place.costs(...command.args, "--json");
    expect([command.name, ran.code, toldBy(command, ran.stdout)]).toEqual([command.name, 0, billedFor(command, lines)]);
  }
});

test.concurrent("a month that is open is called so, from the first day that AWS calls an estimate", async () => {
  const place = await places.open();
  place.services.estimated = true;
  const open = /^AWS may still change figures from \d{4}-\d\d-\d\d on: the bill is open\.$/m;
  expect((await place.costs()).stdout).toMatch(open);
  expect((await place.costs("trends")).stdout).toMatch(open);
  expect((await place.costs("report", "--output", "out/")).stdout).toContain("(open: AWS may still change the figures)");
  expect((await place.costs("estimate", "--check", "-p", "sales")).stdout).toContain("is open: AWS may still change these figures");
  expect(dataOf<{ openFrom: string; from: string }[]>(await place.costs("sync", "--json"))).toMatchObject([
    { openFrom: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) },
  ]);
});

const formula = "=HYPERLINK(1)";
const sql = "o'hara'; DROP TABLE x; --";
const control = "a\u001b[2Jb";
test.concurrent.each(["ce", "cur"])("odd values of tags are values: no formula, no SQL, no moved cursor (%s)", async (source) => {
  const odd = [
    ...withTags({ ProjectId: formula, UserId: sql }),
    ...withTags({ ProjectId: control, UserId: "+1" }),
    ...withTags({ ProjectId: "-1+1", UserId: "@SUM(A1)" }),
  ];
  const report = source === "cur" ? await usageReport("cur2", odd) : undefined;
  const place = await places.open({ lines: odd, report });
  const asked = ["--source", source];
  for (const args of [
    ["--by", "project"],
    ["trends", "--by", "project"],
  ]) {
    const { code, stdout } = await place.costs(...args, ...asked);
    expect([code, stdout.includes(formula), stdout.includes("a�[2Jb"), stdout.includes("\u001b")]).toEqual([0, true, true, false]);
    const { stdout: csv } = await place.costs(...args, ...asked, "--csv");
    expect([csv.includes(`,'${formula},`), csv.includes(",'-1+1,"), /,[=+@-][^\d]/.test(csv)]).toEqual([true, true, false]);
  }
  expect((await place.costs("--by", "user", ...asked)).stdout).toContain(sql);
  await place.costs("report", "--format", "csv,html", "--output", "out/", ...asked);
  const month = addDays(`${today.slice(0, 7)}-01`, -1).slice(0, 7);
  const file = (format: string): string => readFileSync(join(place.home.path, "out", `chartctl-costs-acme-${month}.${format}`), "utf8");
  for (const value of [`'${formula}`, "'-1+1", "'+1", "'@SUM(A1)"]) expect(file("csv")).toContain(`,${value},`);
  expect([file("html").includes("o&#39;hara"), file("html").includes("o'hara")]).toEqual([true, false]);
  report?.remove();
});
