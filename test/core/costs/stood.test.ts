/** The part of a month in which a project stood, and what it was booked at in it. */
import Big from "big.js";
import { describe, expect, it } from "vitest";
import { stoodIn } from "../../../src/core/costs/stood.ts";
import { bookedNote } from "../../../src/ui/stood.ts";

const october = { from: "2026-10-01", until: "2026-11-01" };
const at = (since: string, monthlyCents: number) => ({ since: `${since}T00:00:00.000Z`, monthlyCents });
const booking = (estimates: { since: string; monthlyCents: number }[], ended: string | null = null) => ({
  estimates,
  endedAt: ended === null ? null : `${ended}T00:00:00.000Z`,
});

describe("the time that a project stood in a month", () => {
  it("is all of it, some of it, or none", () => {
    expect(stoodIn([booking([at("2026-09-05", 100)])], october)).toMatchObject({
      hours: 744,
      parts: [{ from: "2026-10-01T00:00:00.000Z", monthlyCents: 100 }],
    });
    expect(stoodIn([booking([at("2026-10-31", 100)])], october).hours).toBe(24);
    expect(stoodIn([booking([at("2026-11-01", 100)])], october)).toEqual({ hours: 0, parts: [], bookedDollars: "0" });
    expect(stoodIn([booking([at("2026-08-01", 100)], "2026-10-01")], october).hours).toBe(0);
    expect(stoodIn([], october).hours).toBe(0);
  });
  it("counts an earlier project of the same name, and each estimate for the time that it held", () => {
    const stood = stoodIn([booking([at("2026-10-20", 7_300)]), booking([at("2026-09-01", 700), at("2026-10-03", 1_460)], "2026-10-05")], october);
    expect(stood.parts.map(({ from, until, monthlyCents }) => [from.slice(8, 10), until.slice(5, 10), monthlyCents])).toEqual([
      ["01", "10-03", 700],
      ["03", "10-05", 1_460],
      ["20", "11-01", 7_300],
    ]);
    expect(stood.hours).toBe(16 * 24);
    expect(
      new Big(stood.bookedDollars)
        .minus(
          new Big(7)
            .times(48)
            .plus(14.6 * 48)
            .plus(73 * 288)
            .div(730),
        )
        .abs()
        .lt("0.000001"),
    ).toBe(true);
  });
  it("is said where it was booked at something else than now", () => {
    const grown = stoodIn([booking([at("2026-09-01", 700), at("2026-10-03", 1_460)])], october);
    expect(bookedNote(grown, 1_460)).toBe(
      "In this time it was booked at $7.00 a month, from 2026-10-03 00:00 UTC on $14.60 a month: $14.38; now at $14.60 a month. Its parameters or the prices have changed; the estimate is of those of now.",
    );
    expect(bookedNote(stoodIn([booking([at("2026-09-01", 700), at("2026-11-03", 1_460)])], october), 1_460)).toContain("booked at $7.00 a month: $7.13; now");
    expect(bookedNote(stoodIn([booking([at("2026-09-01", 700)])], october), 700)).toBeUndefined();
    const often = stoodIn([booking([at("2026-10-01", 100), at("2026-10-02", 300), at("2026-10-03", 200), at("2026-10-04", 250)])], october);
    expect(bookedNote(often, 250)).toContain("booked at between $1.00 and $3.00 a month: ");
  });
});
