/** Which source answers, what is paid for it, and what is said. */
import { expect, test } from "vitest";
import { chosenSource, reportAsked } from "../../../src/core/costs/actual/choose-source.ts";
import { collectedAmounts } from "../../../src/core/costs/actual/collect.ts";
import type { AnswerPrice, CostAmount, CostQuery, CostSource, MonthedSource } from "../../../src/core/costs/actual/cost-source.ts";
import { ChartctlError } from "../../../src/errors.ts";

const query: CostQuery = { from: "2026-10-20", until: "2026-11-26", granularity: "day", grouping: { by: "service" }, metric: "unblended", tags: {} };
const price = (dollars: string): AnswerPrice => ({ requests: 1, dollars, bytesScanned: dollars === "0.01" ? 0 : 100, reused: false });
const amount = (period: string, of: string): CostAmount => ({ period, key: "S3", kind: "usage", currency: "USD", amount: of });
const failure = (code: string, details: Record<string, unknown> = {}) => new ChartctlError({ kind: "failed", code, message: `no ${code}`, details });

/** A report that has lines of these days, or fails; months that it has are paid for, too. */
function sources({ days = [], known = [], fails }: { days?: string[]; known?: string[]; fails?: (query: CostQuery) => Error | undefined }) {
  const asked: string[] = [];
  const cur: MonthedSource = {
    read: async (query, sink) => {
      asked.push("cur");
      for (const day of days) sink.add(amount(day, "10"));
      const error = fails?.(query);
      if (error) throw error;
      return { source: "cur", estimatedFrom: null, price: price("0.05") };
    },
    months: async (months) => {
      asked.push(`months ${months.join(" ")}`);
      return { known, price: price("0.00005") };
    },
  };
  const ce: CostSource = {
    read: async (_, sink) => {
      asked.push("ce");
      sink.add(amount("2026-11-25", "11"));
      return { source: "ce", estimatedFrom: "2026-11-01", price: price("0.01") };
    },
  };
  return { asked, ce, cur };
}
async function read(of: ReturnType<typeof sources>, named = false) {
  const said: string[] = [];
  const source = chosenSource({ source: "auto", named }, of, (message) => said.push(message));
  const sink = collectedAmounts();
  const answer = await source.read(query, sink);
  return { source, said, answer, amounts: sink.amounts() };
}

test("a report with lines of every month answers, and nothing else is asked", async () => {
  const of = sources({ days: ["2026-10-25", "2026-11-25"] });
  expect((await read(of)).answer).toEqual({ source: "cur", estimatedFrom: null, price: price("0.05") });
  expect(of.asked).toEqual(["cur"]);
});
test("a month that cost this question nothing, and others something, is the report's", async () => {
  const of = sources({ days: ["2026-11-25"], known: ["2026-10"] });
  const { answer, said } = await read(of);
  expect([answer.source, answer.price.requests, answer.price.dollars, said]).toEqual(["cur", 2, "0.05005", []]);
  expect(of.asked).toEqual(["cur", "months 2026-10"]);
});
test("a month before the report's is Cost Explorer's to tell; the scan was paid, and is told with it", async () => {
  const of = sources({ days: ["2026-11-25"] });
  const { answer, amounts, said } = await read(of);
  expect(amounts).toEqual([amount("2026-11-25", "11")]);
  expect(answer).toMatchObject({ source: "ce", price: { requests: 3, dollars: "0.06005", bytesScanned: 200, reused: false } });
  expect(said).toEqual(["The Cost and Usage Report has nothing of 2026-10; Cost Explorer is asked instead."]);
});
test("what a question was paid that the report has no answer to is told, too", async () => {
  const of = sources({ fails: () => failure("cur.no-hours", { price: price("0.05") }) });
  expect((await read(of)).answer.price).toMatchObject({ requests: 2, dollars: "0.06" });
});
test("whoever went to Cost Explorer stays there: two parts of one bill are of one source", async () => {
  const of = sources({
    days: ["2026-10-25", "2026-11-25"],
    fails: ({ grouping }) => (grouping.by === "tag" ? failure("cur.no-column") : undefined),
  });
  const source = chosenSource({ source: "auto" }, of, () => {});
  const told = [];
  for (const grouping of [{ by: "service" }, { by: "tag", key: "ProjectKey" }, { by: "service" }] as const)
    told.push((await source.read({ ...query, grouping }, collectedAmounts())).source);
  expect([told, of.asked]).toEqual([
    ["cur", "ce", "ce"],
    ["cur", "cur", "ce", "ce"],
  ]);
});
test("a table that somebody typed is not passed over in silence", async () => {
  expect(reportAsked({ source: "auto", table: "foo" }, null)).toEqual({ source: "auto", table: "foo", named: true });
  expect(reportAsked({ source: "auto", table: "cost_and_usage" }, { table: "bar" })).toEqual({ source: "auto", table: "bar", named: false });
  expect(reportAsked({ source: "auto", table: "cost_and_usage" }, null)).toMatchObject({ source: "ce", named: false });
  const missing = () => sources({ fails: () => failure("cur.no-table") });
  await expect(read(missing(), true)).rejects.toMatchObject({ code: "cur.no-table" });
  expect((await read(missing())).answer.source).toBe("ce");
  const { answer, said } = await read(sources({ fails: () => failure("cur.no-column") }), true);
  expect([answer.source, said]).toEqual(["ce", ["no cur.no-column; Cost Explorer is asked instead."]]);
});
test("any other failure is told", async () => {
  await expect(read(sources({ fails: () => failure("cur.query-failed") }))).rejects.toMatchObject({ code: "cur.query-failed" });
});
