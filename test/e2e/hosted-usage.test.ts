/** A real worker reads what projects used in the month that is over, with the tenant's role, and `costs estimate --check` tells it line by line. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addDays, addMonths, dayOf, firstOfMonth } from "../../src/core/costs/actual/period.ts";
import type { Check } from "../../src/core/costs/check.ts";
import { dataOf, newHome } from "../support/cli.ts";
import type { BillLine } from "../support/cost-lines.ts";
import type { CostServices } from "../support/cost-services.ts";
import { startCostServices } from "../support/cost-services.ts";
import type { HostedBill } from "../support/hosted-bill.ts";
import { startHostedBill } from "../support/hosted-bill.ts";
import type { StandInAws } from "../support/sts.ts";
import { startStandInAws } from "../support/sts.ts";

const roleArn = "arn:aws:iam::123456789012:role/acme";
const lines: BillLine[] = [];
let aws: StandInAws;
let services: CostServices;
let on: HostedBill;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  aws = await startStandInAws();
  const { AWS_ENDPOINT_URL, ...operator } = aws.env;
  services = await startCostServices(lines, undefined);
  const endpointUrls = { AWS_ENDPOINT_URL_STS: AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_COST_EXPLORER: services.url };
  env = { ...operator, ...endpointUrls, CHARTCTL_MASTER_KEY: randomBytes(32).toString("base64") };
  on = await startHostedBill(env);
}, 120_000);
afterAll(async () => {
  await on?.stop();
  await services?.close();
  await aws?.close();
});

it("reads it once, and both tell it", async () => {
  const trust = { Effect: "Allow", Principal: { AWS: aws.caller }, Action: ["sts:AssumeRole", "sts:TagSession"] };
  aws.roles.set(roleArn, { trust: { Version: "2012-10-17", Statement: [trust] }, policy: { Version: "2012-10-17", Statement: [] } });
  await on.db.updateTable("tenants").set({ role_arn: roleArn, account_id: "123456789012" }).where("id", "=", "acme").execute();
  await on.db.updateTable("billing_reads").set({ next_at: null }).execute();
  const last = addDays(firstOfMonth(dayOf(new Date())), -1);
  const month = last.slice(0, 7);
  const { key } = await on.db.selectFrom("projects").select("key").where("id", "=", "wiki").executeTakeFirstOrThrow();
  const line = (productCode: string, usageType: string, amount: string, quantity: string): BillLine => ({
    hour: `${last}T05`,
    type: "Usage",
    productCode,
    usageType,
    region: "us-east-1",
    tags: { ProjectKey: key },
    currency: "USD",
    amount,
    quantity,
  });
  lines.push(line("AWSLambda", "Request-ARM", "4", "20000000"), line("AmazonS3", "TimedStorage-ByteHrs", "0.046", "2"));

  const worker = newHome({ ...env, DATABASE_URL: on.api.databaseUrl });
  const { child, ended } = worker.start("worker");
  try {
    const read = () => on.db.selectFrom("billed_usage_months").selectAll().where("month", "=", month).execute();
    // On the first of a month, its day before isn't whole yet.
    const early = dayOf(new Date()).endsWith("-01");
    const bill = async () => (await on.db.selectFrom("billing_reads").select("next_at").executeTakeFirstOrThrow()).next_at;
    await expect.poll(bill, { timeout: 60_000 }).not.toBeNull();
    if (early) return expect(await read()).toEqual([]);
    expect(await read()).toMatchObject([{ tenant_id: "acme", source: "ce" }]);
  } finally {
    child.kill("SIGTERM");
    await ended;
    worker.remove();
  }
  expect(services.calls).toHaveLength(6); // two for the days, four for what was used
  const before = services.calls.length;
  for (const home of [on.bob, on.ann]) {
    const check = dataOf<Check>(await home.run("-p", "wiki", "costs", "estimate", "--check", "--json"));
    const of = (title: string) => check.lines.filter((one) => one.title === title).map(({ billed }) => [billed.quantity, billed.amount]);
    expect([of("Lambda requests"), of("S3 storage"), of("DynamoDB storage")]).toEqual([[["20000000", "4"]], [["2", "0.046"]], [["0", "0"]]]);
    const days = Number(addDays(addMonths(`${month}-01`, 1), -1).slice(8));
    expect(check.billed).toEqual({ USD: `${days}` }); // the books' days, whatever the lines come to
  }
  expect(services.calls).toHaveLength(before); // nobody pays for asking
});
