/** `chartctl costs estimate` as it is typed: the table, files for other programs, stated usage, what-if, and a month's bill against it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Big from "big.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { booksFrom, controlApiClient } from "../../src/adapters/control-api.ts";
import { openEmbedded } from "../../src/control/embedded.ts";
import { addDays } from "../../src/core/costs/actual/period.ts";
import { packagedPrices } from "../../src/core/costs/prices/packaged.ts";
import { provisionOf } from "../control/support.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { BillLine } from "../support/cost-lines.ts";
import type { CostServices } from "../support/cost-services.ts";
import { startCostServices } from "../support/cost-services.ts";
import { wholeDay } from "../support/whole-day.ts";

const today = await wholeDay();
const lastMonth = addDays(`${today.slice(0, 7)}-01`, -1).slice(0, 7);
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
  line("AWSLambda", "Request-ARM", "600000", "0.12", { tags: { TenantId: "acme", ProjectId: "grown" } }),
  line("AWSLambda", "Request-ARM", "9", "9", { tags: { TenantId: "other", ProjectId: "sales" } }),
];

const dayMilliseconds = 86_400_000;
/** Of last month. */
const middle = `${lastMonth}-16T00:00:00.000Z`;
const monthHours = (Date.parse(`${today.slice(0, 7)}-01`) - Date.parse(`${lastMonth}-01`)) / 3_600_000;

/** Into the home's own books, at this time. */
async function booked(projectId: string, now: Date, parameters: object = {}): Promise<void> {
  const given = { version: "0", now: () => now, prices: () => packagedPrices, alertReceiver: async () => undefined, onBug: () => {} };
  const embedded = openEmbedded({ dataDir: join(home.path, "data"), ...given });
  const headers = { "x-chartctl-tenant": "acme", "x-chartctl-user": "ann" };
  const order = provisionOf(projectId);
  const wanted = { ...order, desired: order.desired && { ...order.desired, parameters: { ...order.desired.parameters, ...parameters } } };
  await booksFrom(controlApiClient({ fetch: embedded.fetch, baseUrl: "http://embedded", headers })).open(wanted);
  await embedded.close();
}

