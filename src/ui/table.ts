/** Tables that fit: columns on a wide terminal, one block a row on a narrow one. */
import chalk from "chalk";
import Table from "cli-table3";
import stringWidth from "string-width";

export interface Column<T> {
  title: string;
  value(row: T): string;
  right?: boolean;
}

const plain = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

export function table<T>(rows: T[], columns: Column<T>[], width: number): string {
  const cells = rows.map((row) => columns.map((column) => column.value(row)));
  const needed = columns.map((column, at) => Math.max(stringWidth(column.title), ...cells.map((row) => stringWidth(row[at] ?? ""))));
  if (needed.reduce((sum, column) => sum + column + 2, -2) > width) return blocks(cells, columns);
  const drawn = new Table({
    chars: plain,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    head: columns.map(({ title }) => chalk.bold(title)),
    colAligns: columns.map(({ right }) => (right ? "right" : "left")),
  });
  drawn.push(...cells);
  return trimmed(drawn.toString());
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
    .map(([name, value]) => (left + stringWidth(value) > width ? `${chalk.bold(name)}\n  ${value}` : `${chalk.bold(name.padEnd(left))}${value}`))
    .join("\n");
}

const trimmed = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
