/** What the platform's page of costs reads is added up where bills are written: it says what the lines say, and it reads no line. */
import Big from "big.js";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { endpoints } from "../../src/contract/endpoints.ts";
import { billedCosts } from "../../src/control/store/billed-costs.ts";
import { costOverview } from "../../src/control/store/cost-overview.ts";
import { noteDailyCosts } from "../../src/control/store/costs.ts";
import { transact } from "../../src/control/store/transact.ts";
import { writeBill } from "../../src/control/store/write-bill.ts";
import { addDays } from "../../src/core/costs/actual/period.ts";
import type { TestApi } from "./support.ts";
import { provisionOf, testApi } from "./support.ts";

let api: TestApi;
beforeEach(async () => {
  api = await testApi();
  for (const id of ["acme", "globex"]) await api.call(id)(endpoints.addTenant, { body: { id, roleArn: null, accountId: null } });
});
afterEach(async () => await api.close());

const add = (amounts: string[]): string => amounts.reduce((sum, amount) => sum.plus(amount), new Big(0)).toFixed();

it("is the sum of the lines, whatever is read again, in whatever order, and across months", async () => {
  const { project } = await api.books("acme", "ana").open(provisionOf("sales"));
  const days = ["2025-12-30", "2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"];
  for (const day of days) await noteDailyCosts(api.db, new Date(`${day}T10:00:00Z`));
  const line = fc.record({
    at: fc.nat({ max: 2 }),
    key: fc.constantFrom(null, project.key, "elsewhere1"),
    kind: fc.constantFrom("usage" as const, "credit" as const),
    currency: fc.constantFrom("USD", "USD", "CNY"),
    amount: fc.integer({ min: -10_000_000, max: 1_000_000_000 }).map((size) => new Big(size).div(10_000_000).toFixed()),
  });
  const reading = fc.record({
    tenantId: fc.constantFrom("acme", "globex"),
    from: fc.constantFrom(...days.slice(0, 4)),
    length: fc.integer({ min: 1, max: 3 }),
    readAt: fc.constantFrom("2026-01-03T00:00:00Z", "2026-01-05T12:00:00Z"),
    lines: fc.array(line, { maxLength: 8 }),
  });
  const now = new Date("2026-01-05T12:00:00Z");
  const check = async (readings: (typeof reading extends fc.Arbitrary<infer R> ? R : never)[]): Promise<void> => {
    for (const { tenantId, from, length, readAt, lines } of readings) {
      const amounts = lines.filter(({ at }) => at < length).map(({ at, ...rest }) => ({ ...rest, period: addDays(from, at) }));
      const byService = amounts.map((one) => ({ ...one, key: "AWS Lambda" }));
      const bill = { from, until: addDays(from, length), source: "ce", openFrom: null, byProject: amounts, byService } as const;
      const price = { requests: 2, dollars: "0.02", bytesScanned: 0, reused: false };
      await transact(api.db, async (tx) => await writeBill(tx, tenantId, { ...bill, byProject: amounts, byService, price }, new Date(readAt)));
    }
    const costs = await costOverview(api.db, now, 7);
    const lines = await billedCosts(api.db, { tenantId: null, from: "2025-12-01", until: "2026-01-06" }, "project");
    const read = await api.db.selectFrom("billed_days").selectAll().execute();
    const isWhole = (tenantId: string, day: string): boolean =>
      read.some((one) => one.tenant_id === tenantId && one.day === day && one.read_at.slice(0, 10) >= addDays(day, 2));
    const ofMonth = lines.filter(({ day }) => day >= "2026-01-01");
    for (const currency of ["USD", "CNY"]) {
      const whole = add(ofMonth.filter((one) => one.currency === currency).map(({ amount }) => amount));
      const told = (rows: { billed: { currency: string; amount: string }[] }[]): string =>
        add(rows.flatMap(({ billed }) => billed.filter((one) => one.currency === currency).map(({ amount }) => amount)));
      for (const rows of [[costs], costs.tenants, costs.projects, costs.users, costs.services]) expect(told(rows)).toBe(whole);
    }
    const estimates = await api.db.selectFrom("daily_costs").selectAll().where("day", ">=", "2025-12-30").execute();
    for (const { day, cents, estimatedCents } of costs.days) {
      const billed = lines.filter((one) => one.day === day && one.currency === "USD" && isWhole(one.tenantId, day)).map(({ amount }) => amount);
      const open = estimates.filter((one) => one.day === day && !isWhole(one.tenant_id, day)).reduce((sum, one) => sum + one.cents, 0);
      expect([day, cents]).toEqual([day, Number(new Big(add(billed)).times(100).round(0, Big.roundHalfUp).toFixed()) + open]);
      expect(estimatedCents).toBe(estimates.filter((one) => one.day === day).reduce((sum, one) => sum + one.cents, 0));
    }
    const compared = estimates.filter(({ tenant_id, day }) => day >= "2026-01-01" && isWhole(tenant_id, day)).reduce((sum, { cents }) => sum + cents, 0);
    expect(costs.compared.estimatedCents).toBe(compared);
  };
  await fc.assert(fc.asyncProperty(fc.array(reading, { minLength: 1, maxLength: 4 }), check), { numRuns: 40 });
});

it("asks for sums alone: rows of lines and estimates, of which there may be millions, are none of its questions", async () => {
  await api.books("acme", "ana").open(provisionOf("sales"));
  await noteDailyCosts(api.db, api.clock.now);
  const asked: string[] = [];
  const log = {
    transformQuery: ({ node }: { node: unknown }) => {
      asked.push(JSON.stringify(node));
      return node;
    },
    transformResult: async ({ result }: { result: unknown }) => result,
  };
  await costOverview(api.db.withPlugin(log as never), api.clock.now, 366);
  expect(asked.length).toBeGreaterThan(5);
  for (const table of ["billed_costs", "daily_costs"])
    expect(
      asked.filter((node) => node.includes(`"name":"${table}"`)),
      table,
    ).toEqual([]);
});
