/** The same of a Cost and Usage Report over Athena: what fails, what it lacks, and what Cost Explorer is asked instead. */
import type { Command } from "commander";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays, periodsOf } from "../../src/core/costs/actual/period.ts";
import { billedFor, costCommands, toldBy } from "../support/cost-commands.ts";
import type { ExpectedError } from "../support/cost-errors.ts";
import { expectError } from "../support/cost-errors.ts";
import { billLines } from "../support/cost-lines.ts";
import type { CostPlace, CostPlaces } from "../support/cost-place.ts";
import { costPlaces } from "../support/cost-place.ts";
import type { Operation } from "../support/cost-services.ts";
import { everyCommand } from "../support/typed-commands.ts";
import type { UsageReport } from "../support/usage-report.ts";
import { usageReport } from "../support/usage-report.ts";
import { wholeDay } from "../support/whole-day.ts";

const today = await wholeDay();
const lines = billLines(periodsOf({ from: addDays(today, -100), until: addDays(today, 1) }, "day"), 4);

let places: CostPlaces;
let program: Command;
let report: UsageReport;
beforeAll(async () => {
  report = await usageReport("cur2", lines);
  [places, program] = await Promise.all([costPlaces(lines, report), everyCommand()]);
});
afterAll(async () => {
  await places.end();
  report.remove();
});

type Fault = ExpectedError & { what: string; everywhere?: boolean; given(place: CostPlace): void };
const ends =
  (state: "FAILED" | "CANCELLED", reason: string) =>
  ({ services }: CostPlace): void => {
    services.ending = { state, reason, looks: 0, bytes: 0 };
  };
const refuses =
  (operation: Operation, code: string, message: string, more: object = {}) =>
  ({ services }: CostPlace): void =>
    void services.fail.set(operation, { code, message, times: 99, ...more });
const table = "chartctl_billing.cost_and_usage";
const faults: Fault[] = [
  {
    what: "Athena fails",
    everywhere: true,
    given: ends("FAILED", "Query exhausted resources at this scale factor"),
    exit: 7,
    code: "cur.query-failed",
    message: "Athena failed to answer: Query exhausted resources at this scale factor",
    hint: "ask again, or ask Cost Explorer: chartctl costs --source ce",
  },
  {
    what: "somebody cancels the query",
    given: ends("CANCELLED", "Query was cancelled"),
    exit: 7,
    code: "cur.cancelled",
    message: "Somebody stopped the query: Query was cancelled",
    hint: "ask again: chartctl costs",
  },
  {
    what: "it would read more than the workgroup allows",
    everywhere: true,
    given: ends("CANCELLED", "Bytes scanned limit was exceeded"),
    exit: 7,
    code: "cur.limit",
    message: "The query would read more than the workgroup allows: Bytes scanned limit was exceeded",
    hint: "ask for a shorter time, or raise QueryLimitMegabytes of the template",
  },
  {
    what: "the table doesn't fit its files",
    given: ends("FAILED", "HIVE_PARTITION_SCHEMA_MISMATCH: types are incompatible"),
    exit: 7,
    code: "cur.wrong-data",
    message: `The table ${table} doesn't fit the files of the report: HIVE_PARTITION_SCHEMA_MISMATCH: types are incompatible`,
    hint: "make the table anew, or ask: chartctl costs --source ce",
  },
  {
    what: "a column that is gone",
    given: ends("FAILED", "COLUMN_NOT_FOUND: line 3: Column 'x' cannot be resolved"),
    exit: 7,
    code: "cur.no-column",
    message: `The report ${table} lacks a column: COLUMN_NOT_FOUND: line 3: Column 'x' cannot be resolved`,
    hint: "ask Cost Explorer instead: chartctl costs --source ce",
  },
  {
    what: "a bucket that Athena may not read",
    given: ends("FAILED", "Access denied when writing output to url"),
    exit: 4,
    code: "aws.access-denied",
    message: `Athena may not read the report ${table}: Access denied when writing output to url`,
    hint: "the tenant's role has to be allowed to: update its stack with the newest template (chartctl tenants connect)",
  },
  {
    what: "no such table",
    everywhere: true,
    given: refuses("GetTableMetadata", "MetadataException", "EntityNotFoundException: Entity Not Found"),
    exit: 6,
    code: "cur.no-table",
    message: `There is no Cost and Usage Report ${table} in this account`,
    hint: "connect one: chartctl tenants connect acme --billing; or ask Cost Explorer: chartctl costs --source ce",
  },
  {
    what: "a result that breaks off between its pages",
    everywhere: true,
    given: refuses("GetQueryResults", "InvalidRequestException", "The token is invalid", { after: 1 }),
    exit: 7,
    code: "aws.InvalidRequestException",
    message: "AWS refused to read the query's result: The token is invalid",
    hint: "look closer: chartctl doctor",
  },
];

test.concurrent.each(costCommands)("$name says what Athena refuses, keeps nothing of it, and then is right", async (command) => {
  const place = await places.open();
  place.services.pageSize = 5;
  const asked = [...command.args, "--source", "cur", "--json"];
  const succeeding = place.services.ending;
  for (const { what, given, ...expected } of faults.filter(({ everywhere }) => everywhere || command.name === "costs")) {
    given(place);
    expectError(program, await place.costs(...asked), expected, ["costs", ...command.args.slice(0, 1)]);
    expect([what, place.cached()]).toEqual([what, []]);
    place.services.fail.clear();
    place.services.ending = succeeding;
  }
  const ran = await place.costs(...asked);
  expect([ran.code, toldBy(command, ran.stdout)]).toEqual([0, billedFor(command, lines)]);
  expect(place.services.calls).not.toContain("GetCostAndUsage");
});

