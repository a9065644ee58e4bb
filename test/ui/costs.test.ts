/** The table of costs: what belongs to nobody is always told, and what is shown adds up, or says why not. */
import { describe, expect, test } from "vitest";
import type { ActualCosts, QuotaUse } from "../../src/core/costs/actual/actual-costs.ts";
import { breakdown } from "../../src/core/costs/actual/breakdown.ts";
import type { CostAmount } from "../../src/core/costs/actual/cost-source.ts";
import { inAscii } from "../../src/ui/ascii.ts";
import { costNotes, costsText } from "../../src/ui/costs.ts";

const amount = (key: string | null, dollars: string): CostAmount => ({ period: "2026-10-01", key, kind: "usage", currency: "USD", amount: dollars });
const costs = (amounts: CostAmount[]): ActualCosts => ({
  from: "2026-10-01",
  to: "2026-10-01",
  previous: { from: "2026-09-30", to: "2026-09-30" },
  granularity: "day",
  grouping: { by: "tag", key: "ProjectId" },
  metric: "unblended",
  tags: {},
  source: "ce",
  askedAt: "2026-11-05T08:00:00Z",
  kept: false,
  books: null,
  price: { requests: 1, dollars: "0.01", bytesScanned: 0, reused: false },
  openFrom: null,
  currencies: breakdown({ current: amounts, previous: [] }, ["2026-10-01"], { restShown: true }),
  tagUnseen: false,
});
const quota: QuotaUse = {
  userId: "ann",
  limitCents: 10_000,
  estimatedCents: 0,
  spentDollars: "0",
  leftDollars: "100",
  otherCurrencies: [],
  tagUnseen: false,
  booked: false,
  price: { requests: 0, dollars: "0", bytesScanned: 0, reused: false },
};
const shown = (amounts: CostAmount[], of: QuotaUse = quota): string =>
  costsText(costs(amounts), of, { tenantId: "acme", projectId: null, userId: null }, 100, new Date("2026-11-05T08:00:00Z"));

describe("the table of costs", () => {
  test("folds the cheapest of many, never what belongs to no project", () => {
    const lines = shown([...Array.from({ length: 60 }, (_, at) => amount(`p${at}`, String(100 - at))), amount(null, "9")]).split("\n");
    expect(lines.filter((line) => /^p\d+ /.test(line))).toHaveLength(23);
    expect(lines.find((line) => line.includes("37 others"))).toMatch(/\$2,183\.00/);
    expect(lines.find((line) => line.startsWith("(no project)"))).toContain("$9.00");
    expect(lines).toContain("All 61 rows: --csv or --json.");
  });
  test("says that figures are rounded by themselves where those that are shown don't add up", () => {
    const note = "Each figure is rounded by itself";
    expect(shown([amount("a", "1.005"), amount("b", "1.005"), amount("c", "1.005")])).toContain(note);
    expect(shown([amount("a", "1.01"), amount("b", "1.02")])).not.toContain(note);
  });
  test("tells of a quota what other currencies came to, which it doesn't count", () => {
    expect(shown([amount("a", "1")], { ...quota, otherCurrencies: [{ currency: "EUR", amount: "42" }] })).toContain("besides 42.00 EUR");
    expect(shown([amount("a", "1")])).not.toContain("besides");
  });
  test("says why nothing of a bill counts: a tag, where tags tell whose it is, and no tag where a platform's books do", () => {
    expect(shown([amount("a", "1")], { ...quota, tagUnseen: true })).toContain("No cost carries the tag UserId");
    const books = shown([amount("a", "1")], { ...quota, tagUnseen: true, booked: true });
    expect(books).toContain("none of them is of a project that the platform has booked");
    expect(books).not.toContain("UserId");
  });
  test("names the days that a platform never read: they cost nobody knows what, not nothing", () => {
    const books = { own: false, unread: ["2026-10-05", "2026-10-06", "2026-10-09"] };
    const notes = (of: ActualCosts["books"]): string => costNotes({ ...costs([]), books: of }, new Date("2026-11-05T08:00:00Z")).join("\n");
    expect(notes(books)).toContain("Not counted: 2026-10-05 to 2026-10-06, 2026-10-09, whose bill the platform has not read.");
    expect(notes({ ...books, unread: [] })).not.toContain("Not counted");
  });
});

test("a very long name is clipped, and its table stays one", () => {
  const long = `${"project-".repeat(32)}e\u0301`;
  for (const width of [80, 100, 120]) {
    const text = costsText(
      costs([amount(long, "7"), amount("sales", "3")]),
      quota,
      { tenantId: "acme", projectId: null, userId: null },
      width,
      new Date("2026-11-05T08:00:00Z"),
    );
    const rows = text.split("\n");
    expect(rows.filter((row) => row.length > width)).toEqual([]);
    expect(rows.find((row) => row.startsWith("project-"))).toMatch(/^(project-){4,}[a-z-]*… {2,}\$7\.00 /);
    expect(
      inAscii(text)
        .split("\n")
        .find((row) => row.startsWith("sales"))
        ?.indexOf("$3.00"),
    ).toBe(rows.find((row) => row.startsWith("sales"))?.indexOf("$3.00"));
    expect(
      inAscii(text)
        .split("\n")
        .find((row) => row.startsWith("project-"))
        ?.indexOf("$7.00"),
    ).toBe(rows.find((row) => row.startsWith("project-"))?.indexOf("$7.00"));
  }
});

/** Answers count for six hours: one that is called six hours old would be asked again. */
test.each([
  ["00:00:59", "59 s"],
  ["00:01:59", "1 min"],
  ["01:29:59", "1 h 29 min"],
  ["01:59:59", "1 h 59 min"],
  ["05:59:59", "5 h 59 min"],
])("an answer is as old as it is at least: %s is %s", (age, told) => {
  const kept = {
    ...costs([amount("a", "1")]),
    kept: true,
    askedAt: "2026-11-05T08:00:00Z",
    price: { requests: 0, dollars: "0", bytesScanned: 0, reused: false },
  };
  const notes = costNotes(kept, new Date(`2026-11-05T${String(8 + Number(age.slice(0, 2))).padStart(2, "0")}${age.slice(2)}Z`));
  expect(notes.at(-1)).toContain(`asked ${told} ago`);
});
