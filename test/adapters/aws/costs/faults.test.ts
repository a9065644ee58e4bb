/** What AWS answers when it doesn't answer: each in words that lead on. */
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { actualCosts } from "../../../../src/core/costs/actual/actual-costs.ts";
import type { CostQuery } from "../../../../src/core/costs/actual/cost-source.ts";
import { ChartctlError } from "../../../../src/errors.ts";
import type { BillLine } from "../../../support/cost-lines.ts";
import { billLines } from "../../../support/cost-lines.ts";
import type { CostServices, Operation } from "../../../support/cost-services.ts";
import { oldHours, startCostServices } from "../../../support/cost-services.ts";
import type { UsageReport } from "../../../support/usage-report.ts";
import { usageReport } from "../../../support/usage-report.ts";
import { costsOf } from "./source.ts";

const query: CostQuery = { from: "2026-11-01", until: "2026-11-04", granularity: "day", grouping: { by: "service" }, metric: "unblended", tags: {} };
const lines = billLines(["2026-11-01", "2026-11-02", "2026-11-03"], 6);
let now: Date;
let services: CostServices;
let report: UsageReport | undefined;
let cacheFolder: string;
beforeEach(() => {
  now = new Date("2026-11-04T12:00:00Z");
  cacheFolder = mkdtempSync(join(tmpdir(), "chartctl-costs-"));
});
afterEach(async () => {
  await services.close();
  report?.remove();
  report = undefined;
  rmSync(cacheFolder, { recursive: true, force: true });
});
const start = async ({ cur = false, of = lines }: { cur?: boolean; of?: BillLine[] } = {}): Promise<void> => {
  report = cur ? await usageReport("cur2", of) : undefined;
  services = await startCostServices(of, report);
  services.now = () => now;
};
const asked = async (given: Partial<Parameters<typeof costsOf>[1]> = {}, changed: Partial<CostQuery> = {}) =>
  await costsOf(services.url, { cacheFolder, now: () => now, ...given }).costs({ ...query, ...changed });
const without = (column: string): void => {
  if (report) report.columns = report.columns.filter(({ Name }) => Name !== column);
};
const failing = (operation: Operation, code: string, message: string, times = 99): void => void services.fail.set(operation, { code, message, times });

describe("Cost Explorer", () => {
  test("is asked for every page, and each is counted and paid", async () => {
    await start();
    services.pageSize = 5;
    const { answer } = await asked({ source: "ce" });
    const pages = services.calls.length;
    expect(pages).toBeGreaterThan(2);
    expect(answer.price).toEqual({ requests: pages, dollars: (pages / 100).toFixed(2), bytesScanned: 0, reused: false });
  });
  test("waits and goes on when it is throttled", async () => {
    await start();
    failing("GetCostAndUsage", "LimitExceededException", "Rate exceeded", 2);
    expect((await asked({ source: "ce" })).answer.price.requests).toBe(1);
    expect(services.calls).toHaveLength(3);
  });
  test.each([
    ["AccessDeniedException", "User not enabled for cost explorer access", "costs.explorer-not-enabled"],
    ["DataUnavailableException", "Data is not available. Please try to adjust the time period.", "costs.no-data-yet"],
    ["ValidationException", "hourly granularity is not enabled", "costs.no-hours"],
    ["ValidationException", oldHours, "costs.period"],
    ["ValidationException", "You haven't enabled historical data beyond 14 months", "costs.period"],
    ["AccessDeniedException", "User: x is not authorized to perform: ce:GetCostAndUsage", "aws.access-denied"],
    ["LimitExceededException", "You made too many calls in a short period of time", "aws.throttled"],
    ["ExpiredTokenException", "expired", "aws.expired-credentials"],
  ])("answers %s (%s) as %s, with what to do", async (code, message, wanted) => {
    await start();
    failing("GetCostAndUsage", code, message);
    await expect(asked({ source: "ce" })).rejects.toMatchObject({ code: wanted, hint: expect.stringMatching(/.{10}/) });
    expect(readdirSync(cacheFolder)).toEqual([]);
  });
  test("keeps nothing of an answer that broke off between its pages", async () => {
    await start();
    services.pageSize = 5;
    services.fail.set("GetCostAndUsage", { code: "ValidationException", message: "Invalid next page token", times: 1, after: 1 });
    await expect(asked({ source: "ce" })).rejects.toMatchObject({ kind: "external" });
    expect(readdirSync(cacheFolder)).toEqual([]);
    expect((await asked({ source: "ce" })).kept).toBe(false);
  });
  test("that doesn't go back far enough to compare still tells what was asked for", async () => {
    await start();
    failing("GetCostAndUsage", "ValidationException", "You haven't enabled historical data beyond 14 months", 1);
    const source = costsOf(services.url, { cacheFolder, now: () => now, source: "ce" });
    const costs = await actualCosts(source, { ...query, period: { from: query.from, until: query.until } }, now);
    expect([costs.previous, costs.currencies[0]?.previous, costs.currencies.length > 0]).toEqual([null, "0", true]);
  });
  test("is asked no further when somebody interrupts", async () => {
    await start();
    await expect(asked({ source: "ce", interrupted: AbortSignal.abort() })).rejects.toMatchObject({ kind: "interrupted" });
    expect(services.calls).toEqual([]);
  });
  test("of an empty account says nothing, rather than failing", async () => {
    await start({ of: [] });
    expect((await asked({ source: "ce" })).answer.amounts).toEqual([]);
  });
});

