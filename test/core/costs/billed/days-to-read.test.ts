/** Which days are read again, and which are settled. */
import { describe, expect, test } from "vitest";
import { daysToRead, firstOpenDay } from "../../../../src/core/costs/billed/days-to-read.ts";
import { isWhole } from "../../../../src/core/costs/billed/whole-day.ts";

const at = (day: string): Date => new Date(`${day}T13:00:00Z`);

describe("days to read", () => {
  test("the first time: 90 whole days and today, then from last month, then this month, for a source that has no more", () => {
    expect(daysToRead(null, at("2026-11-26"))).toEqual([
      { from: "2026-08-28", until: "2026-11-27" },
      { from: "2026-10-01", until: "2026-11-27" },
      { from: "2026-11-01", until: "2026-11-27" },
    ]);
  });
  test.each([
    ["this month's, once the last one is settled", "2026-11-01", "2026-11-25", "2026-11-26", "2026-11-01"],
    ["last month's, too, while it is open", "2026-10-01", "2026-11-02", "2026-11-03", "2026-10-01"],
    ["all of the months since, when nobody read for long", "2026-06-01", "2026-06-20", "2026-11-26", "2026-06-01"],
    ["what was never read, even if nothing known is open", null, "2026-11-20", "2026-11-26", "2026-11-21"],
    ["today, whatever a clock that went wrong has written", "2026-12-01", "2026-12-05", "2026-11-26", "2026-11-26"],
  ])("afterwards: %s", (_, firstOpen, last, today, from) => {
    expect(daysToRead({ first: "2026-05-01", firstOpen, last }, at(today))[0]).toMatchObject({ from });
  });
  test.each([
    ["2026-11-10", null, "2026-10-01"],
    ["2026-11-11", null, "2026-11-01"],
    ["2026-01-03", null, "2025-12-01"],
    ["2026-11-26", "2026-10-01", "2026-10-01"], // AWS still calls it an estimate
    ["2026-11-26", "2026-11-20", "2026-11-01"],
  ])("on %s, with estimates from %s on, %s is the first that may change", (today, estimated, open) => {
    expect(firstOpenDay(estimated, at(today))).toBe(open);
  });
  test("a day is whole when it was over for a day", () => {
    expect(["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"].map((day) => isWhole(day, "2026-11-26T00:00:00.000Z"))).toEqual([true, true, false, false]);
  });
});
