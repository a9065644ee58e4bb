import { expect, it } from "vitest";
import { foldedSparkline } from "../../src/ui/chart.ts";

const year = Array.from({ length: 365 }, (_, day) => day);

it("a mark a value where there is room, in order of size; nothing and less is a dot", () => {
  expect(foldedSparkline([-1, 0, 1, 2, 3, 4, 5, 6, 7, 8], 10)).toEqual({ marks: "··▂▃▄▅▆▇██", perMark: 1 });
  expect(foldedSparkline([], 10)).toEqual({ marks: "", perMark: 1 });
});
it("a year is as wide as the room at most, each mark the mean of as many days", () => {
  for (const room of [7, 40, 80, 364, 365]) {
    const { marks, perMark } = foldedSparkline(year, room);
    expect([marks.length <= room, marks.length]).toEqual([true, Math.ceil(365 / perMark)]);
    expect(room - marks.length).toBeLessThan(Math.ceil(room / 2));
  }
  expect(foldedSparkline([8, 0, 4, 4, 0, 0, 8], 4)).toEqual({ marks: "▅▅·█", perMark: 2 });
});
