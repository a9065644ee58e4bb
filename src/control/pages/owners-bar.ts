/** The bar above the platform's pages: where one can go, who one is, and the way out. */
import { html } from "hono/html";
import type { Html } from "./html.ts";
import { signOutForm } from "./message.ts";
import { costsPath, home } from "./next.ts";
import type { Who } from "./ports.ts";

const pages = { platform: { path: home, title: "Platform" }, costs: { path: costsPath, title: "Costs" } };

export const ownersBar = (here: keyof typeof pages, { tenantId, userId }: Who): Html => html`<nav aria-label="Pages"><ul class="links">
        ${Object.entries(pages).map(([name, { path, title }]) => html`<li><a href="${path}" ${name === here ? html`aria-current="page"` : null}>${title}</a></li>`)}
      </ul></nav>
      <p class="freshness" id="freshness" role="status"></p><p class="who">${tenantId}/${userId}</p>${signOutForm()}`;