const lacking: (ExpectedError & { what: string; args: string[]; of(whole: UsageReport): Partial<UsageReport> })[] = [
  {
    what: "the columns of another metric",
    args: ["--metric", "amortized"],
    of: ({ columns }) => ({ columns: columns.filter(({ Name }) => Name !== "savings_plan_savings_plan_effective_cost") }),
    exit: 1,
    code: "cur.no-column",
    message: `The report ${table} has no column savings_plan_savings_plan_effective_cost`,
    hint: "add it to the export in Billing and Cost Management, or ask: chartctl costs --source ce",
  },
  {
    what: "the column of a tag: it isn't active",
    args: ["--by", "tag:Team"],
    of: ({ columns }) => ({ columns: columns.filter(({ Name }) => Name !== "resource_tags") }),
    exit: 1,
    code: "cur.no-column",
    message: `The report ${table} has no column of the tag Team: it wasn't active when the report was written`,
    hint: "activate the tags in the paying account: aws ce update-cost-allocation-tags-status --cost-allocation-tags-status TagKey=Team,Status=Active; until then: chartctl costs --source ce",
  },
  {
    what: "partitions by month",
    args: [],
    of: () => ({ partitions: [] }),
    exit: 1,
    code: "cur.layout",
    message: `The table ${table} has no partitions by billing period: each question would read, and pay for, all of it`,
    hint: "make it anew, with chartctl's template: chartctl tenants connect acme --billing; or with AWS's own",
  },
];
test.concurrent("a report that lacks something says what, and is paid for nothing", async () => {
  for (const { what, args, of, ...expected } of lacking) {
    const place = await places.open({ report: { ...report, ...of(report) } });
    expectError(program, await place.costs(...args, "--source", "cur", "--json"), expected, ["costs"]);
    expect([what, place.services.calls, place.cached()]).toEqual([what, ["GetTableMetadata"], []]);
  }
});

test.concurrent("a table that was typed, and isn't there, is told: no other source answers in its place", async () => {
  const place = await places.open();
  const message = "There is no Cost and Usage Report chartctl_billing.foo in this account";
  const hint = "connect one: chartctl tenants connect acme --billing; or ask Cost Explorer: chartctl costs --source ce";
  expectError(program, await place.costs("--table", "foo", "--json"), { exit: 6, code: "cur.no-table", message, hint }, ["costs"]);
  expect(place.services.calls).not.toContain("GetCostAndUsage");
});

test.concurrent("a report of whole days has no hours", async () => {
  const daily = await usageReport(
    "cur2",
    lines.map((line) => ({ ...line, hour: `${line.hour.slice(0, 10)}T00` })),
  );
  const place = await places.open({ report: daily });
  const message = `The report ${table} has whole days only`;
  expectError(
    program,
    await place.costs("--granularity", "hour", "--days", "2", "--source", "cur", "--json"),
    { exit: 1, code: "cur.no-hours", message, hint: "ask for days: --granularity day" },
    ["costs"],
  );
  expect(place.cached()).toEqual([]);
  daily.remove();
});

test.concurrent("a query is stopped when somebody interrupts it, and the next one answers", async () => {
  const place = await places.open();
  place.services.ending = { ...place.services.ending, state: "RUNNING" };
  const { child, ended } = place.home.start("-t", "acme", "costs", "--json");
  while (!place.services.calls.includes("GetQueryExecution")) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGINT");
  const message = "Stopped, and Athena's query with it; nothing is kept. AWS bills what it had read by then";
  expectError(program, await ended, { exit: 130, code: "interrupted", message, hint: "ask again, with the same command" }, ["costs"]);
  expect([place.services.calls.at(-1), place.cached()]).toEqual(["StopQueryExecution", []]);
  place.services.ending = { ...place.services.ending, state: "SUCCEEDED" };
  const [costs] = costCommands;
  expect(costs && toldBy(costs, (await place.costs("--json")).stdout)).toEqual(costs && billedFor(costs, lines));
});

test.concurrent("left to chartctl: Cost Explorer is asked where the report has nothing, which is said, and is no way round a failure", async () => {
  const place = await places.open({ lines: lines.filter(({ hour }) => hour >= addDays(today, -40)) });
  const short = await usageReport(
    "cur2",
    lines.filter(({ hour }) => hour.startsWith(today.slice(0, 7))),
  );
  const sources = async (...args: string[]): Promise<{ source: string; said: string }> => {
    const ran = await (await places.open({ report: short })).costs(...args, "--json");
    return { source: (JSON.parse(ran.stdout) as { data: { source: string } }).data.source, said: ran.stderr };
  };
  const before = addDays(`${today.slice(0, 7)}-01`, -1);
  expect(await sources("--from", before)).toEqual({
    source: "ce",
    said: expect.stringMatching(/^The Cost and Usage Report has nothing of .*\d{4}-\d\d.*; Cost Explorer is asked instead\.\n$/),
  });
  expect(await sources("trends", "--from", before)).toMatchObject({ source: "ce", said: expect.stringContaining("Cost Explorer is asked instead") });
  place.services.fail.set("GetTableMetadata", { code: "InternalFailure", message: "an internal failure", times: 99, status: 500 });
  const away = await place.costs("--json");
  expect([away.code, away.stderr]).toEqual([0, expect.stringContaining("Athena doesn't answer what the table")]);
  place.services.fail.clear();
  ends("FAILED", "HIVE_BAD_DATA: a file is broken")(place);
  expect((await place.costs("--json", "--refresh")).code).toBe(7);
  short.remove();
});
