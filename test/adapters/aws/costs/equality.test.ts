/** Cost Explorer and the report give the same numbers on the same lines, through the real SDK clients. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Big from "big.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CostQuestion } from "../../../../src/core/costs/actual/actual-costs.ts";
import { actualCosts } from "../../../../src/core/costs/actual/actual-costs.ts";
import type { Granularity, Grouping, Metric } from "../../../../src/core/costs/actual/cost-source.ts";
import { metrics } from "../../../../src/core/costs/actual/cost-source.ts";
import { addDays } from "../../../../src/core/costs/actual/period.ts";
import { billLines, commitmentLines, costOf } from "../../../support/cost-lines.ts";
import type { CostServices } from "../../../support/cost-services.ts";
import { startCostServices } from "../../../support/cost-services.ts";
import type { CurKind, UsageReport } from "../../../support/usage-report.ts";
import { usageReport } from "../../../support/usage-report.ts";
import { costsOf } from "./source.ts";

const now = new Date("2026-12-10T12:00:00Z");
/** From a leap in the legacy layout's months (9, 10) to a month that is open. */
const lines = [
  ...billLines(
    Array.from({ length: 100 }, (_, at) => addDays("2026-09-01", at)),
    12,
  ),
  ...commitmentLines("2026-11-20"),
];
const cache = mkdtempSync(join(tmpdir(), "chartctl-costs-"));

