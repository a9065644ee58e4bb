/** A bill against an estimate: nothing of the bill is dropped, and what was off is named. */
import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serverlessWebParameters } from "../../../src/contract/blueprints.ts";
import type { CostAmount } from "../../../src/core/costs/actual/cost-source.ts";
import { lineKinds } from "../../../src/core/costs/actual/cost-source.ts";
import { checkEstimate } from "../../../src/core/costs/check.ts";
import { estimate, estimateAsKnown } from "../../../src/core/costs/estimate.ts";
import { packagedPrices } from "../../../src/core/costs/prices/packaged.ts";

const price = estimate(packagedPrices, "serverless-web", "us-west-2", serverlessWebParameters.parse({}));
const services = ["AWS Lambda", "Amazon API Gateway", "Amazon DynamoDB", "Amazon Simple Storage Service", "AmazonCloudWatch", "Amazon Route 53"];
const types = [
  "USW2-Request-ARM",
  "USW2-Lambda-GB-Second-ARM",
  "USW2-ApiGatewayHttpRequest",
  "USW2-ReadRequestUnits",
  "USW2-TimedStorage-ByteHrs",
  "USW2-TimedPITRStorage-ByteHrs",
  "USW2-Requests-Tier2",
  "USW2-VendedLog-Bytes",
  "USW2-DataTransfer-Out-Bytes",
  "HostedZone",
];
const decimal = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((given) => new Big(given).div(10 ** 8).toFixed());
const used = (service: string, type: string, quantity: string, amount: string): CostAmount => ({
  period: "2026-10",
  key: service,
  kind: "usage",
  currency: "USD",
  amount,
  used: { type, quantity },
});

