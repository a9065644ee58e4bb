/** The stats page, for the platform's owners alone. */
import type { Context, Hono } from "hono";
import { html } from "hono/html";
import { answer } from "../answer.ts";
import { whoAsks } from "../cookie.ts";
import type { Html } from "../html.ts";
import { lesserRolePage } from "../message.ts";
import { home } from "../next.ts";
import { originOf } from "../own-form.ts";
import { paged } from "../paged.ts";
import type { PagePorts } from "../ports.ts";
import { signInPath } from "../sign-in.ts";
import { statsPage } from "./page.ts";

export function addStats(app: Hono, ports: PagePorts): void {
  const show = async (context: Context): Promise<Response> => {
    const who = await whoAsks(context, ports);
    if (!who && context.req.header("sec-fetch-site") === "cross-site") return await answer(context, onceMorePage());
    if (!who) return context.redirect(`${signInPath}?next=${encodeURIComponent(home)}`, 303);
    if (who.role !== "global_owner") return await answer(context, lesserRolePage(who, originOf(context, ports.secure), ports.version), 403);
    return await answer(context, statsPage(await ports.stats(), who, ports.version));
  };
  app.get(home, paged(ports, show));
}

/** Who follows a link on another site comes without the strict cookie, signed in or not; one step from here has it. */
const onceMorePage = (): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>chartctl</title>
    <meta http-equiv="refresh" content="0">
  </head>
  <body><a href="${home}">Go on to the platform</a></body>
</html>
`;
