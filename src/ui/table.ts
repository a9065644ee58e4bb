/** Tables that fit: columns on a wide terminal, one block a row on a narrow one. */
import chalk from "chalk";
import { clipped } from "./clipped.ts";
import { textWidth } from "./width.ts";
import { broken, wrapped } from "./wrapped.ts";

export interface Column<T> {
  title: string;
  value(row: T): string;
  right?: boolean;
  /** Anybody's words, however long: clipped before all columns give way. */
  clip?: boolean;
  /** The same, in as many lines as it takes; a word that is longer than one is broken. One column of a table is either. */
  wrap?: boolean;
}

/** As much of what is clipped is always shown, and a line of what is wrapped is as long. */
const leastClipped = 36;
const leastWrapped = 20;

export function table<T>(rows: T[], columns: Column<T>[], width: number): string {
  const whole = rows.map((row) => columns.map((column) => column.value(row)));
  const cells = clippedCells(whole, columns, width);
  const needed = columns.map((column, at) => Math.max(textWidth(column.title), ...cells.map((row) => widest(row[at] ?? ""))));
  if (needed.reduce((sum, column) => sum + column + 2, -2) > width) return blocks(columns.some(({ wrap }) => wrap) ? whole : cells, columns, width);
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
  const at = columns.findIndex(({ clip, wrap }) => clip || wrap);
  if (at < 0) return cells;
  const others = columns.map((column, of) => (of === at ? 0 : Math.max(textWidth(column.title), ...cells.map((row) => widest(row[of] ?? ""))) + 2));
  const room = Math.max(columns[at]?.wrap ? leastWrapped : leastClipped, width - others.reduce((sum, other) => sum + other, 0));
  const narrow = (cell: string): string => (columns[at]?.wrap ? broken(cell, room, "  ") : clipped(cell, room));
  return cells.map((row) => row.map((cell, of) => (of === at ? narrow(cell) : cell)));
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

/** Where there is something to say: an empty field is none, and a column without a title is said for itself. */
const blocks = (cells: string[][], columns: Pick<Column<never>, "title" | "wrap">[], width: number): string =>
  cells
    .map((row) =>
      row
        .flatMap((cell, at) => {
          const { title = "", wrap } = columns[at] ?? {};
          if (cell === "") return [];
          const text = title === "" ? cell : `${chalk.bold(title)}: ${cell}`;
          return [wrap ? wrapped(text, width, "  ") : text];
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
