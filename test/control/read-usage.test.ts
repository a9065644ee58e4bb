/** What projects used, from Cost Explorer and from a report, through the worker's own way into the books, and told by the API. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Big from "big.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { billingBooks } from "../../src/adapters/billing-books.ts";
import { localProcesses } from "../../src/adapters/processes.ts";
import type { BilledUsageView } from "../../src/contract/cost-endpoints.ts";
import { endpoints } from "../../src/contract/endpoints.ts";
import { readBills } from "../../src/core/costs/billed/read-bills.ts";
import { costsOf } from "../adapters/aws/costs/source.ts";
import type { BillLine } from "../support/cost-lines.ts";
import type { CostServices } from "../support/cost-services.ts";
import { startCostServices } from "../support/cost-services.ts";
import type { UsageReport } from "../support/usage-report.ts";
import { usageReport } from "../support/usage-report.ts";
import type { TestApi } from "./support.ts";
import { provisionOf, testApi } from "./support.ts";

let api: TestApi;
let services: CostServices;
let report: UsageReport;
let lines: BillLine[];
const cache = mkdtempSync(join(tmpdir(), "chartctl-usage-"));

beforeEach(async () => {
  api = await testApi();
  await api.call("acme")(endpoints.addTenant, { body: { id: "acme", roleArn: "arn:aws:iam::123456789012:role/acme", accountId: null } });
  const sales = (await api.books("acme", "ana").open(provisionOf("sales"))).project.key;
  const wiki = (await api.books("acme", "ben").open(provisionOf("wiki"))).project.key;
  api.clock.now = new Date("2026-02-02T12:00:00.000Z");
  const line = (key: string, productCode: string, usageType: string, amount: string, more: Partial<BillLine> = {}): BillLine => ({
    hour: "2026-01-15T05",
    type: "Usage",
    productCode,
    usageType,
    region: "us-east-1",
    tags: { ProjectKey: key, TenantId: "acme" },
    currency: "USD",
    amount,
    quantity: new Big(amount).times(1_000).toFixed(),
    ...more,
  });
  lines = [
    line(sales, "AWSLambda", "Request-ARM", "1.5"),
    line(sales, "AWSLambda", "Request-ARM", "0.5", { hour: "2026-01-31T23" }),
    line(sales, "AmazonS3", "TimedStorage-ByteHrs", "0.25"),
    line(sales, "AmazonDynamoDB", "TimedStorage-ByteHrs", "0.75"),
    line(sales, "AmazonDynamoDB", "TimedStorage-ByteHrs", "-0.1", { type: "EdpDiscount" }),
    line(sales, "AWSLambda", "", "0.2", { type: "Tax" }),
    line(wiki, "AWSLambda", "Request-ARM", "7"),
    line(sales, "AWSLambda", "Request-ARM", "9", { hour: "2026-02-01T00" }),
    line(sales, "AWSLambda", "Request-ARM", "9", { hour: "2025-12-31T23" }),
  ];
  report = await usageReport("cur2", lines);
  services = await startCostServices(lines, report);
  services.pageSize = 2;
});
afterEach(async () => {
  await services.close();
  report.remove();
  await api.close();
  rmSync(cache, { recursive: true, force: true });
});

async function read(source: "ce" | "cur", failed: unknown[] = []): Promise<void> {
  const call = api.call("acme");
  const { now } = api.clock;
  await readBills(await call(endpoints.listTenants, {}), () => true, false, {
    booksOf: async (tenantId) => billingBooks(call, tenantId, 24, localProcesses()),
    sourceOf: async () => costsOf(services.url, { source, cacheFolder: cache, refresh: true, now: () => now }),
    onRead: () => {},
    onFailed: (_, error) => {
      throw error;
    },
    onUsageFailed: (_, error) => void failed.push(error),
    now: () => now,
    stopped: new AbortController().signal,
  });
}
const told = async (user: string): Promise<BilledUsageView> =>
  await api.call("acme", user)(endpoints.billedUsage, { query: { project: "sales", month: "2026-01" } });

describe.each(["ce", "cur"] as const)("a worker that reads from %s", (source) => {
  it("has the same lines in the books, and asks as seldom as it may", async () => {
    await read(source);
    const { amounts, ...view } = await told("ana");
    expect(amounts.map(({ key, kind, amount, used }) => [key, used?.type ?? kind, amount, used && Number(used.quantity)])).toEqual([
      [null, "Request-ARM", "2", 2_000],
      ["Amazon DynamoDB", "TimedStorage-ByteHrs", "0.75", 750],
      ["Amazon Simple Storage Service", "TimedStorage-ByteHrs", "0.25", 250],
      [null, "tax", "0.2", undefined],
      [null, "usage", "-0.1", undefined],
    ]);
    expect(view).toMatchObject({ source, open: true, readAt: "2026-02-02T12:00:00.000Z" });

    // Neither the next day nor in the next weeks, but once, when the month is settled.
    const usageQuestions: string[] = [];
    for (let day = 3; day <= 28; day++) {
      api.clock.now = new Date(`2026-02-${String(day).padStart(2, "0")}T12:00:00.000Z`);
      services.calls.length = 0;
      await read(source);
      const asked = services.asked[source === "ce" ? "GetCostAndUsage" : "StartQueryExecution"];
      if (JSON.stringify(asked).includes(source === "ce" ? "USAGE_TYPE" : "usage_type")) usageQuestions.push(`${day}`);
    }
    expect(usageQuestions).toEqual(["11"]);
    expect(await told("ana")).toMatchObject({ amounts, open: false, readAt: "2026-02-11T12:00:00.000Z" });
  });
});

it("a failure of these questions keeps no bill from the books, and the next reading asks again", async () => {
  const pagesOfDays = 8; // by project and by service, two groups a page
  services.fail.set("GetCostAndUsage", { code: "ValidationException", message: "no", times: 1, after: pagesOfDays });
  const failed: unknown[] = [];
  await read("ce", failed);
  expect(failed).toHaveLength(1);
  expect(await told("ana")).toMatchObject({ amounts: [], readAt: null, dueAt: "2026-02-03T12:00:00.000Z" });
  const days = await api.call("acme", "ana")(endpoints.billedCosts, { query: { from: "2026-01-01", until: "2026-02-01", by: "project", project: "sales" } });
  expect(days.amounts.length).toBeGreaterThan(0);
  await read("ce", failed);
  expect(failed).toHaveLength(1);
  expect((await told("ana")).amounts).toHaveLength(5);
});
