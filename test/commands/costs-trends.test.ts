/** `chartctl costs trends` and `costs forecast` as they are typed. */
import Big from "big.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addDays, periodsOf } from "../../src/core/costs/actual/period.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { BillLine } from "../support/cost-lines.ts";
import type { CostServices } from "../support/cost-services.ts";
import { startCostServices } from "../support/cost-services.ts";
import { wholeDay } from "../support/whole-day.ts";

const today = await wholeDay();
const spike = addDays(today, -4);
const line = (day: string, amount: string, tags: Record<string, string>, rest: Partial<BillLine> = {}): BillLine => ({
  hour: `${day}T05`,
  type: "Usage",
  productCode: "AmazonS3",
  usageType: "TimedStorage-ByteHrs",
  region: "us-east-1",
  tags: { TenantId: "acme", ...tags },
  currency: "USD",
  amount,
  ...rest,
});
const lines: BillLine[] = [
  ...periodsOf({ from: addDays(today, -420), until: today }, "day").flatMap((day) => [
    line(day, "6", { ProjectId: "sales" }),
    line(day, day === spike ? "34.0000000001" : "4", { ProjectId: "=HYPERLINK(1)" }, { productCode: "AWSLambda" }),
  ]),
  ...["young", "credited"].flatMap((TenantId) =>
    periodsOf({ from: addDays(today, -3), until: today }, "day").map((day) =>
      line(day, TenantId === "young" ? "5" : "-1", { TenantId }, TenantId === "young" ? {} : { type: "Credit" }),
    ),
  ),
];

