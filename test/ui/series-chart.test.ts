/** A series as a chart of text: readable at 80 and 40 columns, below nothing, and with hardly anything in it. */
import fc from "fast-check";
import stringWidth from "fast-string-width";
import { describe, expect, test } from "vitest";
import { addDays } from "../../src/core/costs/actual/period.ts";
import type { ChartPoint } from "../../src/ui/series-chart.ts";
import { seriesChart } from "../../src/ui/series-chart.ts";

const points = (values: readonly number[], open = values.length): ChartPoint[] =>
  values.map((value, at) => ({ label: addDays("2026-10-26", at).slice(5), value, open: at >= open, marked: false }));
const amount = (value: number): string => `${value < 0 ? "-" : ""}$${Math.abs(value).toFixed(2)}`;
const chart = (of: ChartPoint[], width: number) => seriesChart(of, { width, amount, rhythm: 7 });

describe("a chart", () => {
  test("has amounts, dates, the open part and what stands out", () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 4, 4, 0, 0.1];
    const of = points(values, 9).map((point, at) => ({ ...point, marked: at === 7 }));
    expect(`\n${chart(of, 40).text}\n`).toMatchInlineSnapshot(`
      "
      $8.00 ┤              █
            │            █ █
            │          █ █ █
            │        █ █ █ █
      $4.00 ┤      █ █ █ █ █ █ █
            │    █ █ █ █ █ █ █ █
            │  █ █ █ █ █ █ █ █ █
            │█ █ █ █ █ █ █ █ █ █   ▁
      $0.00 └──────────────────┄┄┄┄┄┄
                           ▲
             10-26   10-30   11-03
      "
    `);
  });
  test("goes below nothing", () => {
    expect(`\n${chart(points([4, 2, -1, -4, 0, 1]), 40).text}\n`).toMatchInlineSnapshot(`
      "
       $4.00 ┤████
             │████
       $2.00 ┤████ ████
             │████ ████                ████
       $0.00 ┼──────────────────────────────
             │          ████ ████
             │               ████
             │               ████
      -$4.00 ┤               ████
              10-26     10-28     10-30
      "
    `);
    expect(`\n${chart(points([-1, -4]), 40).text}\n`).toMatchInlineSnapshot(`
      "
       $0.00 ┼────────────
             │█████ █████
             │█████ █████
             │      █████
             │      █████
             │      █████
             │      █████
             │      █████
      -$4.00 ┤      █████
              10-26
      "
    `);
  });
  test("of nothing at all is a ground to stand on", () => {
    expect(`\n${chart(points([0, 0, 0]), 40).text}\n`).toMatchInlineSnapshot(`
      "
      $0.00 └──────────────────
             10-26       10-28
      "
    `);
    expect(chart([], 40).text).toContain("$0.00 └");
  });
  test("bundles what has no room, and says of how many", () => {
    const { text, perColumn } = chart(points(Array.from({ length: 90 }, (_, at) => at + 1)), 40);
    expect(perColumn).toBe(3);
    expect(`\n${text}\n`).toMatchInlineSnapshot(`
      "
      $89.00 ┤                          ▂▄▆█
             │                      ▁▃▅▇████
             │                  ▁▂▅▇████████
             │               ▂▄▆████████████
      $44.50 ┤           ▁▃▅████████████████
             │       ▁▃▅▇███████████████████
             │    ▂▄▆███████████████████████
             │▁▄▆███████████████████████████
       $0.00 └──────────────────────────────
              10-26  11-16  12-07  12-28
      "
    `);
  });
  test("fits, whatever the values are, and draws the highest to the top", () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(values, fc.integer({ min: 40, max: 120 }), (of, width) => {
        const lines = chart(points(of), width).text.split("\n");
        expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
        expect(lines.filter((line) => /[┼└]/.test(line))).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
    expect(chart(points([1, 2, 3]), 80).text.split("\n")[0]).toContain("█");
  });
});
