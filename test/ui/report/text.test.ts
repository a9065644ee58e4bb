/** A report on a terminal: signs and ages as every other command writes them. */
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { CostAmount } from "../../../src/core/costs/actual/cost-source.ts";
import { assembleReport } from "../../../src/core/costs/report/assemble.ts";
import { priceText, reportText } from "../../../src/ui/report/text.ts";

const now = new Date("2026-11-05T08:00:00Z");
const amounts: CostAmount[] = [{ period: "2026-10-02", key: null, kind: "credit", currency: "USD", amount: "-6" }];
const answer = { source: "ce" as const, amounts, estimatedFrom: null, price: { requests: 0, dollars: "0", bytesScanned: 0, reused: false } };
const asked = { ...answer, askedAt: "2026-11-05T07:53:00Z" };
const october = { month: "2026-10", from: "2026-10-01", until: "2026-11-01", running: false };
const report = assembleReport(
  [{ tenantId: "acme", tags: {}, byService: asked, byProject: asked, byUser: asked, books: { bookings: [], limits: [], othersMonthlyCents: null } }],
  { month: october, metric: "unblended" },
  now,
);

describe("a report on a terminal", () => {
  it("breaks between words where it is narrow, never within an amount", () => {
    const of = (amount: string) => ({ ...asked, amounts: [{ ...amounts[0], kind: "usage" as const, amount } as CostAmount] });
    const estimates = [{ since: "2026-10-01T00:00:00.000Z", monthlyCents: 1_234_567 }];
    const bookings = [{ projectId: "sales", userId: "ann", estimates, endedAt: null }];
    const bill = of("897987.4194");
    const made = assembleReport(
      [{ tenantId: "acme", tags: {}, byService: bill, byProject: bill, byUser: bill, books: { bookings, limits: [], othersMonthlyCents: null } }],
      { month: october, metric: "unblended" },
      now,
    );
    for (const width of [40, 60, 80]) {
      const lines = reportText(made, [], width).split("\n");
      expect(Math.max(...lines.map((line) => stripVTControlCharacters(line).length))).toBeLessThanOrEqual(width);
    }
    expect(reportText(made, [], 40)).toContain("+$885,");
  });
  it("has the minus that can be typed, and ages in the same units as everywhere", () => {
    const text = reportText(report, [], 80);
    expect(text).toMatch(/^Actual +-\$6\.00$/m);
    expect(text).not.toContain("\u2212");
    expect(priceText(report, [answer.price], now)).toBe("Cost Explorer: asked 7 min ago, nothing paid now (--refresh asks again).");
  });
});