let services: CostServices;
let home: ReturnType<typeof newHome>;
beforeAll(async () => {
  services = await startCostServices(lines, undefined);
  home = newHome({ AWS_ENDPOINT_URL: services.url, AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y", CHARTCTL_USER: "ann" });
  await home.run("tenants", "add", "acme");
});
afterAll(async () => {
  await services.close();
  home.remove();
});
const costs = (...args: string[]) => home.run("-t", "acme", "costs", ...args);
const flat = (text: string): string => text.replace(/\s+/g, " ");
const widest = (text: string): number => Math.max(...text.split("\n").map((row) => row.length));

describe("costs trends", () => {
  test("shows a chart, what is usual, and the day that stands out with who is behind it; again, nothing is paid", async () => {
    const { code, stdout, stderr } = await costs("trends", "--by", "project");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Total $330.00; +10%");
    expect(stdout).toMatch(/^\$40\.00 ┤ +█$/m);
    expect(stdout).toMatch(/^ +\$0\.00 └[─┄]{60}$/m);
    expect(stdout).toMatch(/^Mean a day +\$11\.00$/m);
    expect(flat(stdout)).toContain(`${spike}: $40.00, expected $10.00: AWS Lambda +$30.00; project =HYPERLINK(1) +$30.00`);
    expect(stdout).toContain("Cost Explorer: 2 requests, $0.02.");
    expect(widest(stdout)).toBeLessThanOrEqual(80);
    const before = services.calls.length;
    expect((await costs("trends")).stdout).toContain("nothing paid now");
    expect(services.calls).toHaveLength(before);
  });
  test("gives exact decimals as JSON, which add up", async () => {
    const { currencies, anomalies } = dataOf<{
      currencies: { total: string; series: { amount: string }[]; rows: { total: string }[] }[];
      anomalies: { day: string; above: string; projects: { key: string }[] }[];
    }>(await costs("trends", "--json"));
    expect(currencies.map(({ total }) => total)).toEqual(["330.0000000001"]);
    for (const parts of [currencies[0]?.series.map(({ amount }) => amount), currencies[0]?.rows.map(({ total }) => total)])
      expect(parts?.reduce((sum, amount) => sum.plus(amount), new Big(0)).toFixed()).toBe("330.0000000001");
    expect(anomalies.map(({ day, above, projects }) => [day, above, projects[0]?.key])).toEqual([[spike, "30.0000000001", "=HYPERLINK(1)"]]);
  });
  test("of months leaves days alone; options may stand before its name", async () => {
    const { stdout } = await costs("--granularity", "month", "--days", "60", "trends");
    expect(stdout).toMatch(/Mean a month|no month is over/);
    expect(stdout).not.toMatch(/[Ss]tands out/);
  });
  test("gives a spreadsheet a line a group and day, and no formula", async () => {
    const { stdout } = await costs("trends", "--csv", "--by", "project", "--days", "2");
    expect(stdout.split("\n").slice(0, 3)).toEqual([
      "period,project,currency,amount",
      `${addDays(today, -2)},sales,USD,6`,
      `${addDays(today, -1)},sales,USD,6`,
    ]);
    expect(stdout).toContain(",'=HYPERLINK(1),USD,4");
  });
});

describe("costs forecast", () => {
  test("shows what the month comes to, of which parts, by whom, and how good such forecasts were", async () => {
    const { code, stdout, stderr } = await costs("forecast");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^Month-end \$\d+\.\d\d; between \$\d+\.\d\d and \$\d+\.\d\d \(80%\)$/m);
    for (const part of [
      "Billed so far",
      "Expected rest",
      "Month before",
      "chartctl's own",
      "Usage: Cost Explorer's forecast",
      "Credits and refunds: as far as they are billed",
      "Range held",
    ])
      expect(stdout).toContain(part);
    expect(stdout).toContain("Cost Explorer: 2 requests, $0.02.");
    expect(widest(stdout)).toBeLessThanOrEqual(80);
    expect((await costs("forecast")).stdout).toContain("nothing paid now");
  });
  test("adds up exactly, and costs nothing more by the own method", async () => {
    const forecast = dataOf<{
      price: { requests: number };
      currencies: { method: string; billed: string; expected: { usage: string; tax: string; total: string } }[];
    }>(await costs("forecast", "--method", "own", "--json"));
    const { method, billed = "", expected } = forecast.currencies[0] ?? {};
    expect([method, forecast.price.requests]).toEqual(["own", 0]);
    expect(
      new Big(billed)
        .plus(expected?.usage ?? "")
        .plus(expected?.tax ?? "")
        .toFixed(),
    ).toBe(expected?.total);
  });
  test.each([
    ["young", /not forecast yet: AWS has 3 whole days with costs, and a forecast takes 7/],
    ["credited", /Month-end -?\$\d\.00; nothing more is expected/],
    ["empty", /Cost Explorer has no cost from/],
  ])("of a tenant that is %s has a clear answer", async (tenant, answer) => {
    await home.run("tenants", "add", tenant);
    const { code, stdout } = await home.run("-t", tenant, "costs", "forecast", "--method", "own");
    expect([code, flat(stdout)]).toEqual([0, expect.stringMatching(answer)]);
    expect((await home.run("-t", tenant, "costs", "trends")).code).toBe(0);
  });
  test("says why Cost Explorer's doesn't count, and goes on", async () => {
    services.fail.set("GetCostForecast", { code: "AccessDeniedException", message: "not authorized to perform: ce:GetCostForecast", times: 2 });
    expect(flat((await costs("forecast", "--refresh")).stdout)).toMatch(
      /not authorized to perform:\s+ce:GetCostForecast:\s+the\s+forecast\s+is\s+chartctl's\s+own\./,
    );
    const { code, stderr } = await costs("forecast", "--refresh", "--method", "ce");
    expect([code, stderr]).toEqual([4, expect.stringContaining("has to allow ce:GetCostForecast")]);
  });
});

test.each([
  [["trends", "--granularity", "hour"], 64],
  [["--granularity", "hour", "trends"], 64],
  [["--csv", "forecast"], 64],
  [["trends", "--csv"], 64],
  [["trends", "--days", "0"], 64],
  [["forecast", "--method", "tarot"], 64],
  [["trend"], 64],
  [["forecast", "--api-url", "http://127.0.0.1:9"], 7],
])("%j ends with %d", async (args, code) => {
  expect((await costs(...args, "--json")).code).toBe(code);
});
