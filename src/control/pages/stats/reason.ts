/** Why something failed: short ones whole, long ones folded. */
import { html } from "hono/html";
import type { Html } from "../html.ts";

const shown = 160;

/** `id` keeps an opened one open when figures are replaced. */
export function reason(id: string, message: string, code?: string): Html {
  const label = code === undefined ? null : html`<code>${code}</code> `;
  if (message.length <= shown) return html`${label}${message}`;
  return html`<details id="${id}"><summary id="${id}-summary">${label}${message.slice(0, shown)}…</summary><p>${message}</p></details>`;
}
