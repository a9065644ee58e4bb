/** Pages that only say something: why there is no other, and what to do. */
import { html } from "hono/html";
import type { ChartctlError } from "../../errors.ts";
import type { Html } from "./html.ts";
import { layout } from "./layout.ts";
import type { Who } from "./ports.ts";

/** What an error says, above a form or alone. */
export const told = ({ message, hint }: ChartctlError): Html =>
  html`<div class="told" role="alert"><p>${message}.</p> ${hint ? html`<p class="quiet">${sentence(hint)}</p>` : null}</div>`;

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const errorPage = (error: ChartctlError, version: string): Html =>
  layout(
    { title: "Not now", kind: "card", version },
    html`<main><h1>This page can’t be shown</h1>${told(error)}<p class="quiet">Error <code>${error.code}</code></p></main>`,
  );

export const lesserRolePage = (who: Who, origin: string, version: string): Html =>
  layout(
    { title: "Not allowed", kind: "card", version },
    html`<main>
      <h1>This page is for the platform’s owners</h1>
      <p>It shows all tenants, and wants the role <code>global_owner</code>. You are signed in as <b>${who.tenantId}/${who.userId}</b>, with the role <code>${who.role}</code>.</p>
      ${terminal("Your own projects are at your terminal:", who, origin)}
      ${signOutForm("Sign out, to sign in as somebody else")}
    </main>`,
  );

export const passwordSetPage = (who: Who, origin: string, version: string): Html =>
  layout(
    { title: "Password set", kind: "card", version },
    html`<main>
      <h1>Your password is set</h1>
      <p>You are <b>${who.tenantId}/${who.userId}</b>, with the role <code>${who.role}</code>.</p>
      ${terminal("Go on at your terminal:", who, origin)}
      ${signOutForm("Sign out here")}
    </main>`,
  );

const terminal = (words: string, { tenantId, userId }: Who, origin: string): Html =>
  html`<p>${words}</p><pre>chartctl login --api-url ${origin} \\
  -t ${tenantId} --user ${userId}</pre>`;

export const signOutForm = (words = "Sign out"): Html => html`<form method="post" action="/sign-out"><button class="plain">${words}</button></form>`;
