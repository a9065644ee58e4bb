/** csv-dashboard: how it reads a file, whatever is in it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { siteModule } from "./modules.ts";
import { templates } from "./serve.ts";

interface Column {
  name: string;
  numeric: boolean;
  labels: boolean;
  cells: string[];
  values: (number | undefined)[];
  text(row: number): string;
}
const { parseCsv, numberIn, tableOf } = await siteModule<{
  parseCsv(text: string): string[][];
  numberIn(cell: string): number | undefined;
  tableOf(text: string): { columns: Column[]; length: number };
}>("csv-dashboard/site/csv.js");
const { sortedRows } = await siteModule<{ sortedRows(column: Column, ascending: boolean, length: number): number[] }>("csv-dashboard/site/table.js");

const columns = (text: string): Column[] => tableOf(text).columns;
const texts = (column: Column | undefined): string[] => (column?.cells ?? []).map((_, row) => column?.text(row) ?? "");

describe("parseCsv", () => {
  it.each<[string, string, string[][]]>([
    ["quotes around commas, quotes and line ends", 'a,"b, ""c""\r\nd"\r\n', [["a", 'b, "c"\r\nd']]],
    [
      "CRLF and LF, with and without the last one",
      "a,b\r\nc,d\ne,f",
      [
        ["a", "b"],
        ["c", "d"],
        ["e", "f"],
      ],
    ],
    [
      "empty cells, at the end too",
      "a,,\n,,b\n",
      [
        ["a", "", ""],
        ["", "", "b"],
      ],
    ],
    ["quoted empty cells", '"",""\n', [["", ""]]],
    ["blank lines", "a\n\n\r\nb\n", [["a"], ["b"]]],
    ["a byte order mark", "\uFEFFa,b\n", [["a", "b"]]],
    ["a quote inside of a bare cell", '5" pipe,b\n', [['5" pipe', "b"]]],
    ["nothing", "", []],
  ])("%s", (_, text, rows) => expect(parseCsv(text)).toEqual(rows));

  it("gives back every table that RFC 4180 can write", () => {
    const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
    const cell = fc.string({ unit: fc.constantFrom("a", "ä", "1", ",", '"', "\r", "\n", " ", ";", "\u{1f600}") });
    const width = fc.integer({ min: 2, max: 4 }).chain((size) => fc.array(fc.array(cell, { minLength: size, maxLength: size }), { minLength: 1 }));
    fc.assert(
      fc.property(width, fc.constantFrom("\n", "\r\n"), (rows, end) => {
        expect(parseCsv(rows.map((row) => row.map(quote).join(",")).join(end))).toEqual(rows);
      }),
    );
  });

  it("names the row of a quote that never ends", () => expect(() => parseCsv('a,b\n1,2\n"x,3\ny,4\n')).toThrow("Row 3 of data.csv opens a quote"));
});

it.each([
  ["1", 1],
  ["-1.5", -1.5],
  [" 2 ", 2],
  [".5", 0.5],
  ["1e3", 1_000],
  ["1,234.5", 1_234.5],
  ["$3", 3],
  ["12 %", 12],
  ["", undefined],
  ["-", undefined],
  ["1,2", undefined],
  ["0x10", undefined],
  ["Infinity", undefined],
  ["2024-01", undefined],
  ["3 m", undefined],
])("numberIn(%j) is %j", (cell, number) => expect(numberIn(cell)).toBe(number));

describe("tableOf", () => {
  it("tells numbers from others; an empty cell is a gap, a short row has them at its end", () => {
    const [month, rain, sun] = columns("Month,Rain,Sun\n2024-01,1,\n2024-02,,5\n2024-03\n");
    expect([month?.numeric, rain?.numeric, sun?.numeric]).toEqual([false, true, true]);
    expect(rain?.values).toEqual([1, undefined, undefined]);
    expect(sun?.values).toEqual([undefined, 5, undefined]);
  });

  it("takes a first column of years for the rows' names, and writes years without a comma", () => {
    const [year, built] = columns("year,built\n2023,1995\n2024,2001\n");
    expect([year?.labels, built?.labels]).toEqual([true, false]);
    expect(texts(year)).toEqual(["2023", "2024"]);
  });

  it("writes as many decimals as the column has, small numbers too, and keeps units", () => {
    const [small, mixed, percent] = columns("a,b,c\n0.0012,86,12 %\n0.02,63.1,7 %\n");
    expect(texts(small)).toEqual(["0.0012", "0.0200"]);
    expect(texts(mixed)).toEqual(["86.0", "63.1"]);
    expect(texts(percent)).toEqual(["12 %", "7 %"]);
  });

  it.each([
    ["", "data.csv is empty"],
    ["\n\n", "data.csv is empty"],
    ["a,b\n", "no rows"],
    ["a,b\n1,2,3\n", "Row 2 of data.csv has 3 cells"],
    ["a,b\nx,y\n", "no column of numbers"],
    ["a;b\n1;2\n", "separated by semicolons"],
    ["a\tb\n1\t2\n", "separated by semicolons or tabs"],
  ])("says what is wrong with %j", (text, message) => expect(() => tableOf(text)).toThrow(message));

  it("reads the example that comes with it", () => {
    const example = tableOf(readFileSync(join(templates, "csv-dashboard/site/data.csv"), "utf8"));
    expect(example.length).toBe(24);
    expect(example.columns.map(({ numeric }) => numeric)).toEqual([false, true, true, true, true]);
  });
});

it("sorts numbers as numbers, text as people do, equal rows as they were, empty cells last both ways", () => {
  const { columns: found, length } = tableOf("name,n\nb,10\na10,9\na9,\nB,10\n");
  const [name, n] = found as [Column, Column];
  expect(sortedRows(n, true, length)).toEqual([1, 0, 3, 2]);
  expect(sortedRows(n, false, length)).toEqual([0, 3, 1, 2]);
  expect(sortedRows(name, true, length).map((row) => name.cells[row])).toEqual(["a9", "a10", "b", "B"]);
});
