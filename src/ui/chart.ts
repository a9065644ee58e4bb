/** Figures as marks in a line of text. */
const levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** One mark a value; what is nothing, or less, is a dot on the ground. */
function sparkline(values: readonly number[]): string {
  const most = Math.max(0, ...values);
  return values.map((value) => (value <= 0 ? "·" : (levels[Math.min(levels.length - 1, Math.floor((value / most) * levels.length))] ?? "█"))).join("");
}

/** In at most `room` marks: where there are more values, a mark is the mean of some that follow each other. */
export function foldedSparkline(values: readonly number[], room: number): { marks: string; perMark: number } {
  const perMark = Math.max(1, Math.ceil(values.length / room));
  const means = Array.from({ length: Math.ceil(values.length / perMark) }, (_, at) => {
    const some = values.slice(at * perMark, (at + 1) * perMark);
    return some.reduce((sum, value) => sum + value, 0) / some.length;
  });
  return { marks: sparkline(means), perMark };
}

/** As long as its part of the largest. */
export const bar = (value: number, most: number, width: number): string =>
  value <= 0 || most <= 0 ? "" : "█".repeat(Math.max(1, Math.round((value / most) * width)));
