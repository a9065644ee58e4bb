import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ServerlessWebParameters } from "../../../src/contract/blueprints.ts";
import { serverlessWebParameters } from "../../../src/contract/blueprints.ts";
import { defaultLimits } from "../../../src/contract/resources.ts";
import { estimate } from "../../../src/core/costs/estimate.ts";
import { packagedPrices } from "../../../src/core/costs/prices/packaged.ts";
import { formatCents } from "../../../src/core/money.ts";
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
        for (const { parameter, value, asked } of fitting(parameters)(limit).fits) {
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
    expect(fitting(parameters)(5_000).fits.map(({ parameter }) => parameter)).toEqual(["table_gb"]);
    expect(fitting(serverlessWebParameters.parse({ table_gb: 1_000, storage_gb: 100_000 }))(5_000).fits).toEqual([]);
  });

  it("is said in the refusal, with what to type, and is whole in its details", () => {
    const parameters = serverlessWebParameters.parse({ monthly_requests: 100_000_000, memory_mb: 2_048 });
    const demand = { userId: "ana", limits: defaultLimits, others: { projects: 1, monthlyCents: 6_000 }, monthlyCents: cents(parameters) };
    const refused = refusal({ ...demand, fitting: fitting(parameters) });
    const [requests] = fitting(parameters)(4_000).fits;
    expect(requests).toMatchObject({ parameter: "monthly_requests", asked: 100_000_000 });
    expect(refused?.hint).toContain(`up to $40.00 a month fits: --set monthly_requests=${requests?.value} (of 100000000)`);
    expect(refused?.details).toMatchObject({ fits: { monthlyCents: 4_000, parameters: expect.arrayContaining([requests]) } });
    expect(refusal({ ...demand, booked: 4_500, monthlyCents: cents(parameters), fitting: fitting(parameters) })?.details).toMatchObject({
      fits: { monthlyCents: 4_500 },
    });
  });

  it("of a limit that nothing fits is nothing, with what the smallest costs; from there on something does", () => {
    const parameters = serverlessWebParameters.parse({});
    const least = cents(
      serverlessWebParameters.parse({ memory_mb: 128, monthly_requests: 1, response_kb: 0, request_duration_ms: 1, storage_gb: 0, table_gb: 0 }),
    );
    expect(least).toBeGreaterThan(0);
    const hint = (maxMonthlyCents: number) =>
      refusal({
        userId: "ana",
        limits: defaultLimits,
        others: { projects: 0, monthlyCents: 0 },
        monthlyCents: cents(parameters),
        maxMonthlyCents,
        fitting: fitting(parameters),
      })?.hint;
    const smallest = `the smallest there is costs ${formatCents(least)}; see where it goes`;
    expect(hint(0)).toContain(`nothing fits $0.00 a month: ${smallest}`);
    expect(hint(least - 1)).toContain(smallest);
    expect(hint(least)).toContain(`up to ${formatCents(least)} a month fits, with more than one parameter smaller; see`);
  });
});
