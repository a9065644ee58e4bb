/** How costs went: what is asked of the source, and what is usual, of whole days alone. */
import Big from "big.js";
import { describe, expect, test } from "vitest";
import type { CostQuestion } from "../../../../src/core/costs/actual/actual-costs.ts";
import type { CostAmount, CostQuery, KeptCosts } from "../../../../src/core/costs/actual/cost-source.ts";
import { periodsOf } from "../../../../src/core/costs/actual/period.ts";
import { costTrends } from "../../../../src/core/costs/trends/cost-trends.ts";
import { ChartctlError } from "../../../../src/errors.ts";

const now = new Date("2026-11-21T12:00:00Z");
const price = { requests: 1, dollars: "0.01", bytesScanned: 0, reused: false };
const usage = (period: string, amount: string, rest: Partial<CostAmount> = {}): CostAmount => ({
  period,
  key: "Amazon S3",
  kind: "usage",
  currency: "USD",
  amount,
  ...rest,
});
/** Answers as a source does: of the days that it is asked for, by what it is asked by. */
const source = (amounts: CostAmount[], { since = "2025-09-01", asked = [] as CostQuery[], noTags = false, noServices = "" } = {}): KeptCosts => ({
  costs: async (query) => {
    asked.push(query);
    if (query.from < since) throw new ChartctlError({ kind: "usage", code: "costs.period", message: "too far back" });
    if (noTags && query.grouping.by === "tag") throw new ChartctlError({ kind: "failed", code: "cur.no-column", message: "no such column" });
    if (noServices && query.grouping.by === "service") throw new ChartctlError({ kind: "refused", code: noServices, message: "not yours to see" });
    const key = query.grouping.by === "tag" ? { key: "sales" } : {};
    const length = query.granularity === "month" ? 7 : 10;
    const within = amounts.filter(({ period }) => period >= query.from && period < query.until);
    return {
      answer: {
        source: "ce",
        amounts: within.map((one) => ({ ...one, ...key, period: one.period.slice(0, length) })),
        estimatedFrom: null,
        price,
        askedAt: now.toISOString(),
      },
      kept: false,
    };
  },
});
const question: CostQuestion = {
  period: { from: "2026-11-14", until: "2026-11-21" },
  granularity: "day",
  grouping: { by: "service" },
  metric: "unblended",
  tags: {},
};
const bill = periodsOf({ from: "2025-09-01", until: "2026-11-22" }, "day").map((day) =>
  usage(day, day === "2026-11-17" ? "50" : day === "2026-11-18" ? "9" : "10"),
);

