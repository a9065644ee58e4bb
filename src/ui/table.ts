/** Tables that fit: columns on a wide terminal, one block a row on a narrow one. */
import chalk from "chalk";
import { clipped } from "./clipped.ts";
import { textWidth } from "./width.ts";

export interface Column<T> {
  title: string;
  value(row: T): string;
  right?: boolean;
  /** Anybody's words, however long: clipped before all columns give way. */
  clip?: boolean;
}

/** As much of what is clipped is always shown. */
const leastClipped = 36;

export function table<T>(rows: T[], columns: Column<T>[], width: number): string {
  const whole = rows.map((row) => columns.map((column) => column.value(row)));
  const cells = clippedCells(whole, columns, width);
  const needed = columns.map((column, at) => Math.max(textWidth(column.title), ...cells.map((row) => widest(row[at] ?? ""))));
  if (needed.reduce((sum, column) => sum + column + 2, -2) > width) return blocks(cells, columns);
  const drawn = (texts: string[], paint = (text: string): string => text): string[] =>
    linesOf(texts).map((line) => line.map((text, at) => aligned(paint(text), needed[at] ?? 0, columns[at]?.right)).join("  "));
  return trimmed(
    [
      drawn(
        columns.map(({ title }) => title),
        chalk.bold,
      ),
      ...cells.map((row) => drawn(row)),
    ]
      .flat()
      .join("\n"),
  );
}

function clippedCells<T>(cells: string[][], columns: Column<T>[], width: number): string[][] {
  const at = columns.findIndex(({ clip }) => clip);
  if (at < 0) return cells;
  const others = columns.map((column, of) => (of === at ? 0 : Math.max(textWidth(column.title), ...cells.map((row) => widest(row[of] ?? ""))) + 2));
  const room = Math.max(leastClipped, width - others.reduce((sum, other) => sum + other, 0));
  return cells.map((row) => row.map((cell, of) => (of === at ? clipped(cell, room) : cell)));
}

const widest = (cell: string): number => Math.max(...cell.split("\n").map((line) => textWidth(line)));

/** A cell may have several lines: the row is as high as the highest. */
function linesOf(cells: string[]): string[][] {
  const split = cells.map((cell) => cell.split("\n"));
  const height = Math.max(...split.map(({ length }) => length));
  return Array.from({ length: height }, (_, at) => split.map((lines) => lines[at] ?? ""));
}

function aligned(text: string, width: number, right = false): string {
  const room = " ".repeat(Math.max(0, width - textWidth(text)));
  return right ? room + text : text + room;
}

const blocks = (cells: string[][], columns: { title: string }[]): string =>
  cells
    .map((row) =>
      row
        .flatMap((cell, at) => {
          const title = columns[at]?.title ?? "";
          // A column without a title is said for itself, where there is something to say.
          return title === "" ? (cell === "" ? [] : [cell]) : [`${chalk.bold(title)}: ${cell}`];
        })
        .join("\n"),
    )
    .join("\n\n");

/** Names on the left, values on the right; on a narrow terminal a value goes under its name. */
export function facts(pairs: [string, string | undefined][], width: number): string {
  const given = pairs.filter((pair): pair is [string, string] => pair[1] !== undefined);
  const left = Math.max(...given.map(([name]) => name.length)) + 2;
  return given
    .map(([name, value]) => (left + textWidth(value) > width ? `${chalk.bold(name)}\n  ${value}` : `${chalk.bold(name.padEnd(left))}${value}`))
    .join("\n");
}

const trimmed = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
