/** Markup of the report's page, from hono's `html`, which escapes whatever is put into it. */
import { html } from "hono/html";
import { clipped } from "../clipped.ts";
import { readable } from "../names.ts";

/** Longer ones are clipped: all of it is behind the name. */
const mostShown = 60;
/** Shorter ones are never broken. */
const mostOnALine = 20;

/** What anybody named: it turns nothing around it round, and makes no row higher than a few lines; on paper, which unfolds nothing, it is whole. */
export function named(name: string): Html {
  const whole = readable(name);
  const shown = clipped(whole, mostShown).trimEnd();
  if (whole.length <= mostOnALine) return html`<bdi class="short">${whole}</bdi>`;
  if (shown === whole) return html`<bdi>${whole}</bdi>`;
  return html`<details><summary title="${whole}"><bdi>${shown}</bdi></summary><bdi>${whole}</bdi></details><bdi class="printed">${whole}</bdi>`;
}

export type Html = ReturnType<typeof html>;
export type Content = Html | string | number | null | Content[];

export const section = (id: string, title: string, content: Content): Html => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>
`;

export interface PageColumn<Row> {
  title: string;
  cell(row: Row): Content;
  kind?: "number" | "bar";
  /** Names its row. */
  head?: boolean;
  /** The sum, beneath. */
  foot?: Content;
  /** Can be missed on a small screen. */
  minor?: boolean;
}

/** In a box of its own, which scrolls instead of the page. */
export function pageTable<Row>({ id, caption, columns, rows }: { id: string; caption: Content; columns: PageColumn<NoInfer<Row>>[]; rows: Row[] }): Html {
  const kind = ({ kind: of, minor }: PageColumn<Row>): string => [of ?? "", minor ? "minor" : ""].join(" ").trim();
  const summed = columns.some(({ foot }) => foot !== undefined);
  return html`<p class="caption" id="${id}-caption">${caption}</p>
<div class="scroll" role="group" aria-labelledby="${id}-caption" tabindex="0">
<table aria-labelledby="${id}-caption">
<thead><tr>${columns.map((column) => html`<th scope="col" class="${kind(column)}">${column.kind === "bar" ? html`<span class="unseen">${column.title}</span>` : column.title}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr>${columns.map((column) =>
    column.head ? html`<th scope="row">${column.cell(row)}</th>` : html`<td class="${kind(column)}">${column.cell(row)}</td>`,
  )}</tr>
`,
)}</tbody>
${
  summed
    ? html`<tfoot><tr>${columns.map((column) =>
        column.head ? html`<th scope="row">${column.foot ?? null}</th>` : html`<td class="${kind(column)}">${column.foot ?? null}</td>`,
      )}</tr></tfoot>`
    : null
}
</table>
</div>`;
}