describe("a question that AWS couldn't answer", () => {
  const hint = "ask again in a minute, with the same command: nothing of this answer is kept";
  test.each([
    ["GetCostAndUsage", "LimitExceededException", 400, "aws.throttled", "ce"],
    ["GetCostAndUsage", "InternalFailure", 500, "aws.unavailable", "ce"],
    ["GetTableMetadata", "ThrottlingException", 400, "aws.throttled", "cur"],
    ["StartQueryExecution", "TooManyRequestsException", 400, "aws.throttled", "cur"],
    ["GetQueryExecution", "InternalServerException", 500, "aws.unavailable", "cur"],
    ["GetQueryResults", "ThrottlingException", 400, "aws.throttled", "cur"],
  ] as const)("left nothing that the next one goes on with: %s, %s", async (operation, code, status, wanted, source) => {
    await start({ cur: source === "cur" });
    services.fail.set(operation, { code, message: "not now", times: 99, status });
    await expect(asked({ source })).rejects.toMatchObject({ code: wanted, hint });
  });
  test.each([
    ["aws.throttled", hint],
    ["aws.access-denied", "as it was"],
  ])("for the role that reads it, either: %s", async (code, wanted) => {
    await start();
    const issue = () => Promise.reject(new ChartctlError({ kind: "external", code, message: "no role", hint: "as it was", details: { status: 400 } }));
    await expect(asked({ issuer: { issue } })).rejects.toMatchObject({ code, message: "no role", hint: wanted, details: { status: 400 } });
  });
});

describe("what was asked", () => {
  test("is kept for some hours, for the same question of the same scope alone", async () => {
    await start();
    const first = await asked();
    now = new Date("2026-11-04T17:59:00Z");
    expect(await asked()).toEqual({ ...first, kept: true });
    const before = services.calls.length;
    for (const [given, changed] of [
      [{ scope: ["another role"] }, {}],
      [{ tenantId: "other" }, {}],
      [{ source: "ce" as const }, {}],
      [{ refresh: true }, {}],
      [{}, { tags: { TenantId: "acme" } }],
    ] as const)
      expect((await asked(given, changed)).kept).toBe(false);
    expect(services.calls.length).toBeGreaterThan(before);
    now = new Date("2026-11-05T00:00:00Z");
    expect((await asked()).kept).toBe(false);
  });
  test("is its owner's alone, and asked again when the file is damaged", async () => {
    await start();
    await asked({ source: "ce" });
    const [name = ""] = readdirSync(cacheFolder);
    const file = join(cacheFolder, name);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, '{"source":"ce","amounts":[{"amount":"x"}]}');
    expect((await asked({ source: "ce" })).kept).toBe(false);
  });
});

