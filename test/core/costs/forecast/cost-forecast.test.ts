/** Which forecast counts: Cost Explorer's where it may be asked and answers, the own one otherwise, and what was paid. */
import { describe, expect, test } from "vitest";
import type { CostAmount, CostQuery, KeptCosts } from "../../../../src/core/costs/actual/cost-source.ts";
import { periodsOf } from "../../../../src/core/costs/actual/period.ts";
import type { ForecastMethod } from "../../../../src/core/costs/forecast/cost-forecast.ts";
import { costForecast } from "../../../../src/core/costs/forecast/cost-forecast.ts";
import type { ForecastQuery, KeptForecasts } from "../../../../src/core/costs/forecast/forecast-source.ts";
import { ChartctlError } from "../../../../src/errors.ts";

const now = new Date("2026-11-21T12:00:00Z");
const price = { requests: 1, dollars: "0.01", bytesScanned: 0, reused: false };
const bill = (first: string): CostAmount[] =>
  periodsOf({ from: first, until: "2026-11-21" }, "day").map((period) => ({ period, key: "Amazon S3", kind: "usage", currency: "USD", amount: "10" }));
const costs = (amounts: CostAmount[], asked: CostQuery[] = []): KeptCosts => ({
  costs: async (query) => {
    asked.push(query);
    return { answer: { source: "ce", amounts, estimatedFrom: null, price, askedAt: "2026-11-21T09:00:00.000Z" }, kept: true };
  },
});
const explorer = (asked: ForecastQuery[] = []): KeptForecasts => ({
  forecast: async (query) => {
    asked.push(query);
    const days = periodsOf(query, "day").map((day) => ({ day, mean: "12", low: "11", high: "13" }));
    return { answer: { currency: "USD", days, level: 80, price, askedAt: now.toISOString() }, kept: false };
  },
});
const refusing = (kind: "external" | "auth" | "interrupted", code: string): KeptForecasts => ({
  forecast: async () => {
    throw new ChartctlError({ kind, code, message: "Cost Explorer makes no forecast of this: it has too little history" });
  },
});
const asked = (source: KeptCosts & Partial<KeptForecasts>, method: ForecastMethod = "auto", tags = {}) =>
  costForecast(source, { metric: "unblended", tags, method }, now);

describe("a forecast", () => {
  test("asks for a year of days once, and Cost Explorer for the rest of the month, of the tenant's part", async () => {
    const [history, rest]: [CostQuery[], ForecastQuery[]] = [[], []];
    const tags = { TenantId: "acme" };
    const forecast = await asked({ ...costs(bill("2025-11-01"), history), ...explorer(rest) }, "auto", tags);
    expect(history).toEqual([{ from: "2025-11-01", until: "2026-11-21", granularity: "day", grouping: { by: "service" }, metric: "unblended", tags }]);
    expect(rest).toEqual([{ from: "2026-11-21", until: "2026-12-01", metric: "unblended", tags }]);
    expect(forecast).toMatchObject({
      month: "2026-11",
      today: "2026-11-21",
      lastDay: "2026-11-30",
      withoutExplorer: null,
      kept: false,
      askedAt: "2026-11-21T09:00:00.000Z",
    });
    // The history was kept, and cost nothing now.
    expect(forecast.price).toMatchObject({ requests: 1, dollars: "0.01" });
    expect(forecast.currencies[0]).toMatchObject({ method: "cost-explorer", expected: { total: "320", low: "310", high: "330" }, own: { total: "300" } });
  });
  test("is the own one where that is wanted, or Cost Explorer can't be asked", async () => {
    const rest: ForecastQuery[] = [];
    expect((await asked({ ...costs(bill("2025-11-01")), ...explorer(rest) }, "own")).currencies[0]).toMatchObject({
      method: "own",
      expected: { total: "300" },
    });
    expect(rest).toEqual([]);
    expect(await asked(costs(bill("2025-11-01")))).toMatchObject({
      withoutExplorer: null,
      currencies: [{ method: "own" }],
      price: { requests: 0, dollars: "0" },
    });
    await expect(asked(costs(bill("2025-11-01")), "ce")).rejects.toMatchObject({ code: "costs.no-forecast", hint: expect.stringContaining("--method own") });
  });
  test.each(["external", "auth"] as const)("falls back to the own one when AWS has none (%s), and says why; unless AWS's alone is wanted", async (kind) => {
    const source = { ...costs(bill("2025-11-01")), ...refusing(kind, "costs.no-forecast") };
    expect(await asked(source)).toMatchObject({
      withoutExplorer: "Cost Explorer makes no forecast of this: it has too little history",
      currencies: [{ method: "own", range: "backtest", expected: { total: "300" } }],
    });
    await expect(asked(source, "ce")).rejects.toMatchObject({ code: "costs.no-forecast" });
  });
  test("is none when somebody interrupts", async () => {
    await expect(asked({ ...costs(bill("2025-11-01")), ...refusing("interrupted", "interrupted") })).rejects.toMatchObject({ kind: "interrupted" });
  });
  test("of books that begin later, or tell no services, is made of their whole months, by project", async () => {
    const history: CostQuery[] = [];
    const books = (first: string): KeptCosts => ({
      costs: async (query) => {
        if (query.grouping.by === "service") throw new ChartctlError({ kind: "refused", code: "costs.admins", message: "not yours" });
        if (query.from < first) throw new ChartctlError({ kind: "usage", code: "costs.period", message: "later", details: { first } });
        const { answer, kept } = await costs(bill(first), history).costs(query);
        return { answer: { ...answer, books: { own: true, unread: [] } }, kept };
      },
    });
    expect(await asked(books("2026-08-23"))).toMatchObject({ from: "2026-09-01", books: { own: true }, currencies: [{ method: "own", previous: "310" }] });
    expect(history.map(({ from, grouping }) => [from, grouping])).toEqual([["2026-09-01", { by: "tag", key: "ProjectId" }]]);
    expect(await asked(books("2026-08-01"))).toMatchObject({ from: "2026-08-01" });
    await expect(asked(books("2026-11-02"))).rejects.toMatchObject({ code: "costs.period" });
  });
  test("of an empty account asks, and pays, Cost Explorer nothing", async () => {
    const rest: ForecastQuery[] = [];
    expect((await asked({ ...costs([]), ...explorer(rest) })).currencies).toEqual([]);
    expect(rest).toEqual([]);
  });
});