describe.each<CurKind>(["cur2", "legacy"])("a bill from Cost Explorer and from the report (%s)", (kind) => {
  let report: UsageReport;
  let services: CostServices;
  beforeAll(async () => {
    report = await usageReport(kind, lines);
    services = await startCostServices(lines, report);
    services.pageSize = 97; // pages end within a day
    services.now = () => now;
  });
  afterAll(async () => {
    await services.close();
    report.remove();
  });
  const asked = async (source: "ce" | "cur", question: CostQuestion) =>
    await actualCosts(costsOf(services.url, { source, cacheFolder: cache, refresh: true, now: () => now }), question, now);

  const groupings: Grouping[] = [
    { by: "service" },
    { by: "usage-type" },
    { by: "region" },
    { by: "usage" },
    ...["ProjectId", "UserId", "Cost Center"].map((key): Grouping => ({ by: "tag", key })),
  ];
  const filters: Record<string, string>[] = [{}, { TenantId: "acme" }, { TenantId: "acme", UserId: "o'hara" }];
  const questions = groupings.flatMap((grouping) =>
    (["day", "month"] as const).flatMap((granularity) =>
      filters.map((tags): [string, CostQuestion] => [
        `${JSON.stringify(grouping)} by ${granularity} of ${JSON.stringify(tags)}`,
        { grouping, granularity, tags, metric: "unblended", period: { from: granularity === "month" ? "2026-11-01" : "2026-11-10", until: "2026-12-10" } },
      ]),
    ),
  );
  const withHours: [string, CostQuestion] = [
    "hours",
    {
      grouping: { by: "service" },
      granularity: "hour" as Granularity,
      tags: {},
      metric: "unblended" as Metric,
      period: { from: "2026-11-30", until: "2026-12-02" },
    },
  ];
  test.each([...questions, withHours])("are equal: %s", async (_, question) => {
    const [ce, cur] = [await asked("ce", question), await asked("cur", question)];
    expect([ce.source, cur.source]).toEqual(["ce", "cur"]);
    expect(ce.currencies.length).toBeGreaterThan(0);
    expect(cur.currencies).toEqual(ce.currencies);
  });

  const metricNames = {
    amortized: "AmortizedCost",
    "net-unblended": "NetUnblendedCost",
    "net-amortized": "NetAmortizedCost",
    blended: "BlendedCost",
    unblended: "UnblendedCost",
  } as const;
  test.each(metrics)("are equal, and AWS's, with commitments and discounts: %s", async (metric) => {
    for (const grouping of [{ by: "service" }, { by: "tag", key: "ProjectId" }] as const) {
      const question: CostQuestion = { grouping, granularity: "day", tags: {}, metric, period: { from: "2026-11-10", until: "2026-12-10" } };
      const [ce, cur] = [await asked("ce", question), await asked("cur", question)];
      expect(cur.currencies).toEqual(ce.currencies);
      const sum = lines
        .filter(({ hour, currency }) => hour >= "2026-11-10" && hour < "2026-12-10" && currency === "USD")
        .reduce((all, line) => all.plus(costOf(line, metricNames[metric])), new Big(0));
      expect(cur.currencies.find(({ currency }) => currency === "USD")?.total).toBe(sum.toFixed());
    }
  });
  test("tell each metric by itself: no two of them are the same here", async () => {
    const totals = new Set<string | undefined>();
    for (const metric of metrics) {
      const question = { grouping: { by: "service" }, granularity: "day", tags: {}, metric, period: { from: "2026-11-20", until: "2026-11-21" } } as const;
      totals.add((await asked("cur", question)).currencies[0]?.total);
    }
    expect(totals.size).toBe(metrics.length);
  });

  test("tell how much was used of what by whom in the same numbers, and the whole bill", async () => {
    const question = {
      granularity: "month",
      grouping: { by: "usage" },
      metric: "unblended",
      tags: { TenantId: "acme" },
      from: "2026-11-01",
      until: "2026-12-01",
    } as const;
    const of = async (source: "ce" | "cur") => {
      const { answer } = await costsOf(services.url, { source, cacheFolder: cache, refresh: true, now: () => now }).costs(question);
      return answer.amounts
        .filter(({ amount, used }) => Number(amount) !== 0 || Number(used?.quantity ?? 0) !== 0)
        .map((one) => JSON.stringify(Object.entries(one).sort()))
        .sort();
    };
    const ce = await of("ce");
    expect(await of("cur")).toEqual(ce);
    expect(ce.filter((one) => one.includes("Lambda-GB-Second-ARM")).length).toBeGreaterThan(0);
  });

  test("tell how much each project used in the same numbers, with the service where three call their storage the same", async () => {
    const question = { granularity: "month", grouping: { by: "tag-usage", key: "ProjectId" }, metric: "unblended", tags: { TenantId: "acme" } } as const;
    const of = async (source: "ce" | "cur") => {
      const given = { source, cacheFolder: cache, now: () => new Date() }; // files are forgotten by the machine's time
      const { answer } = await costsOf(services.url, { ...given, refresh: true }).costs({ ...question, from: "2026-10-01", until: "2026-12-01" });
      const kept = await costsOf(services.url, given).costs({ ...question, from: "2026-10-01", until: "2026-12-01" });
      expect([kept.kept, kept.answer.amounts]).toEqual([true, answer.amounts]);
      return answer;
    };
    services.calls.length = 0;
    const [ce, cur] = [await of("ce"), await of("cur")];
    const text = (amounts: typeof ce.amounts): string[] =>
      amounts
        .filter(({ used }) => Number(used?.quantity ?? 0) !== 0)
        .map(({ period, key, kind, currency, amount, used }) =>
          JSON.stringify([period, key, kind, currency, amount, used?.type, used?.service, used?.quantity]),
        )
        .sort();
    expect(text(cur.amounts)).toEqual(text(ce.amounts));
    expect(new Set(ce.amounts.map(({ used }) => used?.service))).toEqual(new Set(["Amazon DynamoDB", "Amazon Simple Storage Service", null]));
    expect(new Set(ce.amounts.map(({ key }) => key))).toEqual(new Set(["sales", "hr", null]));
    expect(ce.price.requests).toBe(services.calls.filter((call) => call === "GetCostAndUsage").length);
    // The lines themselves, added up: nothing that was used is lost, and nothing that wasn't is there.
    const used = lines.filter(
      ({ hour, type, tags, currency }) =>
        hour >= "2026-10" &&
        hour < "2026-12" &&
        ["Usage", "DiscountedUsage", "SavingsPlanCoveredUsage"].includes(type) &&
        tags.TenantId === "acme" &&
        currency === "USD",
    );
    const sum = (all: { amount: string }[]): string => all.reduce((so, { amount }) => so.plus(amount), new Big(0)).toFixed();
    expect(sum(ce.amounts.filter(({ currency }) => currency === "USD"))).toBe(sum(used));
  });

  test("left to chartctl: the report's own months decide, whoever's lines they are", async () => {
    const asked = async (from: string) => {
      const query = { from, until: "2026-12-10", granularity: "day", grouping: { by: "service" }, metric: "unblended", tags: { TenantId: "nobody" } } as const;
      const { answer } = await costsOf(services.url, { source: "auto", cacheFolder: cache, refresh: true, now: () => now }).costs(query);
      return [answer.source, answer.price.requests, answer.amounts];
    };
    expect(await asked("2026-09-01")).toEqual(["cur", 2, []]);
    expect(await asked("2026-08-31")).toEqual(["ce", 3, []]);
  });

  test("reads no month that isn't asked for", async () => {
    const period = { from: "2026-11-20", until: "2026-11-21" };
    await asked("cur", { grouping: { by: "service" }, granularity: "day", tags: {}, metric: "unblended", period });
    const { QueryString = "", ExecutionParameters = [] } = services.asked.StartQueryExecution ?? {};
    const read = await report.filesRead(
      QueryString,
      ExecutionParameters.map((one) => one.slice(1, -1)),
    );
    expect(/Scanning Files: (\d+)\/(\d+)/.exec(read)?.slice(1)).toEqual(["1", "4"]);
  });
});

afterAll(() => rmSync(cache, { recursive: true, force: true }));
