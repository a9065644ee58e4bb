/** A page for the platform's owners alone. */
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { answer } from "./answer.ts";
import { whoAsks } from "./cookie.ts";
import type { Html } from "./html.ts";
import { lesserRolePage } from "./message.ts";
import { originOf } from "./own-form.ts";
import { paged } from "./paged.ts";
import type { PagePorts, Who } from "./ports.ts";
import { signInPath } from "./sign-in.ts";

export function addOwnersPage(app: Hono, ports: PagePorts, path: string, page: (context: Context, who: Who) => Promise<Html>): void {
  const show = async (context: Context): Promise<Response> => {
    const who = await whoAsks(context, ports);
    if (!who && context.req.header("sec-fetch-site") === "cross-site") return await answer(context, onceMorePage(path));
    if (!who) return context.redirect(`${signInPath}?next=${encodeURIComponent(path)}`, 303);
    if (who.role !== "global_owner") return await answer(context, lesserRolePage(who, originOf(context, ports.secure), ports.version), 403);
    return await answer(context, await page(context, who));
  };
  app.get(path, paged(ports, show));
}

/** Who follows a link on another site comes without the strict cookie, signed in or not; one step from here has it. */
const onceMorePage = (path: string): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>chartctl</title>
    <meta http-equiv="refresh" content="0">
  </head>
  <body><a href="${path}">Go on to the platform</a></body>
</html>
`;
