/** Estimates are exact: the sum of their lines, monotone in usage, continuous through tiers, low ≤ expected ≤ high. */
import Big from "big.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serverlessWebParameters } from "../../../src/contract/blueprints.ts";
import { estimate, estimateAsKnown } from "../../../src/core/costs/estimate.ts";
import { freeTier } from "../../../src/core/costs/free-tier.ts";
import { packagedPrices } from "../../../src/core/costs/prices/packaged.ts";
import type { PriceTable, Tier } from "../../../src/core/costs/prices/table.ts";
import { charge } from "../../../src/core/costs/prices/table.ts";
import type { StatedUsage } from "../../../src/core/costs/usage-file.ts";
import { keysOf, usageAddresses } from "../../../src/core/costs/usage-keys.ts";
import { compared } from "../../../src/core/costs/what-if.ts";

const parameters = fc
  .record({
    monthly_requests: fc.integer({ min: 0, max: 10_000_000_000 }),
    request_duration_ms: fc.integer({ min: 1, max: 30_000 }),
    memory_mb: fc.integer({ min: 128, max: 10_240 }),
    storage_gb: fc.double({ min: 0, max: 1e6, noNaN: true }),
    response_kb: fc.integer({ min: 0, max: 6_000 }),
    log_kb_per_request: fc.double({ min: 0, max: 1_000, noNaN: true }),
  })
  .map((given) => serverlessWebParameters.parse(given));
const range = fc
  .tuple(fc.nat(1e9), fc.nat(1e9), fc.nat(1e9))
  .map((given) => given.sort((a, b) => a - b).map((one) => new Big(one)))
  .map(([low, expected, high]) => ({ low: low as Big, expected: expected as Big, high: high as Big }));
const everyKey = usageAddresses.flatMap((address) => keysOf(address).map((key) => [address, key] as const));
const stated = fc.array(fc.tuple(fc.constantFrom(...everyKey), range), { maxLength: 6 }).map((given) => {
  const usage: StatedUsage = {};
  for (const [[address, key], value] of given) usage[address] = { ...usage[address], [key]: value };
  return usage;
});
const region = fc.constantFrom("us-east-1", "us-west-2");
const sum = (amounts: (string | null)[]): Big => amounts.reduce((so, amount) => so.plus(amount ?? "NaN"), new Big(0));

