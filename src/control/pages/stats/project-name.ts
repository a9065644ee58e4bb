/** A project's name is its tenant's and its own. */
import { html } from "hono/html";
import type { Html } from "../html.ts";

export const project = ({ tenantId, projectId }: { tenantId: string; projectId: string }): Html => html`<span class="quiet">${tenantId}/</span>${projectId}`;
