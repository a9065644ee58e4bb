import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultLimits } from "../../../src/contract/resources.ts";
import type { Demand } from "../../../src/core/quota/decide.ts";
import { refusal } from "../../../src/core/quota/decide.ts";

const demand = (more: Partial<Demand>): Demand => ({
  userId: "ana",
  limits: defaultLimits,
  others: { projects: 0, monthlyCents: 0 },
  monthlyCents: 100,
  fitting: () => ({ leastCents: 1, fits: [] }),
  ...more,
});

describe("a refusal", () => {
  it.each([
    ["quota.projects", { others: { projects: 10, monthlyCents: 0 } }, "10 of 10 projects", "chartctl projects"],
    ["cost.over-max", { maxMonthlyCents: 99 }, "--max-cost $0.99", "costs estimate --assumptions"],
    ["quota.project-cost", { monthlyCents: 5_001 }, "$50.01", "up to $50.00 a month fits"],
    ["quota.user-cost", { monthlyCents: 3_000, others: { projects: 3, monthlyCents: 9_000 } }, "$10.00 of $100.00", "up to $10.00 a month fits"],
  ])("%s has the numbers and what would fit", (code, more, message, hint) => {
    expect(refusal(demand(more))).toMatchObject({
      kind: "refused",
      code,
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
      details: { limits: defaultLimits },
    });
  });

  it("comes one cent or one project above the limit, not at it", () => {
    const at = {
      limits: { projectsPerUser: 3, projectMonthlyCents: 500, userMonthlyCents: 1_000 },
      others: { projects: 2, monthlyCents: 500 },
      monthlyCents: 500,
    };
    expect(refusal(demand({ ...at, maxMonthlyCents: 500 }))).toBeUndefined();
    expect(refusal(demand({ ...at, monthlyCents: 501 }))?.code).toBe("quota.project-cost");
    expect(refusal(demand({ ...at, others: { projects: 2, monthlyCents: 501 } }))?.code).toBe("quota.user-cost");
    expect(refusal(demand({ ...at, others: { projects: 3, monthlyCents: 0 } }))?.code).toBe("quota.projects");
  });

  it("never hits a booked project that stays as dear or gets cheaper, however far the limits were lowered", () => {
    const number = fc.nat(20_000);
    const limits = fc.record({ projectsPerUser: fc.nat(20), projectMonthlyCents: number, userMonthlyCents: number });
    fc.assert(
      fc.property(limits, fc.record({ projects: fc.nat(30), monthlyCents: number }), number, number, (lowered, others, booked, more) => {
        expect(refusal(demand({ limits: lowered, others, booked, monthlyCents: Math.max(0, booked - more) }))).toBeUndefined();
        const dearer = refusal(demand({ limits: lowered, others, booked, monthlyCents: booked + more + 1 }));
        const fits = booked + more + 1 <= lowered.projectMonthlyCents && others.monthlyCents + booked + more + 1 <= lowered.userMonthlyCents;
        expect(dearer === undefined).toBe(fits);
      }),
    );
    expect(refusal(demand({ booked: 500, monthlyCents: 500, maxMonthlyCents: 400 }))?.code).toBe("cost.over-max");
  });
});
