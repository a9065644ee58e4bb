/** A table in a box of its own, which scrolls instead of the page. */
import { html } from "hono/html";
import type { Content, Html } from "../html.ts";

interface Column<Row> {
  title: string;
  cell(row: Row): Content;
  /** Numbers stand on the right, digit under digit. Reasons are wide, and wrap. */
  kind?: "number" | "reason" | "use";
  /** Names its row. */
  head?: boolean;
}

interface Table<Row> {
  /** The box keeps its place by it when figures are replaced. */
  id: string;
  caption: Content;
  columns: Column<NoInfer<Row>>[];
  rows: Row[];
  /** Long ones scroll downwards, too, under a head that stays. */
  long?: boolean;
  /** On a phone each row is a paragraph, for those with a reason in it. */
  stack?: boolean;
  /** What a row is besides: it stands out. */
  mark?(row: NoInfer<Row>): "bad" | null;
}

export function table<Row>({ id, caption, columns, rows, long, stack, mark }: Table<Row>): Html {
  const box = ["scroll", long ? "long" : "", stack ? "stack" : ""].join(" ").trim();
  return html`<div class="${box}" id="${id}" role="group" aria-labelledby="${id}-caption" tabindex="0">
  <table>
    <caption id="${id}-caption">${caption}</caption>
    <thead><tr>${columns.map(({ title, kind }) => html`<th scope="col" class="${kind ?? ""}">${title}</th>`)}</tr></thead>
    <tbody>
      ${rows.map((row) => html`<tr class="${mark?.(row) ?? ""}">${columns.map((column) => cellOf(column, row))}</tr>\n`)}
    </tbody>
  </table>
</div>`;
}

const cellOf = <Row>({ title, kind, head, cell }: Column<Row>, row: Row): Html =>
  head ? html`<th scope="row" class="${kind ?? ""}">${cell(row)}</th>` : html`<td class="${kind ?? ""}" data-title="${title}">${cell(row)}</td>`;
