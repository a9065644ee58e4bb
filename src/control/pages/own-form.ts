/** Forms that our own pages sent: checked for where they come from, and read within bounds. */
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { ChartctlError } from "../../errors.ts";

const maxBytes = 10_000;

/**
 * Error `csrf.origin` (auth, 403). No page script can forge either header. `Sec-Fetch-Site` decides where a browser sends
 * it, because it is right behind every proxy; it isn't sent over plain HTTP, and there `Origin` decides.
 */
export const ownForm = (secure: boolean): MiddlewareHandler =>
  createMiddleware(async (context, next) => {
    const site = context.req.header("sec-fetch-site");
    const ours = site === undefined ? context.req.header("origin") === originOf(context, secure) : site === "same-origin";
    if (!ours) {
      throw new ChartctlError({
        kind: "auth",
        code: "csrf.origin",
        message: "The form was not sent from this site",
        hint: "open the page itself, and send its own form",
      });
    }
    await next();
  });

/** TLS ends at a proxy in front, so the request's own scheme says nothing. */
export const originOf = (context: Context, secure: boolean): string => `${secure ? "https" : "http"}://${new URL(context.req.url).host}`;

/** Error `request.too-large` (usage). */
export const smallForm: MiddlewareHandler = bodyLimit({
  maxSize: maxBytes,
  onError: () => {
    throw new ChartctlError({ kind: "usage", code: "request.too-large", message: `The form is larger than ${maxBytes} bytes`, details: { maxBytes } });
  },
});

/** Missing fields are empty. */
export async function fieldsOf<Name extends string>(context: Context, names: readonly Name[]): Promise<Record<Name, string>> {
  const sent = new URLSearchParams(await context.req.text());
  return Object.fromEntries(names.map((name) => [name, sent.get(name) ?? ""])) as Record<Name, string>;
}
