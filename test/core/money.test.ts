import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serverlessWebParameters } from "../../src/contract/blueprints.ts";
import { estimate } from "../../src/core/costs/estimate.ts";
import { ceilCents, formatCents, parseDollars } from "../../src/core/money.ts";

describe("money", () => {
  it("goes from text to cents and back without drift", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999 }), (cents) => {
        expect(parseDollars(formatCents(cents))).toBe(cents);
      }),
    );
  });
  it.each(["", "-1", "1.234", "1e3", "NaN", "ten", "1,000", "$", "0x10"])("refuses %j", (text) => expect(() => parseDollars(text)).toThrow(/not an amount/));
  it("rounds up, once", () => {
    expect(ceilCents(new Big("0.0000001"))).toBe(1);
    expect(ceilCents(new Big("0.01"))).toBe(1);
    expect(ceilCents(new Big("0.0100001"))).toBe(2);
    expect(ceilCents(new Big("0"))).toBe(0);
  });
});

describe("an estimate", () => {
  const parameters = fc
    .record({
      monthly_requests: fc.integer({ min: 0, max: 10_000_000_000 }),
      memory_mb: fc.integer({ min: 128, max: 10_240 }),
      storage_gb: fc.double({ min: 0, max: 1e6, noNaN: true }),
      log_kb_per_request: fc.double({ min: 0, max: 1_000, noNaN: true }),
    })
    .map((given) => serverlessWebParameters.parse(given));

  it("is the exact sum of its lines, rounded up once", () => {
    fc.assert(
      fc.property(parameters, (given) => {
        const { lines, monthlyCents } = estimate("serverless-web", "us-east-1", given);
        const total = lines.reduce((sum, { monthlyDollars }) => sum.plus(monthlyDollars), new Big(0));
        expect(new Big(monthlyCents).div(100).gte(total)).toBe(true);
        expect(new Big(monthlyCents).minus(1).div(100).lt(total) || monthlyCents === 0).toBe(true);
        for (const line of lines) expect(new Big(line.quantity).times(line.unitDollars).eq(line.monthlyDollars)).toBe(true);
      }),
    );
  });

  it("never falls when usage rises", () => {
    fc.assert(
      fc.property(parameters, fc.integer({ min: 1, max: 1_000_000 }), (given, more) => {
        const dearer = { ...given, monthly_requests: given.monthly_requests + more };
        expect(estimate("serverless-web", "us-east-1", dearer).monthlyCents).toBeGreaterThanOrEqual(
          estimate("serverless-web", "us-east-1", given).monthlyCents,
        );
      }),
    );
  });

  it("reckons a known month by hand: a million requests of 100 ms at 1 GB", () => {
    const { lines } = estimate("serverless-web", "us-west-2", serverlessWebParameters.parse({ monthly_requests: 1_000_000, memory_mb: 1_024 }));
    const of = (resource: string, item: string) => lines.find((line) => line.resource === resource && line.item === item)?.monthlyDollars;
    expect(of("aws_lambda_function.app", "requests")).toBe("0.2");
    expect(of("aws_lambda_function.app", "duration")).toBe("1.33334"); // 100,000 GB-seconds
    expect(of("aws_apigatewayv2_api.api", "requests")).toBe("1");
    expect(of("aws_dynamodb_table.data", "writes")).toBe("0.625");
  });
});
