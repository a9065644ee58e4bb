/** Each day's sum of a tenant with very many projects. */
import { expect, test } from "vitest";
import { totalsPerDay } from "../../src/control/store/day-costs.ts";

test("a day's rows are gone through once: as many as a year of thousands of projects keep nobody waiting", () => {
  const day = "2026-09-01";
  const row = { day, tenantId: "acme", userId: "ana", projectId: "sales", source: "actual", currency: "USD", amount: "1", cents: 100 } as const;
  const rows = Array.from({ length: 80_000 }, () => row);
  const before = process.cpuUsage();
  expect(totalsPerDay({ rows, isBilled: () => true }, "acme", day, "2026-09-02")).toMatchObject([{ day, cents: 8_000_000 }]);
  // Once: a fraction of a second of this process alone; a copy of them for each: half a minute.
  expect(process.cpuUsage(before).user).toBeLessThan(5_000_000);
});
