/** A series as columns over an axis of time, in text: readable at 40 columns, and without colour. */
import { textWidth } from "./width.ts";

export interface ChartPoint {
  label: string;
  value: number;
  /** It may still change: the ground under it is dotted. */
  open: boolean;
  /** Pointed at from below. */
  marked: boolean;
}
interface ChartOptions {
  width: number;
  amount(value: number): string;
  /** Columns from one date to the next are a multiple of it: 7 for days, so that weeks can be seen. */
  rhythm: number;
}

const rows = 8;
const widestColumn = 6;
const eighths = ["", "▁", "▂", "▃", "▄", "▅", "▆", "▇"];

/** Where there are more values than room, a column is the mean of some that follow each other. */
export function seriesChart(points: readonly ChartPoint[], { width, amount, rhythm }: ChartOptions): { text: string; perColumn: number } {
  const axis = axisOf(points, amount);
  const left = Math.max(...axis.ticks.map((tick) => textWidth(tick)));
  const room = Math.max(7, width - left - 3);
  const perColumn = Math.max(1, Math.ceil(points.length / room));
  const columns = bundled(points, perColumn);
  const { ticks, above, below, unit } = perColumn === 1 ? axis : axisOf(columns, amount);
  const wide = Math.max(1, Math.min(widestColumn, Math.floor(room / Math.max(1, columns.length))));
  const bar = Math.max(1, wide - 1);
  const cell = (mark: string, ground = " "): string => mark.repeat(bar) + ground.repeat(wide - bar);
  const filled = columns.map(({ value }) => (value / unit) * 8);
  const line = (tick: string, edge: string, marks: string[]): string => `${" ".repeat(left - textWidth(tick))}${tick} ${edge}${marks.join("")}`.trimEnd();
  const lines = ticks.map((tick, at) => {
    const edge = tick === "" ? "│" : "┤";
    if (at < above)
      return line(
        tick,
        edge,
        filled.map((eighth) => cell(upTo(eighth - (above - 1 - at) * 8))),
      );
    if (at === above)
      return line(
        tick,
        below > 0 ? "┼" : "└",
        columns.map(({ open }) => (open ? cell("┄", "┄") : cell("─", "─"))),
      );
    return line(
      tick,
      edge,
      filled.map((eighth) => cell(downTo(-eighth - (at - above - 1) * 8))),
    );
  });
  const marks = columns.some(({ marked }) => marked)
    ? [
        line(
          "",
          " ",
          columns.map(({ marked }) => cell(marked ? "▲" : " ").replace(/▲+/, (all) => "▲".padEnd(all.length))),
        ),
      ]
    : [];
  return { text: [...lines, ...marks, line("", " ", [dates(columns, wide, rhythm, room)])].join("\n"), perColumn };
}

/** Eight rows on both sides of the ground; one tick at each end, and one in the middle. */
function axisOf(points: readonly ChartPoint[], amount: (value: number) => string): { ticks: string[]; above: number; below: number; unit: number } {
  const most = Math.max(0, ...points.map(({ value }) => value));
  const least = Math.min(0, ...points.map(({ value }) => value));
  const below = least < 0 ? Math.min(most > 0 ? rows - 1 : rows, Math.max(1, Math.round((rows * -least) / (most - least)))) : 0;
  const above = most === 0 && least === 0 ? 0 : rows - below;
  const unit = Math.max(above === 0 ? 0 : most / above, below === 0 ? 0 : -least / below) || 1;
  const ticks = [
    ...Array.from({ length: above }, (_, at) => (at === 0 || (above >= 4 && at === above >> 1) ? amount((above - at) * unit) : "")),
    amount(0),
    ...Array.from({ length: below }, (_, at) => (at === below - 1 ? amount(-below * unit) : "")),
  ];
  return { ticks, above, below, unit };
}

const upTo = (eighth: number): string => (eighth >= 7.5 ? "█" : eighth <= 0 ? " " : (eighths[Math.max(1, Math.round(eighth))] ?? "█"));
/** Down from the ground, halves are the finest that there are. */
const downTo = (eighth: number): string => (eighth >= 6 ? "█" : eighth > 0 ? "▀" : " ");

function bundled(points: readonly ChartPoint[], size: number): ChartPoint[] {
  return Array.from({ length: Math.ceil(points.length / size) }, (_, at) => {
    const some = points.slice(at * size, (at + 1) * size);
    return {
      label: some[0]?.label ?? "",
      value: some.reduce((sum, { value }) => sum + value, 0) / some.length,
      open: some.some(({ open }) => open),
      marked: some.some(({ marked }) => marked),
    };
  });
}

function dates(columns: ChartPoint[], wide: number, rhythm: number, room: number): string {
  const longest = Math.max(0, ...columns.map(({ label }) => label.length)) + 2;
  const least = Math.ceil(longest / wide);
  const step = columns.length > rhythm * 2 ? Math.ceil(least / rhythm) * rhythm : least;
  let text = "";
  for (let at = 0; at < columns.length; at += step) {
    const label = columns[at]?.label ?? "";
    if (at * wide + label.length <= room) text = text.padEnd(at * wide) + label;
  }
  return text;
}
