/** Whatever else a bill is in, its dollars come first. */
import { expect, test } from "vitest";
import { totalsOf } from "../../../src/control/store/day-costs.ts";
import { breakdown } from "../../../src/core/costs/actual/breakdown.ts";
import type { CostAmount } from "../../../src/core/costs/actual/cost-source.ts";
import { checkSum } from "../../../src/core/costs/check-sum.ts";
import { dollarsFirst } from "../../../src/core/costs/currencies.ts";
import { monthForecast } from "../../../src/core/costs/forecast/month-forecast.ts";
import { assembleReport } from "../../../src/core/costs/report/assemble.ts";
import { monthAsked } from "../../../src/core/costs/report/month.ts";
import { billRead } from "../../../src/ui/bills.ts";

const line = (currency: string, amount: string): CostAmount => ({ period: "2026-10-05", key: "sales", kind: "usage", currency, amount });
const bill = [line("AUD", "-3"), line("EUR", "9.99"), line("CNY", "700"), line("USD", "0.01"), line("BRL", "9.99")];
const first = ["USD", "CNY", "BRL", "EUR", "AUD"];
const named = (ones: { currency: string }[]): string[] => ones.map(({ currency }) => currency);

test("dollars, however few, then what the most was billed in, and of as much by name", () => {
  expect(named(dollarsFirst(bill, ({ amount }) => amount))).toEqual(first);
  expect(named(dollarsFirst([line("EUR", "10"), line("CNY", "9")], ({ amount }) => amount))).toEqual(["EUR", "CNY"]);
});

const now = new Date("2026-10-20T12:00:00Z");
const answer = {
  source: "ce",
  amounts: bill,
  estimatedFrom: null,
  price: { requests: 1, dollars: "0.01", bytesScanned: 0, reused: false },
  askedAt: now.toISOString(),
} as const;
const ways: [string, () => { currency: string }[]][] = [
  ["costs and trends, with their CSV", () => breakdown({ current: bill, previous: [] }, ["2026-10-05"], { restShown: false })],
  ["a forecast", () => monthForecast(bill, { from: "2026-10-01", today: "2026-10-20" }, null)],
  ["a check", () => checkSum({ dollars: { low: "0", expected: "0", high: "0" }, missing: [] }, bill, 744).billed],
  ["the API's totals", () => totalsOf(bill)],
  [
    "what a reading found",
    () => {
      const read = billRead("acme", { ...answer, from: "2026-10-01", until: "2026-10-20", openFrom: null, byProject: bill, byService: bill }, {});
      return "totals" in read ? read.totals : [];
    },
  ],
  [
    "a report",
    () => {
      const facts = {
        tenantId: "acme",
        tags: {},
        byService: answer,
        byProject: answer,
        byUser: answer,
        books: { bookings: [], limits: [], othersMonthlyCents: null },
      };
      return assembleReport([facts], { month: monthAsked("2026-10", now), metric: "unblended" }, now).currencies;
    },
  ],
];
test.each(ways)("in %s", (_, currencies) => expect(named(currencies())).toEqual(first));