describe("trends", () => {
  test("of days ask by service and by project once each, far enough back to judge", async () => {
    const asked: CostQuery[] = [];
    const trends = await costTrends(source(bill, { asked }), question, now);
    expect(asked.map(({ from, until, grouping }) => [from, until, grouping])).toEqual([
      ["2026-10-03", "2026-11-21", { by: "service" }],
      ["2026-10-03", "2026-11-21", { by: "tag", key: "ProjectId" }],
    ]);
    expect(trends.price).toEqual({ requests: 2, dollars: "0.02", bytesScanned: 0, reused: false });
    expect(trends.currencies[0]).toMatchObject({
      total: "109",
      previous: "70",
      mean: "15.5714285714",
      highest: { period: "2026-11-17", amount: "50" },
      lowest: { period: "2026-11-18", amount: "9" },
      weekdays: null,
    });
    expect(trends.anomalies).toEqual([
      {
        day: "2026-11-17",
        since: "2026-11-17",
        currency: "USD",
        amount: "50",
        expected: "10",
        above: "40",
        services: [{ key: "Amazon S3", above: "40", share: "1.0000" }],
        projects: [{ key: "sales", above: "40", share: "1.0000" }],
      },
    ]);
  });
  test.each([
    [{ by: "tag", key: "ProjectId" } as const, 2],
    [{ by: "region" } as const, 3],
  ])("by %j take %d requests", async (grouping, requests) => {
    expect((await costTrends(source(bill), { ...question, grouping }, now)).price.requests).toBe(requests);
  });
  test("add up as the costs do, whatever they are judged by", async () => {
    const { currencies } = await costTrends(
      source([...bill, usage("2026-11-15", "-3", { kind: "credit" }), usage("2026-11-16", "2", { currency: "EUR" })]),
      question,
      now,
    );
    for (const { total, series, rows } of currencies)
      for (const parts of [series.map(({ amount }) => amount), rows.map((row) => row.total)])
        expect(parts.reduce((sum, one) => sum.plus(one), new Big(0)).toFixed()).toBe(total);
    expect(currencies.map(({ currency, total, byKind }) => [currency, total, byKind.credit])).toEqual([
      ["USD", "106", "-3"],
      ["EUR", "2", "0"],
    ]);
  });
  test("leave a day that isn't over out of what is usual", async () => {
    const today = [...bill.filter(({ period }) => period < "2026-11-21"), usage("2026-11-21", "0.5")];
    const { currencies, openFrom } = await costTrends(source(today), { ...question, period: { from: "2026-11-19", until: "2026-11-22" } }, now);
    expect([openFrom, currencies[0]?.total, currencies[0]?.mean, currencies[0]?.lowest]).toEqual([
      "2026-11-19",
      "20.5",
      "10",
      { period: "2026-11-19", amount: "10" },
    ]);
    const first = await costTrends(source(today), { ...question, period: { from: "2026-11-21", until: "2026-11-22" } }, now);
    expect(first.currencies[0]).toMatchObject({ mean: null, highest: null, lowest: null });
  });
  test("of months leave one that the period cuts out of what is usual", async () => {
    const months = [usage("2026-08-03", "100"), usage("2026-09-03", "100"), usage("2026-10-03", "50")];
    const usual = async (until: string) => {
      const { currencies } = await costTrends(source(months), { ...question, granularity: "month", period: { from: "2026-08-01", until } }, now);
      return currencies.map(({ mean, lowest, highest }) => [mean, highest?.period, lowest?.period]);
    };
    expect(await usual("2026-10-16")).toEqual([["100", "2026-08", "2026-08"]]);
    expect(await usual("2026-11-01")).toEqual([["83.3333333333", "2026-08", "2026-10"]]);
  });
  test("of months are asked once, are judged by nothing, and leave the open one out of what is usual", async () => {
    const asked: CostQuery[] = [];
    const period = { from: "2026-09-01", until: "2026-11-21" };
    const trends = await costTrends(source(bill, { asked }), { ...question, granularity: "month", period }, now);
    expect([asked.length, trends.anomalies, trends.currencies[0]?.mean, trends.currencies[0]?.lowest]).toEqual([
      2,
      null,
      "305",
      { period: "2026-09", amount: "300" },
    ]);
  });
  test("of a source that doesn't go back far enough are told without what it takes more for", async () => {
    const unjudged = await costTrends(source(bill, { since: "2026-11-07" }), question, now);
    expect([unjudged.anomalies, unjudged.currencies[0]?.previous, unjudged.currencies[0]?.total]).toEqual([null, "70", "109"]);
    // Too far to compare isn't too far to judge.
    const year = { ...question, period: { from: "2026-02-01", until: "2026-11-21" } };
    const judged = await costTrends(source(bill, { since: "2025-12-01" }), year, now);
    expect([judged.previous, judged.anomalies?.map(({ day }) => day)]).toEqual([null, ["2026-11-17"]]);
    const uncompared = await costTrends(source(bill, { since: "2026-11-14" }), question, now);
    expect([uncompared.anomalies, uncompared.previous, uncompared.currencies[0]?.total]).toEqual([null, null, "109"]);
  });
  test("of a report without projects name the service alone", async () => {
    const { anomalies } = await costTrends(source(bill, { noTags: true }), question, now);
    expect(anomalies?.map(({ services, projects }) => [services.length, projects.length])).toEqual([[1, 0]]);
  });
  test.each(["costs.admins", "costs.hosted"])("of whoever is told no services (%s) judge the same days by project alone", async (noServices) => {
    const grouping = { by: "tag", key: "ProjectId" } as const;
    const { anomalies, currencies } = await costTrends(source(bill, { noServices }), { ...question, grouping }, now);
    const told = await costTrends(source(bill), { ...question, grouping }, now);
    expect(anomalies).toHaveLength(1);
    expect(anomalies).toEqual(told.anomalies?.map((one) => ({ ...one, services: [] })));
    expect(currencies).toEqual(told.currencies);
    await expect(costTrends(source(bill, { noServices }), question, now)).rejects.toMatchObject({ code: noServices });
    await expect(costTrends(source(bill, { noServices: "aws.failed" }), { ...question, grouping }, now)).rejects.toMatchObject({ code: "aws.failed" });
  });
  test("of an empty account ask nothing further", async () => {
    const asked: CostQuery[] = [];
    const { currencies, anomalies } = await costTrends(source([], { asked }), question, now);
    expect([currencies, anomalies, asked.length]).toEqual([[], null, 1]);
  });
});
