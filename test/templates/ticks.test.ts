/** Axes: no two ticks read the same, whatever the numbers are. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { siteModule } from "./modules.ts";

type TickFormat = (ticks: number[]) => (tick: number) => string;
const { ticks, tickFormat } = await siteModule<{ ticks(low: number, high: number, about: number): number[]; tickFormat: TickFormat }>(
  "csv-dashboard/site/chart.js",
);
const live = await siteModule<{ tickFormat: TickFormat; timeTicks(first: number, last: number, most: number): { time: number; text: string }[] }>(
  "live-series/site/chart.js",
);

describe.each([
  ["csv-dashboard", tickFormat],
  ["live-series", live.tickFormat],
])("%s", (_, format) => {
  it.each([
    [
      [0, 0.05, 0.1, 0.15],
      ["0", "0.05", "0.1", "0.15"],
    ],
    [
      [0, 20, 100],
      ["0", "20", "100"],
    ],
    [
      [0, 500, 1_000],
      ["0", "500", "1,000"],
    ],
    [
      [0, 5_000, 10_000],
      ["0", "5K", "10K"],
    ],
    [
      [12_340, 12_345, 12_350],
      ["12.34K", "12.345K", "12.35K"],
    ],
    [
      [-1, -0.5, 0],
      ["-1", "-0.5", "0"],
    ],
  ])("%j", (all, texts) => expect(all.map(format(all))).toEqual(texts));
});

it("cover the values, and can be told apart", () => {
  const number = fc.double({ min: -1e12, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(number, number, fc.integer({ min: 3, max: 8 }), (a, b, about) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      // Beyond that a double has no digits left for steps, and below 1e-300 none at all.
      fc.pre(high === low ? low === 0 || Math.abs(low) > 1e-300 : high - low > 1e-300 && high - low > Math.max(Math.abs(low), Math.abs(high)) * 1e-9);
      const found = ticks(low, high, about);
      const slack = (high - low) * 1e-6;
      expect(found[0]).toBeLessThanOrEqual(low + slack);
      expect(found.at(-1)).toBeGreaterThanOrEqual(high - slack);
      expect(found.length).toBeLessThanOrEqual(about + 3);
      expect(new Set(found.map(tickFormat(found))).size).toBe(found.length);
    }),
  );
});

it("times are round, within the series, and no more than fit", () => {
  const first = Date.parse("2026-01-31T12:03:20Z");
  const spans = [0, 1, 5_000, 90_000, 3_600_000, 86_400_000, 40 * 86_400_000, 5 * 365 * 86_400_000, 9_000 * 365 * 86_400_000];
  for (const span of spans) {
    const found = live.timeTicks(first, first + span, 6);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThanOrEqual(7);
    for (const { time } of found) expect(time >= first && time <= first + span).toBe(true);
    expect(new Set(found.map(({ text }) => text)).size).toBe(found.length);
  }
  for (const { time } of live.timeTicks(first, first + 1_200_000, 6)) expect(time % 300_000).toBe(0);
});