describe("an estimate", () => {
  it("is the exact sum of its lines, and each line of its tiers, rounded up once", () => {
    fc.assert(
      fc.property(parameters, stated, region, (given, usage, where) => {
        const { lines, dollars, monthlyCents } = estimateAsKnown(packagedPrices, "serverless-web", where, given, usage);
        const total = sum(lines.map(({ monthlyDollars }) => monthlyDollars));
        expect(dollars.expected).toBe(total.toFixed());
        expect(dollars.low).toBe(sum(lines.map(({ low }) => low.monthlyDollars)).toFixed());
        expect(dollars.high).toBe(sum(lines.map(({ high }) => high.monthlyDollars)).toFixed());
        expect(monthlyCents).not.toBeNull();
        expect(new Big(monthlyCents ?? 0).div(100).gte(total)).toBe(true);
        expect(new Big(monthlyCents ?? 0).minus(1).div(100).lt(total) || monthlyCents === 0).toBe(true);
        for (const { tiers, quantity, monthlyDollars } of lines) {
          expect(sum(tiers.map((tier) => tier.quantity)).toFixed()).toBe(quantity);
          expect(sum(tiers.map((tier) => tier.dollars)).toFixed()).toBe(monthlyDollars);
          for (const tier of tiers) expect(new Big(tier.quantity).times(tier.unitDollars).toFixed()).toBe(tier.dollars);
        }
      }),
    );
  });

  it("goes from low over expected to high, in every line and in sum", () => {
    fc.assert(
      fc.property(parameters, stated, (given, usage) => {
        const { lines, dollars, lowCents, monthlyCents, highCents } = estimateAsKnown(packagedPrices, "serverless-web", "us-east-1", given, usage);
        const rises = (...amounts: (string | number | null)[]): boolean =>
          amounts.every((one, at) => at === 0 || new Big(amounts[at - 1] ?? "NaN").lte(one ?? "NaN"));
        expect(rises(dollars.low, dollars.expected, dollars.high)).toBe(true);
        expect(rises(lowCents, monthlyCents, highCents)).toBe(true);
        for (const { low, monthlyDollars, high } of lines) expect(rises(low.monthlyDollars, monthlyDollars, high.monthlyDollars)).toBe(true);
      }),
    );
  });

  it("never falls when a parameter of usage or memory rises", () => {
    const risen = fc.constantFrom(
      ...([
        "monthly_requests",
        "request_duration_ms",
        "memory_mb",
        "storage_gb",
        "table_gb",
        "response_kb",
        "reads_per_request",
        "log_kb_per_request",
      ] as const),
    );
    fc.assert(
      fc.property(parameters, risen, fc.integer({ min: 1, max: 1_000_000 }), (given, name, more) => {
        const cents = (of: typeof given): number => estimate(packagedPrices, "serverless-web", "us-east-1", of).monthlyCents;
        expect(cents({ ...given, [name]: given[name] + more })).toBeGreaterThanOrEqual(cents(given));
      }),
    );
  });

  it("differs from another by the sum of their lines' differences", () => {
    fc.assert(
      fc.property(parameters, parameters, region, region, (one, other, here, there) => {
        const before = estimate(packagedPrices, "serverless-web", here, one);
        const after = estimate(packagedPrices, "serverless-web", there, other);
        const { lines, difference } = compared(before, after);
        expect(difference).toBe(new Big(after.dollars.expected).minus(before.dollars.expected).toFixed());
        expect(sum(lines.map((line) => line.difference)).toFixed()).toBe(difference);
      }),
    );
  });

  it("is cheaper by the free tier, and never less than nothing", () => {
    fc.assert(
      fc.property(parameters, (given) => {
        const whole = estimate(packagedPrices, "serverless-web", "us-east-1", given);
        const { lines, dollars } = freeTier(whole, packagedPrices);
        expect(sum(lines.map((line) => line.dollars)).toFixed()).toBe(dollars);
        for (const { price, dollars: off } of lines) {
          const line = whole.lines.find((one) => one.price === price);
          expect(new Big(off).gt(0) && new Big(off).lte(line?.monthlyDollars ?? "NaN")).toBe(true);
        }
      }),
    );
  });

  it("reckons a known month by hand: a million requests of 100 ms at 1 GB", () => {
    const { lines } = estimate(packagedPrices, "serverless-web", "us-west-2", serverlessWebParameters.parse({ monthly_requests: 1_000_000, memory_mb: 1_024 }));
    const of = (resource: string, item: string) => lines.find((line) => line.resource === resource && line.item === item)?.monthlyDollars;
    expect(of("aws_lambda_function.app", "requests")).toBe("0.2");
    expect(of("aws_lambda_function.app", "duration")).toBe("1.33334"); // 100,000 GB-seconds
    expect(of("aws_apigatewayv2_api.api", "requests")).toBe("1");
    expect(of("aws_dynamodb_table.data", "writes")).toBe("0.625");
  });

  it("reckons through tiers by hand: 400 million HTTP API requests", () => {
    const { lines } = estimate(packagedPrices, "serverless-web", "us-east-1", serverlessWebParameters.parse({ monthly_requests: 400_000_000 }));
    const api = lines.find(({ price }) => price === "httpApiRequest");
    expect(api?.tiers.map((tier) => tier.dollars)).toEqual(["300", "90"]);
    expect(api?.monthlyDollars).toBe("390");
  });

  it("has no total where a price is missing or a tier isn't known, and says which", () => {
    const given = serverlessWebParameters.parse({});
    const known = estimateAsKnown(packagedPrices, "serverless-web", "mx-central-1", given);
    expect([known.monthlyCents, known.lowCents, known.highCents]).toEqual([null, null, null]);
    expect(known.missing).toEqual(["httpApiRequest"]);
    expect(() => estimate(packagedPrices, "serverless-web", "mx-central-1", given)).toThrow(
      expect.objectContaining({ code: "prices.missing", hint: expect.stringContaining("prices update") }),
    );
    const firstTier: PriceTable = structuredClone(packagedPrices);
    Object.assign(firstTier.places["eu-west-1"]?.httpApiRequest ?? {}, {
      tiers: [
        ["0", "0.00000111"],
        ["300000000", null],
      ],
    });
    const beyond = serverlessWebParameters.parse({ monthly_requests: 300_000_001, response_kb: 0 });
    expect(estimateAsKnown(firstTier, "serverless-web", "eu-west-1", beyond).missing).toEqual(["httpApiRequest"]);
    expect(estimateAsKnown(firstTier, "serverless-web", "eu-west-1", given).missing).toEqual([]);
  });
});

describe("tiers", () => {
  const tiers = fc.array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 0, max: 1_000 })), { minLength: 1, maxLength: 5 }).map((given) => {
    let from = 0;
    return given.map(([length, price], at): Tier => {
      if (at > 0) from += length;
      return [String(from), String(price)];
    });
  });
  it("are continuous: one unit more costs a unit of its tier, and nothing jumps at a boundary", () => {
    fc.assert(
      fc.property(tiers, fc.nat(6_000), (of, quantity) => {
        const at = (amount: Big): Big => charge(of, amount)?.dollars ?? new Big("NaN");
        const price = [...of].reverse().find(([from]) => new Big(from).lte(quantity))?.[1] ?? "NaN";
        expect(
          at(new Big(quantity + 1))
            .minus(at(new Big(quantity)))
            .toFixed(),
        ).toBe(new Big(price).toFixed());
        for (const [from] of of) {
          const least = new Big("0.000000001");
          expect(
            at(new Big(from).plus(least))
              .minus(at(new Big(from)))
              .lte(least.times(1_000)),
          ).toBe(true);
        }
      }),
    );
  });
});
