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
  /** What a row is besides: it stands out. */
  mark?(row: NoInfer<Row>): "bad" | null;
}

export const table = <Row>({
  id,
  caption,
  columns,
  rows,
  long,
  mark,
}: Table<Row>): Html => html`<div class="${long ? "scroll long" : "scroll"}" id="${id}" role="region" aria-labelledby="${id}-caption" tabindex="0">
  <table>
    <caption id="${id}-caption">${caption}</caption>
    <thead><tr>${columns.map(({ title, kind }) => html`<th scope="col" class="${kind ?? ""}">${title}</th>`)}</tr></thead>
    <tbody>
      ${rows.map(
        (row) => html`<tr class="${mark?.(row) ?? ""}">${columns.map(({ cell, kind, head }) =>
          head ? html`<th scope="row" class="${kind ?? ""}">${cell(row)}</th>` : html`<td class="${kind ?? ""}">${cell(row)}</td>`,
        )}</tr>
      `,
      )}
    </tbody>
  </table>
</div>`;
