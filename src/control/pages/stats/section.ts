/** A part of the page, under its heading. */
import { html } from "hono/html";
import type { Content, Html } from "../html.ts";

export const section = (id: string, title: string, content: Content): Html => html`<section id="${id}" aria-labelledby="${id}-title">
  <h2 id="${id}-title">${title}</h2>
  ${content}
</section>
`;

/** Nothing is there: what that means, and the command that comes next. */
export const empty = (words: string, command?: string): Html => html`<p class="empty">${words}${command ? html` <code>${command}</code>` : null}</p>`;
