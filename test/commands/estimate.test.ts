/** `chartctl costs estimate` as it is typed: the table, files for other programs, stated usage, what-if, and a month's bill against it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { booksFrom, controlApiClient } from "../../src/adapters/control-api.ts";
import { openEmbedded } from "../../src/control/embedded.ts";
import { addDays, dayOf } from "../../src/core/costs/actual/period.ts";
import { packagedPrices } from "../../src/core/costs/prices/packaged.ts";
import { provisionOf } from "../control/support.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { BillLine } from "../support/cost-lines.ts";
import type { CostServices } from "../support/cost-services.ts";
import { startCostServices } from "../support/cost-services.ts";

const lastMonth = addDays(`${dayOf(new Date()).slice(0, 7)}-01`, -1).slice(0, 7);
const tags = { TenantId: "acme", ProjectId: "sales" };
const line = (productCode: string, usageType: string, quantity: string, amount: string, rest: Partial<BillLine> = {}): BillLine => ({
  hour: `${lastMonth}-03T05`,
  type: "Usage",
  productCode,
  usageType,
  region: "us-east-1",
  tags,
  currency: "USD",
  amount,
  quantity,
  ...rest,
});
const bill = [
  line("AWSLambda", "Request-ARM", "320000", "0.064"),
  line("AmazonS3", "TimedStorage-ByteHrs", "1", "0.023"),
  line("AmazonSNS", "DeliveryAttempts-SMTP", "10", "0.5"),
  line("AWSLambda", "Request-ARM", "0", "-0.01", { type: "Credit" }),
  line("AWSLambda", "Request-ARM", "9", "9", { tags: { TenantId: "other", ProjectId: "sales" } }),
];

let services: CostServices;
let home: ReturnType<typeof newHome>;
beforeAll(async () => {
  services = await startCostServices(bill, undefined);
  home = newHome({ AWS_ENDPOINT_URL: services.url, AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y", CHARTCTL_USER: "ann" });
  await home.run("tenants", "add", "acme");
  const embedded = openEmbedded({
    dataDir: join(home.path, "data"),
    version: "0",
    now: () => new Date(),
    prices: () => packagedPrices,
    alertReceiver: async () => undefined,
    onBug: () => {},
  });
  const headers = { "x-chartctl-tenant": "acme", "x-chartctl-user": "ann" };
  await booksFrom(controlApiClient({ fetch: embedded.fetch, baseUrl: "http://embedded", headers })).open(provisionOf("sales"));
  await embedded.close();
});
afterAll(async () => {
  await services.close();
  home.remove();
});
const estimate = (...args: string[]) => home.run("costs", "estimate", ...args);
const codeOf = (stdout: string): string => (JSON.parse(stdout) as { error: { code: string } }).error.code;

describe("chartctl costs estimate", () => {
  it("reckons what was never provisioned, without books, in lines that add up", async () => {
    const { stdout, stderr, code } = await estimate("--set", "monthly_requests=1000000");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Estimate of serverless-web in us-east-1: $5.46 a month, between $2.73 and $10.92");
    expect(stdout).toMatch(/Lambda requests +1M requests +\$0\.20\/1M +\$0\.2000\n/);
    expect(stdout).toMatch(/Total +\$5\.46\nFree tier, not assumed +-\$/);
    expect(stdout).toContain(`the package's table: aws.amazon.com`);
    expect(Math.max(...stdout.split("\n").map((one) => one.length))).toBeLessThanOrEqual(80);
  });
  it("has no total where prices are missing, says which, and ends with 1", async () => {
    const { stdout, code } = await estimate("--region", "mx-central-1");
    expect(code).toBe(1);
    expect(stdout).toContain("no total: 1 price is missing");
    expect(stdout).toMatch(/Missing for mx-central-1: HTTP API requests\.[\s\S]*chartctl costs prices update/);
    expect(dataOf(await estimate("--region", "mx-central-1", "--json"))).toMatchObject({ monthlyCents: null, missing: ["httpApiRequest"] });
  });
  it("puts what would change beside what is", async () => {
    const { lines, difference } = dataOf<{ lines: { title: string; difference: string }[]; difference: string }>(
      await estimate("--what-if", "memory_mb=512", "--what-if", "region=eu-west-1", "--json"),
    );
    expect(lines.find(({ title }) => title === "Lambda duration")?.difference).toBe("0.0333335");
    expect(lines.find(({ title }) => title === "DynamoDB storage")?.difference).toBe("0.033");
    expect(Number(difference)).toBeGreaterThan(0);
    expect((await estimate("--what-if", "memory_mb=512")).stdout).toContain("What if memory_mb=512");
  });
  it("gives a spreadsheet exact decimals, with source and date", async () => {
    const { stdout } = await estimate("--csv");
    const [head, first] = stdout.split("\n");
    expect(head).toBe(
      "estimate,region,resource,item,unit,quantity_low,quantity,quantity_high,unit_price,monthly_low,monthly,monthly_high,currency,assumption,source,price_date",
    );
    expect(first).toBe(
      "serverless-web,us-east-1,aws_lambda_function.app,requests,request,50000,100000,200000,0.0000002,0.01,0.02,0.04,USD,100000 requests a month,https://aws.amazon.com/lambda/pricing/,2026-11",
    );
  });
  it("takes stated usage, in this folder or named, a number or a range", async () => {
    writeFileSync(
      join(home.path, "chartctl-usage.yml"),
      "version: 0.1\nresource_usage:\n  aws_lambda_function.app:\n    monthly_requests: { low: 10, expected: 20, high: 40 }\n  aws_s3_bucket.site:\n    standard:\n      storage_gb: 7\n",
    );
    const { lines, usageFile } = dataOf<{
      lines: { title: string; quantity: string; low: { quantity: string }; high: { quantity: string } }[];
      usageFile: string;
    }>(await estimate("--json"));
    const of = (title: string) => lines.find((one) => one.title === title);
    expect(usageFile).toBe("chartctl-usage.yml");
    expect([of("Lambda requests")?.low.quantity, of("Lambda requests")?.quantity, of("Lambda requests")?.high.quantity]).toEqual(["10", "20", "40"]);
    expect([of("S3 storage")?.low.quantity, of("S3 storage")?.high.quantity]).toEqual(["7", "7"]);
    writeFileSync(join(home.path, "chartctl-usage.yml"), "version: 0.1\n");
  });
  it("reckons a project as it stands, from its own region and parameters", async () => {
    const data = dataOf<{ of: string; bookedCents: number }>(await home.run("-t", "acme", "-p", "sales", "costs", "estimate", "--json"));
    expect(data).toMatchObject({ of: "project sales", bookedCents: expect.any(Number) });
  });
  it.each([
    [["--set", "memroy_mb=3"], 64, "parameter.unknown"],
    [["--region", "eu-wset"], 64, "prices.no-region"],
    [["--region", "xx-central-1"], 1, "prices.no-region"],
    [["--usage-file", "none.yml"], 64, "usage-file.unreadable"],
    [["--check"], 64, "project.missing"],
    [["-t", "acme", "-p", "none"], 6, "project.not-found"],
    [["-t", "acme", "-p", "sales", "--check", "--month", "2026-13"], 64, "costs.period"],
  ])("%j ends with %d", async (args, code, error) => {
    const ran = await estimate(...args, "--json");
    expect([ran.code, codeOf(ran.stdout)]).toEqual([code, error]);
  });
});

describe("chartctl costs estimate --check", () => {
  it("compares last month's bill with the estimate by line, and drops nothing of it", async () => {
    const check = dataOf<{
      lines: { title: string; off: string | null; billed: { amount: string } }[];
      billed: Record<string, string>;
      measured: string[];
      month: string;
    }>(await home.run("-t", "acme", "-p", "sales", "costs", "estimate", "--check", "--json"));
    expect(check.month).toBe(lastMonth);
    expect(check.billed).toEqual({ USD: "0.577" });
    const of = (title: string) => check.lines.find((one) => one.title === title);
    expect(of("Lambda requests")).toMatchObject({ off: "usage", billed: { amount: "0.064" } });
    expect(of("S3 storage")?.off).toBe(null);
    expect(of("Amazon Simple Notification Service: DeliveryAttempts-SMTP")).toMatchObject({ off: "unmatched", billed: { amount: "0.5" } });
    expect(of("AWS Lambda: credits")?.billed.amount).toBe("-0.01");
    expect(check.measured).toContain("monthly_requests=320000");
    const { stdout } = await home.run("-t", "acme", "-p", "sales", "costs", "estimate", "--check");
    expect(stdout).toContain("Lambda requests: assumed 100,000");
    expect(stdout).toContain("nothing paid now");
  });
});
