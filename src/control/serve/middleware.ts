/** What every request of a hosted control API passes: its id, its log line, headers, origins, and its address's limit. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Context, Hono, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { routePath } from "hono/route";
import { ChartctlError } from "../../errors.ts";
import { tenantHeader, userHeader } from "../principal.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

export interface MiddlewareOptions {
  log: Log;
  metrics: Metrics;
  corsOrigins: string[];
  metricsToken: string | undefined;
  /** Behind HTTPS: then browsers are told to stay there. */
  secure: boolean;
  addressOf(request: Request): string;
  admit(address: string): Promise<void>;
  /** True while the server shuts down. */
  stopping(): boolean;
}

/** Before all routes. Order matters: what refuses comes after what logs. */
export function useMiddleware(app: Hono, options: MiddlewareOptions): void {
  app.use("*", identified);
  app.use("*", logged(options));
  app.use("*", headed(options.secure));
  if (options.corsOrigins.length > 0) {
    app.use(
      "/api/*",
      cors({
        origin: options.corsOrigins,
        allowHeaders: ["authorization", "content-type", "idempotency-key", "if-match", "last-event-id", tenantHeader, userHeader],
        allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
        exposeHeaders: ["etag", "retry-after", "x-request-id"],
        maxAge: 600,
      }),
    );
  }
  app.use("*", async (context, next) => {
    if (options.stopping()) {
      context.header("connection", "close");
      if (context.req.path !== "/api/health")
        throw new ChartctlError({ kind: "external", code: "server.stopping", message: "This server is shutting down", hint: "send the request again" });
    }
    if (!isProbe(context.req.path)) await options.admit(options.addressOf(context.req.raw));
    await next();
  });
  app.get("/metrics", async (context) => {
    requireToken(context, options.metricsToken);
    return context.text(await options.metrics.text(), 200, { "content-type": options.metrics.contentType });
  });
}

/** A host's own looks, several a second from one address, are no abuse. */
const isProbe = (path: string): boolean => path === "/api/health" || path === "/api/ready";

/** A router before us may have given the request an id already; what isn't one is replaced. */
const identified: MiddlewareHandler = async (context, next) => {
  const given = context.req.header("x-request-id") ?? "";
  context.header("x-request-id", /^[\w.-]{8,64}$/.test(given) ? given : randomBytes(12).toString("hex"));
  await next();
};

const logged =
  ({ log, metrics }: MiddlewareOptions): MiddlewareHandler =>
  async (context, next) => {
    const started = performance.now();
    await next();
    const seconds = (performance.now() - started) / 1_000;
    const { method, path } = context.req;
    const status = context.res.status;
    metrics.request({ method, route: routePath(context, -1), status, seconds });
    if (status === 429) metrics.limited();
    if (isProbe(path) && status === 200) return;
    log.info({ message: "request", requestId: context.res.headers.get("x-request-id"), method, path, status, milliseconds: Math.round(seconds * 1_000) });
  };

const headed =
  (secure: boolean): MiddlewareHandler =>
  async (context, next) => {
    await next();
    const { headers } = context.res;
    headers.set("x-content-type-options", "nosniff");
    if (!headers.has("referrer-policy")) headers.set("referrer-policy", "no-referrer");
    headers.set("x-frame-options", "DENY");
    headers.set("cross-origin-resource-policy", "same-origin");
    if (secure) headers.set("strict-transport-security", "max-age=31536000; includeSubDomains");
    if (!headers.has("content-security-policy")) headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  };

function requireToken(context: Context, token: string | undefined): void {
  const given = Buffer.from(/^Bearer (.+)$/.exec(context.req.header("authorization") ?? "")?.[1] ?? "");
  const wanted = Buffer.from(token ?? "");
  if (token !== undefined && given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new ChartctlError({
    kind: "auth",
    code: "auth.metrics",
    message: token === undefined ? "Metrics are off: METRICS_TOKEN is not set" : "Metrics want their own bearer token",
    hint: "set METRICS_TOKEN, and send it: Authorization: Bearer TOKEN",
  });
}

/** The client's address: the last that a trusted proxy added to X-Forwarded-For, or else the connection's. */
export function forwardedAddress(forwarded: string | undefined, trustedProxies: number, connection: string): string {
  const hops = (forwarded ?? "")
    .split(",")
    .map((hop) => hop.trim())
    .filter(Boolean);
  return (trustedProxies > 0 ? hops.at(-trustedProxies) : undefined)?.slice(0, 64) ?? connection;
}
