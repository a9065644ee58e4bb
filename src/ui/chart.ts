/** Figures as marks in a line of text. */
const levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** One mark a value; what is nothing, or less, is a dot on the ground. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(0, ...values);
  return values.map((value) => (value <= 0 ? "·" : (levels[Math.min(levels.length - 1, Math.floor((value / most) * levels.length))] ?? "█"))).join("");
}

/** As long as its part of the largest. */
export const bar = (value: number, most: number, width: number): string =>
  value <= 0 || most <= 0 ? "" : "█".repeat(Math.max(1, Math.round((value / most) * width)));