describe("a check", () => {
  it("adds up to the bill, whatever is on it", () => {
    const amount = fc.record({
      period: fc.constant("2026-10"),
      key: fc.option(fc.constantFrom(...services)),
      kind: fc.constantFrom(...lineKinds),
      currency: fc.constantFrom("USD", "EUR"),
      amount: decimal,
      used: fc.option(fc.record({ type: fc.constantFrom(...types), quantity: decimal.map((one) => one.replace("-", "")) }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 40 }), (amounts) => {
        const { lines, billed, estimatedDollars } = checkEstimate(price, amounts, packagedPrices);
        for (const currency of ["USD", "EUR"]) {
          const bill = amounts.filter((one) => one.currency === currency).reduce((sum, one) => sum.plus(one.amount), new Big(0));
          expect(new Big(billed[currency] ?? 0).eq(bill)).toBe(true);
          expect(
            lines
              .filter((line) => line.currency === currency)
              .reduce((sum, line) => sum.plus(line.billed.amount), new Big(0))
              .eq(bill),
          ).toBe(true);
        }
        expect(lines.reduce((sum, line) => sum.plus(line.estimated?.dollars ?? 0), new Big(0)).toFixed()).toBe(estimatedDollars);
        for (const { difference, byUsage, byPrice } of lines)
          if (difference !== null && byUsage !== null && byPrice !== null) expect(new Big(byUsage).plus(byPrice).toFixed()).toBe(difference);
      }),
    );
  });

  it("tells one usage type of three services apart, and Ireland's, and who sent data is no matter", () => {
    const { lines } = checkEstimate(
      price,
      [
        used("Amazon Simple Storage Service", "USW2-TimedStorage-ByteHrs", "1", "0.023"),
        used("Amazon DynamoDB", "EU-TimedStorage-ByteHrs", "2", "0.5"),
        used("AmazonCloudWatch", "TimedStorage-ByteHrs", "0.007", "0.00021"),
        used("Amazon API Gateway", "USE1-DataTransfer-Out-Bytes", "2", "0.18"),
        used("Amazon EC2 Container Registry", "USW2-TimedStorage-ByteHrs", "3", "0.3"),
      ],
      packagedPrices,
    );
    const of = (title: string) => lines.find((line) => line.title === title);
    expect([of("S3 storage")?.billed.amount, of("S3 storage")?.off]).toEqual(["0.023", null]);
    expect([of("DynamoDB storage")?.billed.quantity, of("DynamoDB storage")?.off]).toEqual(["2", "usage"]);
    expect(of("Log storage")?.billed.amount).toBe("0.00021");
    expect(of("Data sent")?.billed.amount).toBe("0.18");
    expect(of("Amazon EC2 Container Registry: USW2-TimedStorage-ByteHrs")).toMatchObject({ off: "unmatched", billed: { amount: "0.3" }, estimated: undefined });
  });

  it("takes a usage type for its own service's where the bill tells none, and never for one whose types others have, too", () => {
    const bill = [
      { ...used("", "USW2-Request-ARM", "100000", "0.02"), key: null },
      { ...used("", "USW2-TimedStorage-ByteHrs", "3", "0.3"), key: null },
      used("Amazon Simple Storage Service", "USW2-TimedStorage-ByteHrs", "1", "0.023"),
      { period: "2026-10", key: null, kind: "usage" as const, currency: "USD", amount: "0.5" },
      { period: "2026-10", key: null, kind: "credit" as const, currency: "USD", amount: "-0.1" },
      { period: "2026-10", key: null, kind: "usage" as const, currency: "EUR", amount: "0.0000000003" },
    ];
    const { lines } = checkEstimate(price, bill, packagedPrices);
    const of = (title: string) => lines.filter((line) => line.title === title).map(({ billed, off }) => [billed.amount, off]);
    expect([of("Lambda requests"), of("S3 storage")]).toEqual([[["0.02", null]], [["0.023", null]]]);
    expect(of("USW2-TimedStorage-ByteHrs")).toEqual([["0.3", "unmatched"]]);
    // What Cost Explorer rounds away is a line, and no reproach.
    expect(of("Of no usage type")).toEqual([
      ["0.5", "unmatched"],
      ["0.0000000003", null],
    ]);
    expect(of("Credits")).toEqual([["-0.1", "unmatched"]]);
  });

  it("says which assumption was off, and what would have fitted", () => {
    const { lines, measured } = checkEstimate(
      price,
      [
        used("AWS Lambda", "USW2-Request-ARM", "320000", "0"), // within the free tier
        used("Amazon DynamoDB", "USW2-ReadRequestUnits", "960000", "0.12"),
        used("Amazon DynamoDB", "USW2-WriteRequestUnits", "100000", "0.0625"),
        { period: "2026-10", key: "Tax", kind: "tax", currency: "USD", amount: "0.04" },
      ],
      packagedPrices,
    );
    const of = (title: string) => lines.find((line) => line.title === title);
    expect(of("Lambda requests")).toMatchObject({ off: "usage", difference: "-0.02", byUsage: "0.044", byPrice: "-0.064" });
    expect(of("DynamoDB writes")?.off).toBe(null);
    expect(of("Tax")).toMatchObject({ off: "unmatched", billed: { amount: "0.04" } });
    expect(measured).toEqual(expect.arrayContaining(["monthly_requests=320000", "reads_per_request=3"]));
  });

  it("knows a price that wasn't the list's from an amount that wasn't the estimate's", () => {
    const { lines } = checkEstimate(price, [used("Amazon API Gateway", "USW2-ApiGatewayHttpRequest", "100000", "0.05")], packagedPrices);
    expect(lines.find(({ title }) => title === "HTTP API requests")).toMatchObject({ off: "price", byUsage: "0", byPrice: "-0.05" });
  });

  it("of a part of the month holds the bill against that part, through AWS's tiers, and says what would fit a whole one", () => {
    const half = new Big("0.5");
    const bill = [used("AWS Lambda", "USW2-Request-ARM", "50000", "0.01"), used("Amazon DynamoDB", "USW2-ReadRequestUnits", "200000", "0.025")];
    const { lines, measured, share, estimatedDollars } = checkEstimate(price, bill, packagedPrices, half);
    const of = (title: string) => lines.find((line) => line.title === title);
    expect(share).toBe("0.5");
    expect(of("Lambda requests")).toMatchObject({ off: null, estimated: { quantity: "50000", dollars: "0.01" }, difference: "0" });
    expect(of("DynamoDB reads")?.off).toBe("usage");
    expect(measured).toEqual(expect.arrayContaining(["monthly_requests=100000", "reads_per_request=4", "storage_gb=0"]));
    // No line of it reaches a second tier.
    expect(new Big(estimatedDollars ?? "NaN").eq(new Big(price.dollars.expected).div(2))).toBe(true);
  });

  it("has no total where a line has no price: part of a sum is none, also of a part of a month", () => {
    const mexico = estimateAsKnown(packagedPrices, "serverless-web", "mx-central-1", serverlessWebParameters.parse({}));
    const bill = [used("AWS Lambda", "MXC1-Request-ARM", "5", "1")];
    for (const share of [1, 0.5]) expect(checkEstimate(mexico, bill, packagedPrices, new Big(share)).estimatedDollars).toBeNull();
  });

  it("blames no assumption where nothing is billed", () => {
    const { lines, measured, compared, estimatedDollars } = checkEstimate(price, [], packagedPrices);
    expect([compared, measured, estimatedDollars]).toEqual([false, [], price.dollars.expected]);
    expect(lines.every(({ off }) => off === null)).toBe(true);
  });
});
