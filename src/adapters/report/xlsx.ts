/**
 * Office Open XML (ECMA-376), row by row. Every cell has its type, and none is a formula: nothing that somebody else wrote can be
 * taken for one. Amounts are written with all their decimals; whoever reads them makes a double of them.
 */
import type { Cell, ReportTable, TableColumn } from "../../core/costs/report/tables.ts";
import { currencyDigits } from "../../core/money.ts";
import type { ZipEntry } from "./zip.ts";
import { zipped } from "./zip.ts";

export interface Workbook {
  title: string;
  madeAt: Date;
  tables: readonly ReportTable[];
}

/** Rows of a sheet, the header included; a longer table goes on in another sheet. */
const rowsOfSheet = 1_048_576;
const atOnce = 65_536;
const longestText = 32_767;

export const xlsx = (workbook: Workbook, mostRows = rowsOfSheet): AsyncGenerator<Uint8Array> => zipped(parts(workbook, mostRows), workbook.madeAt);

async function* parts({ title, madeAt, tables }: Workbook, mostRows: number): AsyncGenerator<ZipEntry> {
  const styles = cellStyles();
  const names: string[] = [];
  const part = (name: string, xml: string): ZipEntry => ({ name, text: [`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${xml}`] });
  yield part("_rels/.rels", relations(["officeDocument", "xl/workbook.xml"], ["metadata/core-properties", "docProps/core.xml"]));
  for (const { name, columns, rows } of tables) {
    const rest = withNext(rows);
    for (let sheet = 1; sheet === 1 || rest.next() !== undefined; sheet++) {
      names.push(sheet === 1 ? name : `${name} ${sheet}`);
      if (sheet === 1) await rest.advance();
      yield { name: `xl/worksheets/sheet${names.length}.xml`, text: sheetXml(columns, rest, mostRows, styles) };
    }
  }
  yield part("xl/styles.xml", styles.xml());
  yield part(
    "xl/workbook.xml",
    `<workbook xmlns="${main}" xmlns:r="${relationship}"><sheets>${names.map((name, at) => `<sheet name="${escaped(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`).join("")}</sheets></workbook>`,
  );
  const sheets = names.map((_, at): [string, string] => ["worksheet", `worksheets/sheet${at + 1}.xml`]);
  yield part("xl/_rels/workbook.xml.rels", relations(...sheets, ["styles", "styles.xml"]));
  yield part(
    "docProps/core.xml",
    `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${escaped(title)}</dc:title><dc:creator>chartctl</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">${madeAt.toISOString().slice(0, 19)}Z</dcterms:created></cp:coreProperties>`,
  );
  yield part("[Content_Types].xml", contentTypes(names.length));
}

const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const relationship = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

const relations = (...targets: [type: string, target: string][]): string =>
  `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${targets
    .map(([type, target], at) => {
      const base = type.startsWith("metadata/") ? "http://schemas.openxmlformats.org/package/2006/relationships" : relationship;
      return `<Relationship Id="rId${at + 1}" Type="${base}/${type}" Target="${target}"/>`;
    })
    .join("")}</Relationships>`;

function contentTypes(sheets: number): string {
  const spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const overrides: [string, string][] = [
    ["/xl/workbook.xml", `${spreadsheet}.sheet.main+xml`],
    ["/xl/styles.xml", `${spreadsheet}.styles+xml`],
    ["/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"],
    ...Array.from({ length: sheets }, (_, at): [string, string] => [`/xl/worksheets/sheet${at + 1}.xml`, `${spreadsheet}.worksheet+xml`]),
  ];
  return `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${overrides.map(([name, type]) => `<Override PartName="${name}" ContentType="${type}"/>`).join("")}</Types>`;
}

/** A table's rows, and whether there is another one: a sheet that is full begins the next only when there is. */
interface Rows {
  next(): Cell[] | undefined;
  advance(): Promise<void>;
}

function withNext(rows: ReportTable["rows"]): Rows {
  const iterator = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
  let next: Cell[] | undefined;
  return {
    next: () => next,
    advance: async () => {
      const { done, value } = await iterator.next();
      next = done ? undefined : value;
    },
  };
}

async function* sheetXml(columns: readonly TableColumn[], rows: Rows, mostRows: number, styles: CellStyles): AsyncGenerator<string> {
  const letters = columns.map((_, at) => String.fromCharCode(65 + at));
  const width = ({ width: characters }: TableColumn, at: number): string => `<col min="${at + 1}" max="${at + 1}" width="${characters}" customWidth="1"/>`;
  const title = (column: TableColumn, at: number): string => textCell(`${letters[at]}1`, column.title, styles.header(column.kind));
  let xml =
    `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="${main}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>` +
    `<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="${lineHeight}"/>` +
    `<cols>${columns.map(width).join("")}</cols><sheetData><row r="1">${columns.map(title).join("")}</row>`;
  let at = 1;
  for (let row = rows.next(); row !== undefined && at < mostRows; row = rows.next()) {
    at++;
    xml += `<row r="${at}"${heightOf(row)}>`;
    for (let column = 0; column < row.length; column++) xml += cellXml(`${letters[column]}${at}`, row[column] ?? null, columns[column]?.kind, styles);
    xml += "</row>";
    if (xml.length > atOnce) {
      yield xml;
      xml = "";
    }
    await rows.advance();
  }
  yield `${xml}</sheetData><pageSetup orientation="landscape" fitToHeight="0"/></worksheet>`;
}

