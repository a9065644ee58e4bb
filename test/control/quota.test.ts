import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { endpoints } from "../../src/contract/endpoints.ts";
import { refusal } from "../../src/core/quota/decide.ts";
import type { TestApi } from "./support.ts";
import { provisionOf, testApi } from "./support.ts";

let api: TestApi | undefined;
afterEach(() => api?.close());

const outcomes = async (books: ReturnType<TestApi["books"]>, count: number): Promise<Record<string, number>> => {
  const answers = await Promise.allSettled(Array.from({ length: count }, (_, at) => books.open(provisionOf(`p${at}`))));
  const codes = answers.map((answer) => (answer.status === "fulfilled" ? "opened" : (answer.reason as { code: string }).code));
  return Object.fromEntries([...new Set(codes)].sort().map((code) => [code, codes.filter((other) => other === code).length]));
};

describe("quota", () => {
  it("admits exactly ten of fifty at once", async () => {
    api = await testApi();
    expect(await outcomes(api.books("acme"), 50)).toEqual({ opened: 10, "quota.projects": 40 });
    expect((await api.books("acme").quota()).used).toEqual({ projects: 10, monthlyCents: 1_000 });
  });

  it("admits exactly what fits in dollars", async () => {
    api = await testApi({ cents: () => 3_000 });
    expect(await outcomes(api.books("acme"), 50)).toEqual({ opened: 3, "quota.user-cost": 47 });
  });

  it("counts each user alone, and lets a user's override win over the tenant's", async () => {
    api = await testApi({ limits: { projectsPerUser: 1 } });
    const call = api.call("acme");
    await call(endpoints.setQuota, { body: { limits: { projectsPerUser: 2 } } });
    await call(endpoints.setQuota, { body: { limits: { projectsPerUser: 3 }, user: "ben" } });
    expect((await outcomes(api.books("acme", "ana"), 5)).opened).toBe(2);
    const answers = await Promise.allSettled(Array.from({ length: 5 }, (_, at) => api?.books("acme", "ben").open(provisionOf(`ben-${at}`))));
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  });

  it("an update of a project is measured against the others, not against itself twice", async () => {
    let cents = 4_000;
    api = await testApi({ cents: () => cents });
    const books = api.books("acme");
    const { operation } = await books.open(provisionOf("sales"));
    await books.finish(operation, { outcome: "succeeded", standing: "something" });
    cents = 5_000;
    expect((await books.open(provisionOf("sales"))).project.monthlyCents).toBe(5_000);
  });

  it("never admits more than any limit, whatever the numbers", () => {
    const amount = fc.integer({ min: 0, max: 20_000 });
    fc.assert(
      fc.property(
        fc.record({ projectsPerUser: fc.integer({ min: 0, max: 20 }), projectMonthlyCents: amount, userMonthlyCents: amount }),
        fc.integer({ min: 0, max: 20 }),
        amount,
        amount,
        (limits, projects, used, monthlyCents) => {
          const fitting = () => ({ leastCents: 1, fits: [] });
          const refused = refusal({ userId: "ana", limits, others: { projects, monthlyCents: used }, monthlyCents, fitting });
          const fits = projects < limits.projectsPerUser && monthlyCents <= limits.projectMonthlyCents && used + monthlyCents <= limits.userMonthlyCents;
          // An owner who is over the limit already may still have what costs nothing.
          expect(refused === undefined).toBe(fits || (monthlyCents === 0 && projects < limits.projectsPerUser));
        },
      ),
    );
  });
});
