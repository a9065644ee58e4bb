/** Cost Explorer's own forecast, through the real SDK client: what it is asked, what it is paid, and when it has none. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addDays } from "../../../../src/core/costs/actual/period.ts";
import { costForecast } from "../../../../src/core/costs/forecast/cost-forecast.ts";
import type { ForecastQuery } from "../../../../src/core/costs/forecast/forecast-source.ts";
import { billLines } from "../../../support/cost-lines.ts";
import type { CostServices } from "../../../support/cost-services.ts";
import { startCostServices } from "../../../support/cost-services.ts";
import { costsOf } from "./source.ts";

const query: ForecastQuery = { from: "2026-11-21", until: "2026-12-01", metric: "unblended", tags: { TenantId: "acme" } };
/** Two months of usage, taxes, credits and refunds, of several tenants. */
const lines = billLines(
  Array.from({ length: 81 }, (_, at) => addDays("2026-09-01", at)),
  12,
);
let now: Date;
let services: CostServices;
let cacheFolder: string;
beforeEach(async () => {
  now = new Date("2026-11-21T12:00:00Z");
  cacheFolder = mkdtempSync(join(tmpdir(), "chartctl-forecast-"));
  services = await startCostServices(lines, undefined);
});
afterEach(async () => {
  await services.close();
  rmSync(cacheFolder, { recursive: true, force: true });
});
const source = (given: Partial<Parameters<typeof costsOf>[1]> = {}) => costsOf(services.url, { cacheFolder, now: () => now, source: "ce", ...given });

describe("Cost Explorer's forecast", () => {
  test("is asked by day, of usage alone and of the tenant's part, with a range of 80 percent", async () => {
    const { answer, kept } = await source().forecast(query);
    expect(services.asked.GetCostForecast).toEqual({
      TimePeriod: { Start: "2026-11-21", End: "2026-12-01" },
      Granularity: "DAILY",
      Metric: "UNBLENDED_COST",
      PredictionIntervalLevel: 80,
      Filter: {
        And: [
          { Tags: { Key: "TenantId", Values: ["acme"], MatchOptions: ["EQUALS"] } },
          { Not: { Dimensions: { Key: "RECORD_TYPE", Values: ["Tax", "Credit", "Refund"], MatchOptions: ["EQUALS"] } } },
        ],
      },
    });
    expect([kept, answer.currency, answer.level, answer.price]).toEqual([false, "USD", 80, { requests: 1, dollars: "0.01", bytesScanned: 0, reused: false }]);
    expect(answer.days.map(({ day }) => day)).toEqual(Array.from({ length: 10 }, (_, at) => addDays("2026-11-21", at)));
    for (const { mean, low, high } of answer.days) expect([Number(low) < Number(mean), Number(mean) < Number(high)]).toEqual([true, true]);
  });
  test("of a tenant that is alone in its account is asked without its tag; of more tags with all of them", async () => {
    await source().forecast({ ...query, tags: {} });
    expect(services.asked.GetCostForecast?.Filter).toMatchObject({ Not: {} });
    await source().forecast({ ...query, tags: { TenantId: "acme", ProjectId: "sales" } });
    expect(services.asked.GetCostForecast?.Filter).toMatchObject({ And: [{}, {}, {}] });
  });
  test.each(["unblended", "amortized", "net-unblended", "net-amortized", "blended"] as const)("knows the metric %s", async (metric) => {
    await source().forecast({ ...query, metric });
    expect(services.asked.GetCostForecast?.Metric).toBe(`${metric.toUpperCase().replace("-", "_")}_COST`);
  });
  test("is kept for some hours, apart from the costs of the same days, and asked again when the file is damaged", async () => {
    const first = await source().forecast(query);
    await source().costs({ ...query, from: "2026-11-01", until: "2026-11-21", granularity: "day", grouping: { by: "service" } });
    expect(await source().forecast(query)).toEqual({ ...first, kept: true });
    expect(services.calls).toEqual(["GetCostForecast", "GetCostAndUsage"]);
    expect((await source({ refresh: true }).forecast(query)).kept).toBe(false);
    expect((await source({ tenantId: "other" }).forecast(query)).kept).toBe(false);
    for (const name of readdirSync(cacheFolder)) {
      const file = join(cacheFolder, name);
      writeFileSync(file, readFileSync(file, "utf8").replaceAll('"mean"', '"average"'));
    }
    expect((await source().forecast(query)).kept).toBe(false);
    now = new Date("2026-11-21T23:00:00Z");
    expect((await source().forecast(query)).kept).toBe(false);
  });
  test.each([
    ["DataUnavailableException", "Insufficient amount of historical data.", "costs.no-forecast"],
    ["ValidationException", "Start date must be after the current date", "costs.no-forecast"],
    ["AccessDeniedException", "User: x is not authorized to perform: ce:GetCostForecast", "aws.access-denied"],
    ["AccessDeniedException", "User not enabled for cost explorer access", "costs.explorer-not-enabled"],
    ["LimitExceededException", "Rate exceeded", "aws.throttled"],
    ["InternalFailure", "an internal failure", "aws.unavailable"],
  ])("answers %s (%s) as %s, with what to do, and keeps nothing", async (code, message, wanted) => {
    services.fail.set("GetCostForecast", { code, message, times: 99, ...(code === "InternalFailure" ? { status: 500 } : {}) });
    await expect(source().forecast(query)).rejects.toMatchObject({ code: wanted, hint: expect.stringMatching(/.{10}/) });
    expect(readdirSync(cacheFolder)).toEqual([]);
  });
  test("names the right that the role lacks", async () => {
    services.fail.set("GetCostForecast", { code: "AccessDeniedException", message: "not authorized", times: 1 });
    await expect(source().forecast(query)).rejects.toMatchObject({ hint: expect.stringContaining("ce:GetCostForecast") });
  });
});

describe("a forecast of the month", () => {
  const question = { metric: "unblended" as const, tags: { TenantId: "acme" }, method: "auto" as const };
  test("takes Cost Explorer's in dollars, the own one in other currencies, and pays for both requests", async () => {
    const forecast = await costForecast(source(), question, now);
    expect(forecast.currencies.map(({ currency, method }) => [currency, method])).toEqual([
      ["USD", "cost-explorer"],
      ["EUR", "own"],
    ]);
    expect([forecast.price.requests, forecast.price.dollars, forecast.withoutExplorer]).toEqual([2, "0.02", null]);
  });
  test("falls back to the own one where there is too little history for AWS's", async () => {
    await services.close();
    services = await startCostServices(
      lines.filter(({ hour }) => hour >= "2026-11-01"),
      undefined,
    );
    const forecast = await costForecast(source(), question, now);
    expect(forecast.withoutExplorer).toBe("Cost Explorer makes no forecast of this: it has too little history");
    expect(forecast.currencies.map(({ currency, method, range }) => [currency, method, range])).toEqual([
      ["USD", "own", "days"],
      ["EUR", "own", "days"],
    ]);
  });
});
