/** A workbook, unzipped and read by another's reader: what a spreadsheet finds in its cells. */
import { buffer } from "node:stream/consumers";
import { strFromU8, unzipSync } from "fflate";
import readWorkbook from "read-excel-file/node";
import { describe, expect, test } from "vitest";
import { csv } from "../../../src/adapters/report/csv.ts";
import { xlsx } from "../../../src/adapters/report/xlsx.ts";
import type { Cell, ReportTable } from "../../../src/core/costs/report/tables.ts";

const columns: ReportTable["columns"] = [
  { title: "Day (UTC)", kind: "day", width: 12 },
  { title: "Project", kind: "text", width: 20 },
  { title: "Actual", kind: "amount", width: 14 },
  { title: "Actual, exact", kind: "exact", width: 20 },
  { title: "Share", kind: "ratio", width: 9 },
  { title: "Projects", kind: "count", width: 9 },
];
const hostile = [
  '=HYPERLINK("http://evil")',
  "@SUM(A1)",
  "-1+1",
  "</t></is><script>&\"'",
  "bell\u0007 _x0041_ \uD800\uFFFF",
  " spaces ",
  "__proto__",
  "ä€😀\nline",
];
const row = (project: string, amount = "0.1000000001", currency = "USD"): Cell[] => [
  { day: "2026-10-31" },
  project,
  { amount, currency },
  amount,
  { ratio: "0.125" },
  { count: 3 },
];
const book = async (tables: ReportTable[], mostRows?: number): Promise<Buffer> =>
  await buffer(xlsx({ title: "Costs <of> acme", madeAt: new Date("2026-11-03T12:00:00Z"), tables }, mostRows));
const table = (rows: ReportTable["rows"], name = "Projects"): ReportTable => ({ name, columns, rows });

describe("a workbook", () => {
  test("has text as text, whatever it looks like, numbers as numbers, and days as days", async () => {
    const [sheet] = await readWorkbook(await book([table(hostile.map((text) => row(text)))]));
    expect(sheet?.sheet).toBe("Projects");
    const [titles, ...rows] = sheet?.data ?? [];
    expect(titles).toEqual(columns.map(({ title }) => title));
    for (const [at, text] of hostile.entries()) {
      const [day, project, ...rest] = rows[at] ?? [];
      expect(day).toEqual(new Date("2026-10-31T00:00:00Z"));
      expect(project).toBe(text.replace(/[\uD800\uFFFF]/g, "\uFFFD").trim()); // XML has no place for those; the reader trims
      expect(rest).toEqual([0.1000000001, "0.1000000001", 0.125, 3]);
    }
  });
  test("has no formula, no link, and no part that could run", async () => {
    const parts = unzipSync(await book([table(hostile.map((text) => row(text)))]));
    expect(Object.keys(parts).sort()).toEqual([
      "[Content_Types].xml",
      "_rels/.rels",
      "docProps/core.xml",
      "xl/_rels/workbook.xml.rels",
      "xl/styles.xml",
      "xl/workbook.xml",
      "xl/worksheets/sheet1.xml",
    ]);
    for (const xml of Object.values(parts).map((bytes) => strFromU8(bytes))) expect(xml).not.toMatch(/<f[ >]|<hyperlink|TargetMode|<script/i);
  });
  test("keeps every decimal of an amount, and shows each currency as its own", async () => {
    const parts = unzipSync(
      await book([table([row("a", "-12345678901234567.0000000001"), row("b", "1", "EUR"), row("c", "1", '"x'), row("d", "1", "JPY"), row("e", "1", "KWD")])]),
    );
    const sheet = strFromU8(parts["xl/worksheets/sheet1.xml"] as Uint8Array);
    expect(sheet).toContain("<v>-12345678901234567.0000000001</v>");
    expect(sheet).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>');
    const formats = [...strFromU8(parts["xl/styles.xml"] as Uint8Array).matchAll(/formatCode="([^"]*)"/g)].map(([, code]) => code);
    expect(formats).toEqual([
      "yyyy\\-mm\\-dd",
      "&quot;$&quot;#,##0.00;-&quot;$&quot;#,##0.00",
      "0.0%",
      "0",
      "#,##0.00&quot; EUR&quot;",
      "#,##0.00",
      "#,##0&quot; JPY&quot;",
      "#,##0.000&quot; KWD&quot;",
    ]);
  });
  test("gives a name of several lines a row that is as high, or it would be drawn over others", async () => {
    const parts = unzipSync(await book([table([row("one"), row("two\nlines")])]));
    const sheet = strFromU8(parts["xl/worksheets/sheet1.xml"] as Uint8Array);
    expect([...sheet.matchAll(/<row r="\d"([^>]*)>/g)].map(([, more]) => more)).toEqual(["", "", ' ht="30" customHeight="1"']);
    const [, one, two] = [...sheet.matchAll(/<c r="B\d" s="(\d+)"/g)].map(([, style]) => Number(style));
    const styles = /<cellXfs[^>]*>(.*)<\/cellXfs>/.exec(strFromU8(parts["xl/styles.xml"] as Uint8Array))?.[1]?.match(/<xf [^>]*\/>|<xf .*?<\/xf>/g) ?? [];
    expect([styles[one ?? -1], styles[two ?? -1]].map((style) => style?.includes('wrapText="1"'))).toEqual([false, true]);
  });
  test("whose sheet is full goes on in another one, and has an empty one for an empty table", async () => {
    async function* many() {
      for (let at = 0; at < 7; at++) yield row(`p${at}`);
    }
    const sheets = await readWorkbook(await book([table(many(), "Detail"), table([], "Users")], 4));
    expect(sheets.map(({ sheet, data }) => [sheet, data.length])).toEqual([
      ["Detail", 4],
      ["Detail 2", 4],
      ["Detail 3", 2],
      ["Users", 1],
    ]);
    expect(sheets.flatMap(({ data }) => data.slice(1).map((cells) => cells[1]))).toEqual(["p0", "p1", "p2", "p3", "p4", "p5", "p6"]);
  });
  test("of the same content has the same bytes", async () => {
    expect(await book([table([row("a")])])).toEqual(await book([table([row("a")])]));
  });
  test("ends with the failure of what it is made of", async () => {
    async function* broken() {
      yield row("a");
      throw new Error("the source broke");
    }
    await expect(book([table(broken())])).rejects.toThrow("the source broke");
  });
});

describe("comma-separated values", () => {
  test("have no formula, and every decimal", async () => {
    let text = "";
    for await (const part of csv(table([...hostile.slice(0, 4).map((one) => row(one)), row("a", "-0.5")]))) text += part;
    expect(text.split("\n")).toEqual([
      "day (utc),project,actual,share,projects",
      `2026-10-31,"'=HYPERLINK(""http://evil"")",0.1000000001,0.125,3`,
      "2026-10-31,'@SUM(A1),0.1000000001,0.125,3",
      "2026-10-31,'-1+1,0.1000000001,0.125,3",
      `2026-10-31,"</t></is><script>&""'",0.1000000001,0.125,3`,
      "2026-10-31,a,-0.5,0.125,3",
      "",
    ]);
  });
  test("come some rows at a time, whatever there are", async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read++;
        yield row("a");
      }
    }
    const parts = csv(table(endless()));
    await parts.next();
    await parts.next();
    expect(read).toBe(1_000);
  });
});