describe("the cache", () => {
  test("that can't be written loses no answer, and says that it will be paid again", async () => {
    await start();
    const inTheWay = join(cacheFolder, "file");
    writeFileSync(inTheWay, "");
    const notes: string[] = [];
    const given = { source: "ce" as const, cacheFolder: join(inTheWay, "costs"), note: (message: string) => void notes.push(message) };
    const first = await asked(given);
    expect([first.answer.amounts.length > 0, first.kept, (await asked(given)).kept]).toEqual([true, false, false]);
    expect(notes[0]).toMatch(/can't be kept in .*costs: the same question is asked, and paid, again/);
  });
  test("is whole with two that write it at once", async () => {
    await start();
    const both = await Promise.all([asked({ source: "ce" }), asked({ source: "ce" })]);
    expect(both[0].answer.amounts).toEqual(both[1].answer.amounts);
    expect(await asked({ source: "ce" })).toMatchObject({ kept: true, answer: { amounts: both[0].answer.amounts } });
    expect(readdirSync(cacheFolder)).toHaveLength(1);
  });
  test.each([2, 40, 300])("that is %d bytes short is asked anew, and nothing of it is counted", async (bytes) => {
    await start();
    const { answer } = await asked({ source: "ce" });
    const file = join(cacheFolder, readdirSync(cacheFolder)[0] ?? "");
    truncateSync(file, statSync(file).size - bytes);
    expect(await asked({ source: "ce" })).toEqual({ kept: false, answer });
  });
});

describe("the source, left to chartctl,", () => {
  test("is the report where there is one, and Cost Explorer is paid nothing", async () => {
    await start({ cur: true });
    expect((await asked()).answer.source).toBe("cur");
    expect(services.calls).not.toContain("GetCostAndUsage");
  });
  test("is Cost Explorer without a report", async () => {
    await start();
    expect((await asked()).answer.source).toBe("ce");
  });
  test("is Cost Explorer for a month that the report hasn't, and that is said", async () => {
    await start({ cur: true });
    const notes: string[] = [];
    const { answer } = await asked({ note: (message) => notes.push(message) }, { from: "2026-10-25" });
    expect([answer.source, notes]).toEqual(["ce", [expect.stringContaining("nothing of 2026-10")]]);
  });
  test("is Cost Explorer where Athena doesn't answer, as in the sandbox, and that is said", async () => {
    await start({ cur: true });
    services.fail.set("GetTableMetadata", { code: "InternalFailure", message: "an internal failure", times: 99, status: 500 });
    const notes: string[] = [];
    const source = costsOf(services.url, { cacheFolder, now: () => now, note: (message) => notes.push(message) });
    for (const until of [query.until, "2026-11-03"]) expect((await source.costs({ ...query, until })).answer.source).toBe("ce");
    expect(notes).toEqual([expect.stringContaining("Cost Explorer is asked instead")]);
    await expect(asked({ source: "cur" })).rejects.toMatchObject({ code: "cur.unavailable" });
  });
  test("is no way round a failure of the report", async () => {
    await start({ cur: true });
    services.ending = { state: "FAILED", reason: "HIVE_BAD_DATA: a file is broken", looks: 0, bytes: 0 };
    await expect(asked()).rejects.toMatchObject({ code: "cur.wrong-data" });
  });
});

describe("the report", () => {
  test("is paid by what is read, ten megabytes at least, and nothing for an earlier result", async () => {
    await start({ cur: true });
    expect((await asked({ source: "cur" })).answer.price).toEqual({ requests: 1, dollars: "0.000057", bytesScanned: 12_345_678, reused: false });
    expect(services.asked.StartQueryExecution?.ResultReuseConfiguration.ResultReuseByAgeConfiguration).toEqual({ Enabled: true, MaxAgeInMinutes: 60 });
    services.ending = { ...services.ending, bytes: 5 };
    expect((await asked({ source: "cur", refresh: true })).answer.price.dollars).toBe("0.000048");
    expect(services.asked.StartQueryExecution?.ResultReuseConfiguration.ResultReuseByAgeConfiguration).toEqual({ Enabled: false });
    services.ending = { ...services.ending, reused: true };
    expect((await asked({ source: "cur", refresh: true })).answer.price).toEqual({ requests: 1, dollars: "0", bytesScanned: 0, reused: true });
  });
  test.each([
    ["FAILED", "TABLE_NOT_FOUND: line 1:8: Table does not exist", "cur.no-table"],
    ["FAILED", "COLUMN_NOT_FOUND: line 3: Column cannot be resolved", "cur.no-column"],
    ["FAILED", "HIVE_PARTITION_SCHEMA_MISMATCH: types are incompatible", "cur.wrong-data"],
    ["FAILED", "Query exhausted resources", "cur.query-failed"],
    ["FAILED", "Access denied when writing output to url", "aws.access-denied"],
    ["CANCELLED", "Bytes scanned limit was exceeded", "cur.limit"],
    ["CANCELLED", "", "cur.cancelled"],
  ] as const)("that ends %s (%s) is %s", async (state, reason, code) => {
    await start({ cur: true });
    services.ending = { state, reason, looks: 2, bytes: 0 };
    await expect(asked({ source: "cur" })).rejects.toMatchObject({ code, hint: expect.stringMatching(/.{10}/) });
  });
  test("that takes too long is stopped", async () => {
    await start({ cur: true });
    services.ending = { state: "RUNNING", looks: 0, bytes: 0 };
    const sleep = async (milliseconds: number): Promise<void> => {
      now = new Date(now.getTime() + milliseconds * 20);
    };
    await expect(asked({ source: "cur", clock: { now: () => now, sleep } })).rejects.toMatchObject({ code: "cur.slow" });
    expect(services.calls.at(-1)).toBe("StopQueryExecution");
  });
  test("is stopped when somebody interrupts", async () => {
    await start({ cur: true });
    services.ending = { state: "RUNNING", looks: 0, bytes: 0 };
    const stop = new AbortController();
    const clock = { now: () => now, sleep: async () => stop.abort() };
    const message = "Stopped, and Athena's query with it; nothing is kept. AWS bills what it had read by then";
    await expect(asked({ source: "cur", clock, interrupted: stop.signal })).rejects.toMatchObject({ kind: "interrupted", message });
    expect(services.calls.at(-1)).toBe("StopQueryExecution");
  });
  test("is not asked for at all when somebody has interrupted before", async () => {
    await start({ cur: true });
    await expect(asked({ source: "cur", interrupted: AbortSignal.abort() })).rejects.toMatchObject({ kind: "interrupted" });
    expect(services.calls).toEqual([]);
  });
  test("without the columns of another metric says which", async () => {
    await start({ cur: true });
    without("savings_plan_savings_plan_effective_cost");
    const message = "The report chartctl_billing.cost_and_usage has no column savings_plan_savings_plan_effective_cost";
    await expect(asked({ source: "cur" }, { metric: "amortized" })).rejects.toMatchObject({ code: "cur.no-column", message });
    expect(services.calls).toEqual(["GetTableMetadata"]);
  });
  test("with a column a tag says that the tag isn't active, and how to change that", async () => {
    report = await usageReport("legacy", lines);
    services = await startCostServices(lines, report);
    for (const [key, typed] of [
      ["Team", "aws ce update-cost-allocation-tags-status --cost-allocation-tags-status TagKey=Team,Status=Active"],
      ["Environment", "chartctl setup aws"],
    ] as const) {
      const wanted = { code: "cur.no-column", hint: expect.stringContaining(`in the paying account: ${typed};`) };
      await expect(asked({ source: "cur" }, { grouping: { by: "tag", key } })).rejects.toMatchObject(wanted);
    }
  });
  test("without partitions is not read at all", async () => {
    await start({ cur: true });
    report?.partitions.splice(0);
    await expect(asked({ source: "cur" })).rejects.toMatchObject({ code: "cur.layout" });
    expect(services.calls).toEqual(["GetTableMetadata"]);
  });
  test("of whole days has no hours, and says what it was paid to know", async () => {
    await start({ cur: true, of: lines.map((line) => ({ ...line, hour: `${line.hour.slice(0, 10)}T00` })) });
    const wanted = { code: "cur.no-hours", details: { price: { requests: 2 } } };
    await expect(asked({ source: "cur" }, { granularity: "hour" })).rejects.toMatchObject(wanted);
  });
  test("with one line, at midnight, has hours all the same: other lines of the report tell", async () => {
    const [line] = lines as [BillLine];
    const at = (hour: string, tags: Record<string, string>): BillLine => ({ ...line, hour, tags });
    for (const [elsewhere, day] of [
      ["2026-11-02T07", "2026-11-02"], // of another project
      ["2026-10-31T23", "2026-11-01"], // of the month before, when this one has just begun
    ] as const) {
      await services?.close();
      report?.remove();
      await start({ cur: true, of: [at(`${day}T00`, { ProjectId: "sales" }), at(elsewhere, {})] });
      const { answer } = await asked({ source: "cur" }, { granularity: "hour", tags: { ProjectId: "sales" } });
      expect(answer.amounts.map(({ period }) => period)).toEqual([`${day}T00`]);
      expect(answer.price.requests).toBe(2);
    }
  });
  test.each([
    ["amortized", "SavingsPlanCoveredUsage", "savings_plan_savings_plan_effective_cost"],
    ["net-amortized", "DiscountedUsage", "reservation_effective_cost"],
    ["blended", "Usage", "line_item_blended_cost"],
  ] as const)("whose month was written before the export had the columns of %s says so, and tells no part for the whole", async (metric, type, column) => {
    const [line] = lines as [BillLine];
    const of = [
      { ...line, type: "Usage", written: { line_item_blended_cost: 1 } },
      { ...line, type, written: { [column]: null } },
    ];
    await start({ cur: true, of });
    const message = `The report chartctl_billing.cost_and_usage has no ${metric} cost of 2026-11: it was written before the export had its columns`;
    await expect(asked({ source: "cur" }, { metric })).rejects.toMatchObject({ code: "cur.no-column", message });
    expect((await asked({ source: "auto" }, { metric })).answer).toMatchObject({ source: "ce", price: { requests: 2 } });
  });
  test.each([["it's"], ["'; DROP TABLE x; --"], ["?"], ["%"], ["\\"]])("takes %s of a tag as a value", async (value) => {
    const of = lines.map((line) => ({ ...line, tags: { UserId: value } }));
    await start({ cur: true, of });
    const { answer } = await asked({ source: "cur" }, { tags: { UserId: value }, grouping: { by: "tag", key: "UserId" } });
    expect(new Set(answer.amounts.map(({ key }) => key))).toEqual(new Set([value]));
  });
  test.each([['a"b'], ["a'b"], ["a;b\n"], ["x".repeat(129)], ["--"]])("refuses %j as the key of a tag", async (key) => {
    await start({ cur: true });
    await expect(asked({ source: "cur" }, { grouping: { by: "tag", key } })).rejects.toMatchObject({ kind: "usage", code: "costs.tag" });
  });
});
