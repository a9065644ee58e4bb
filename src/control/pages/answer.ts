/** Answers with a page, under headers that let it do what it needs and nothing else. */
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ChartctlError } from "../../errors.ts";
import { isChartctlError } from "../../errors.ts";
import { problemOf } from "../problems.ts";
import type { Html } from "./html.ts";

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

const headers = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  // Not `no-referrer`: browsers would then send our own forms with `Origin: null`.
  "referrer-policy": "same-origin",
  // Figures and names are for who is signed in now, not for the back button of who comes next.
  "cache-control": "no-store",
};

export async function answer(context: Context, page: Html, status = 200): Promise<Response> {
  return context.html(await page, status as ContentfulStatusCode, headers);
}

/** What a person reads of an error, with its status. Rethrows what is our bug: the app tells those. */
export function toldOf(context: Context, error: unknown): { error: ChartctlError; status: number } {
  if (!isChartctlError(error) || error.kind === "bug") throw error;
  const { status } = problemOf(error);
  const wait = error.details?.retryAfterSeconds;
  if (status === 429 || status === 503) context.header("retry-after", String(wait ?? 1));
  return { error, status };
}