let services: CostServices;
let home: ReturnType<typeof newHome>;
beforeAll(async () => {
  services = await startCostServices(bill, undefined);
  home = newHome({ AWS_ENDPOINT_URL: services.url, AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y", CHARTCTL_USER: "ann" });
  await home.run("tenants", "add", "acme");
  await booked("sales", new Date(Date.now() - 100 * dayMilliseconds));
  await booked("young", new Date());
  await booked("grown", new Date(Date.parse(middle) - 5 * dayMilliseconds));
  await booked("grown", new Date(middle), { monthly_requests: 1_000_000 });
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
  it("shows sums rounded as any, and says where a booking is rounded up", async () => {
    const { stdout } = await estimate();
    const { dollars, monthlyCents } = dataOf<{ dollars: Record<string, string>; monthlyCents: number }>(await estimate("--json"));
    expect([dollars.expected, monthlyCents]).toEqual(["0.9715435", 98]);
    expect(stdout).toContain("in us-east-1: $0.97 a month, between $0.49 and $1.94");
    expect(stdout).toMatch(/Total +\$0\.97\n/);
    expect(stdout).toContain("Against a quota it would count as $0.98 a month: rounded up to whole cents.");
    const whatIf = (await estimate("--what-if", "memory_mb=512")).stdout;
    expect(whatIf).toContain("$1.00 a month instead of $0.97");
    expect(whatIf).toMatch(/Total +\$0\.97 +\$1\.00 +\+\$0\.0333\n/);
    expect((await home.run("-t", "acme", "-p", "sales", "costs", "estimate")).stdout).toContain("counts against the quota, as $0.98 a month");
    // Nothing is rounded: nothing is to be said.
    expect((await estimate("--set", "monthly_requests=0", "--set", "storage_gb=0")).stdout).not.toContain("rounded up");
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
    [["--region", "xx-central-1"], 64, "prices.no-region"],
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

describe("costs estimate --check of a month in which the project", () => {
  const check = (id: string, ...args: string[]) => home.run("-t", "acme", "-p", id, "costs", "estimate", "--check", ...args);

  it("wasn't there compares nothing, asks AWS nothing, and names a month that can be compared", async () => {
    const asked = services.calls.length;
    for (const args of [[], ["--month", "2025-01"]]) {
      const ran = await check("young", ...args);
      expect([ran.code, ran.stdout]).toEqual([64, ""]);
      expect(ran.stderr).toMatch(new RegExp(`Project young wasn't there in ${args[1] ?? lastMonth}: it is of ${today} \\d\\d:\\d\\d UTC`));
      expect(ran.stderr).toContain("from tomorrow on: chartctl -t acme -p young costs estimate --check --month");
    }
    const ran = await check("young", "--month", today.slice(0, 7));
    expect([ran.code, ran.stderr]).toEqual([64, expect.stringContaining("nothing is billed yet")]);
    expect(services.calls.length).toBe(asked);
    const early = await check("grown", "--month", "2025-01");
    const [, typed = ""] = /its first month: chartctl (.*)$/m.exec(early.stderr) ?? [];
    expect((await home.run(...typed.split(" "))).code).toBe(0);
  });

  it("stood in part is held against a part of the estimate, and what it was booked at then is said", async () => {
    const { stood, share, lines, measured } = dataOf<{
      stood: { hours: number; parts: { from: string; monthlyCents: number }[] };
      share: string;
      lines: { title: string; estimated?: { quantity: string } }[];
      measured: string[];
    }>(await check("grown", "--json"));
    const hours = monthHours - 10 * 24;
    expect(stood.hours).toBe(hours);
    expect(stood.parts.map(({ from }) => from)).toEqual([`${lastMonth}-11T00:00:00.000Z`, middle]);
    expect(Number(share)).toBeCloseTo(hours / monthHours, 12);
    expect(Number(lines.find(({ title }) => title === "Lambda requests")?.estimated?.quantity)).toBeCloseTo((1_000_000 * hours) / monthHours, 3);
    expect(measured).toContain(`monthly_requests=${Math.ceil((600_000 * monthHours) / hours)}`);
    const said = (await check("grown")).stdout.replaceAll(/\s+/g, " ");
    expect(said).toContain(`Estimated in proportion: project grown stood for ${hours} of the month's ${monthHours} hours.`);
    expect(said).toMatch(/In this time it was booked at \$\d\.\d\d a month, from \S+-16 00:00 UTC on \$5\.46 a month: \$\d\.\d\d; now at \$5\.46 a month\./);
    expect(said).toContain("With what was used, for a whole month: chartctl costs estimate -p grown");
  });

  it("stood as a whole has its whole estimate, and why a report of that month says another sum", async () => {
    const { stdout } = await check("sales");
    expect(stdout).not.toMatch(/in proportion|booked at/);
    const { stood } = dataOf<{ stood: { bookedDollars: string } }>(await check("sales", "--json"));
    expect(Number(stood.bookedDollars)).toBeCloseTo((0.98 * monthHours) / 730, 6);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      `A month's report says $${Number(stood.bookedDollars).toFixed(2)} of this time: it takes what was booked, $0.98 a month, rounded up to whole cents, by the hour, and 730 hours are a month.`,
    );
    expect(dataOf(await check("sales", "--json"))).toMatchObject({ share: "1", compared: true, stood: { hours: monthHours } });
  });

  it("has no cost of blames no assumption", async () => {
    const before = addDays(`${lastMonth}-01`, -1).slice(0, 7);
    const { stdout, code } = await check("sales", "--month", before);
    expect(code).toBe(0);
    expect(stdout).toContain("Nothing is compared: nothing is billed.");
    expect(stdout).not.toMatch(/look at|With what was used|assumption held/);
  });

  it("is told as CSV, too: lines that add up to the bill, notes on stderr", async () => {
    const { stdout, stderr, code } = await check("sales", "--csv");
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect(code).toBe(0);
    expect(head).toBe(
      "project,month,line,unit,estimated_quantity,billed_quantity,currency,estimated,billed,difference,difference_by_usage,difference_by_price,off,assumption,usage_types",
    );
    expect(rows.find((row) => row.includes(",Lambda requests,"))).toBe(
      `sales,${lastMonth},Lambda requests,request,100000,320000,USD,0.02,0.064,0.044,0.044,0,usage,100000 requests a month,Request-ARM`,
    );
    expect(rows.reduce((sum, row) => sum.plus(row.split(",")[8] ?? 0), new Big(0)).toFixed()).toBe("0.577");
    expect(stderr).toContain("Cost Explorer:");
  });
});

describe("costs estimate refuses what it would leave out", () => {
  it.each([
    [["--check", "--what-if", "memory_mb=512"], "costs.flag"],
    [["--check", "--assumptions"], "costs.flag"],
    [["--what-if", "memory_mb=512", "--assumptions"], "costs.flag"],
    [["--month", "2026-10"], "costs.flag"],
    [["--source", "ce"], "costs.flag"],
    [["--table", "other"], "costs.flag"],
    [["--refresh"], "costs.flag"],
    [["--what-if", "region=eu-west-1", "--what-if", "region=us-west-2"], "parameter.twice"],
    [["--what-if", "memory_mb=512", "--what-if", " memory_mb =256"], "parameter.twice"],
    [["--what-if", "region"], "parameter.syntax"],
  ])("%j", async (args, error) => {
    const ran = await estimate(...args, "--json");
    expect([ran.code, codeOf(ran.stdout)]).toEqual([64, error]);
  });
  it("with hints that are of what was typed", async () => {
    expect((await estimate("--what-if", "memory_mb")).stderr).toMatch(/--what-if "memory_mb" is not name=value[\s\S]*such as: --what-if memory_mb=512/);
    const mars = (await estimate("--what-if", "region=mars")).stderr;
    expect(mars).toContain("see which they have: chartctl costs prices");
    expect(mars).not.toContain("did you mean");
    expect((await estimate("--what-if", "region=eu-wset-1")).stderr).toContain("did you mean eu-west-1?");
  });
});

describe("a usage file that is shared with Infracost", () => {
  it("is warned about in one line, and counts for what the blueprint has", async () => {
    const others = ["aws_sqs_queue.my_queue", "aws_instance.x", "aws_kms_key.k", "google_pubsub_topic.t"];
    const values = others.map((address) => `  ${address}:\n    monthly_requests: 5\n`).join("");
    writeFileSync(
      join(home.path, "shared.yml"),
      `version: v0.1\nresource_usage:\n${values}  aws_lambda_function.app:\n    monthly_requests: 7\n    request_duration: 3\n  aws_lambda_function.ap: {}\n`,
    );
    const ran = await estimate("--usage-file", "shared.yml", "--json");
    expect(ran.code).toBe(0);
    expect(ran.stderr).toBe(
      "warning: shared.yml states what serverless-web doesn't have, which counts for nothing: aws_lambda_function.ap (did you mean aws_lambda_function.app?), aws_sqs_queue.my_queue, aws_instance.x, aws_kms_key.k and 2 more\n",
    );
    const { lines, usageIgnored } = dataOf<{ lines: { title: string; quantity: string }[]; usageIgnored: { place: string }[] }>(ran);
    expect(lines.find(({ title }) => title === "Lambda requests")?.quantity).toBe("7");
    expect(usageIgnored.map(({ place }) => place)).toEqual([...others, "aws_lambda_function.app.request_duration", "aws_lambda_function.ap"]);
  });
  it("may state more than anybody can use", async () => {
    writeFileSync(
      join(home.path, "huge.yml"),
      "version: 0.1\nresource_usage:\n  aws_lambda_function.app:\n    monthly_requests: 1e15\n    request_duration_ms: 1e15\n",
    );
    const ran = await estimate("--usage-file", "huge.yml");
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).not.toMatch(/NaN|Infinity|\de\+/);
    expect(ran.stdout).toContain("1,000,000,000M requests");
  });
});