/** In points. */
const lineHeight = 15;
/** Of a spreadsheet's row. */
const mostHeight = 409;

/** Programs that don't look how much is in a cell would draw its lines over other rows. */
function heightOf(row: readonly Cell[]): string {
  const lines = Math.max(1, ...row.map((cell) => (typeof cell === "string" && cell.includes("\n") ? cell.split("\n").length : 1)));
  return lines === 1 ? "" : ` ht="${Math.min(mostHeight, lines * lineHeight)}" customHeight="1"`;
}

function cellXml(at: string, cell: Cell, kind: TableColumn["kind"] | undefined, styles: CellStyles): string {
  if (cell === null) return "";
  if (typeof cell === "string") return textCell(at, cell, styles.text(kind, cell));
  const number = (value: string | number, code: string): string => `<c r="${at}" s="${styles.format(code, kind)}"><v>${value}</v></c>`;
  if ("amount" in cell) return number(decimal(cell.amount), currencyFormat(cell.currency));
  if ("ratio" in cell) return number(decimal(cell.ratio), "0.0%");
  if ("count" in cell) return number(cell.count, "0");
  return number(serialOf(cell.day), "yyyy\\-mm\\-dd");
}

const textCell = (at: string, text: string, style: number): string =>
  `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escaped(text.slice(0, longestText))}</t></is></c>`;

/** Days since 30 December 1899, which is where spreadsheets begin to count. */
const serialOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000 + 25_569;

function decimal(amount: string): string {
  if (/^-?\d+(\.\d+)?$/.test(amount)) return amount;
  throw new Error(`no decimal: ${amount}`);
}

/** ECMA-376 part 1, 22.9.2.19: what XML has no place for is written as `_x000B_`, and so is what looks like it. */
const escaped = (text: string): string =>
  text
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, "_x005F_")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
    .replace(/[\u0000-\u0008\u000B\u000C\u000D\u000E-\u001F]/g, (control) => `_x${control.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`)
    .replace(/[\p{Surrogate}\uFFFE\uFFFF]/gu, "\uFFFD")
    .replace(/[&<>"]/g, (mark) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[mark] as string);

/** With as many decimals as the currency has: amounts stand beneath each other. The cell keeps all of its own. */
const currencyFormat = (currency: string): string => {
  const digits = currencyDigits(currency);
  const number = digits === 0 ? "#,##0" : `#,##0.${"0".repeat(digits)}`;
  if (currency === "USD") return `"$"${number};-"$"${number}`;
  return /^[A-Z]{3}$/.test(currency) ? `${number}" ${currency}"` : number;
};

type CellStyles = ReturnType<typeof cellStyles>;

/** Formats are numbered as they come; built-in ones end before 164. */
function cellStyles() {
  const formats: string[] = [];
  /** A format to the right, as figures stand, and then to the left, as text does. */
  const sides = ["right", "left"] as const;
  const fixed = { plain: 0, right: 1, header: 2, headerRight: 3, lines: 4 };
  const toRight = (kind: TableColumn["kind"] | undefined): boolean => kind !== "text" && kind !== "day";
  const cell = (attributes: string, side?: string): string =>
    `<xf ${attributes} fillId="0" xfId="0"${side ? ` applyAlignment="1"><alignment horizontal="${side}"/></xf>` : "/>"}`;
  return {
    text: (kind: TableColumn["kind"] | undefined, text: string): number => (kind === "exact" ? fixed.right : text.includes("\n") ? fixed.lines : fixed.plain),
    header: (kind: TableColumn["kind"]): number => (toRight(kind) ? fixed.headerRight : fixed.header),
    format: (code: string, kind: TableColumn["kind"] | undefined): number => {
      const known = formats.indexOf(code);
      const format = known >= 0 ? known : formats.push(code) - 1;
      return Object.keys(fixed).length + format * sides.length + (toRight(kind) ? 0 : 1);
    },
    xml: (): string => {
      const plain = `numFmtId="0" fontId="0" borderId="0"`;
      const header = `numFmtId="0" fontId="1" borderId="1" applyFont="1" applyBorder="1"`;
      const cells = [
        cell(plain),
        cell(plain, "right"),
        cell(header),
        cell(header, "right"),
        `<xf ${plain} fillId="0" xfId="0" applyAlignment="1"><alignment wrapText="1"/></xf>`,
        ...formats.flatMap((_, at) => sides.map((side) => cell(`numFmtId="${164 + at}" fontId="0" borderId="0" applyNumberFormat="1"`, side))),
      ];
      const numbers = formats.map((code, at) => `<numFmt numFmtId="${164 + at}" formatCode="${escaped(code)}"/>`).join("");
      return (
        `<styleSheet xmlns="${main}">${formats.length > 0 ? `<numFmts count="${formats.length}">${numbers}</numFmts>` : ""}` +
        `<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
        `<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
        `<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left/><right/><top/><bottom style="thin"><color rgb="FF9AA0A6"/></bottom><diagonal/></border></borders>` +
        `<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
        `<cellXfs count="${cells.length}">${cells.join("")}</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`
      );
    },
  };
}
