import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ServerlessWebParameters } from "../../../src/contract/blueprints.ts";
import { serverlessWebParameters } from "../../../src/contract/blueprints.ts";
import { defaultLimits } from "../../../src/contract/resources.ts";
import { estimate } from "../../../src/core/costs/estimate.ts";
import { packagedPrices } from "../../../src/core/costs/prices/packaged.ts";
import { refusal } from "../../../src/core/quota/decide.ts";
import { whatFits } from "../../../src/core/quota/what-fits.ts";

const cents = (parameters: ServerlessWebParameters): number => estimate(packagedPrices, "serverless-web", "us-east-1", parameters).monthlyCents;
const fitting = (parameters: ServerlessWebParameters) => (limit: number) => whatFits("serverless-web", parameters, cents, limit);

describe("what fits a limit", () => {
  it("is the largest value of a parameter that does: one more doesn't, and the schema takes it", () => {
    const dear = fc.record({
      monthly_requests: fc.integer({ min: 1_000_000, max: 10_000_000_000 }),
      memory_mb: fc.integer({ min: 128, max: 10_240 }),
      table_gb: fc.integer({ min: 0, max: 1_000 }),
      response_kb: fc.integer({ min: 0, max: 6_000 }),
    });
    fc.assert(
      fc.property(dear, fc.integer({ min: 0, max: 20_000 }), (given, limit) => {
        const parameters = serverlessWebParameters.parse(given);
        fc.pre(cents(parameters) > limit);
        for (const { parameter, value, asked } of fitting(parameters)(limit)) {
          expect(value).toBeLessThan(asked);
          expect(cents(serverlessWebParameters.parse({ ...parameters, [parameter]: value }))).toBeLessThanOrEqual(limit);
          expect(cents({ ...parameters, [parameter]: Math.min(asked, value + 1) })).toBeGreaterThan(limit);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("names nothing that alone can't help", () => {
    const parameters = serverlessWebParameters.parse({ table_gb: 1_000, monthly_requests: 1_000_000 });
    expect(fitting(parameters)(5_000).map(({ parameter }) => parameter)).toEqual(["table_gb"]);
    expect(fitting(serverlessWebParameters.parse({ table_gb: 1_000, storage_gb: 100_000 }))(5_000)).toEqual([]);
  });

  it("is said in the refusal, with what to type, and is whole in its details", () => {
    const parameters = serverlessWebParameters.parse({ monthly_requests: 100_000_000, memory_mb: 2_048 });
    const demand = { userId: "ana", limits: defaultLimits, others: { projects: 1, monthlyCents: 6_000 }, monthlyCents: cents(parameters) };
    const refused = refusal({ ...demand, fitting: fitting(parameters) });
    const [requests] = fitting(parameters)(4_000);
    expect(requests).toMatchObject({ parameter: "monthly_requests", asked: 100_000_000 });
    expect(refused?.hint).toContain(`up to $40.00 a month fits: --set monthly_requests=${requests?.value} (of 100000000)`);
    expect(refused?.details).toMatchObject({ fits: { monthlyCents: 4_000, parameters: expect.arrayContaining([requests]) } });
    expect(refusal({ ...demand, booked: 4_500, monthlyCents: cents(parameters), fitting: fitting(parameters) })?.details).toMatchObject({
      fits: { monthlyCents: 4_500 },
    });
  });
});
