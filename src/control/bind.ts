/** Binds an endpoint of the contract to a handler: who asks, whether they may, what they ask, and the answer. */
import type { Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { FileAnswer } from "../contract/endpoint.ts";
import type { AnyEndpoint } from "../contract/endpoints.ts";
import type { Role } from "../contract/roles.ts";
import { atLeast } from "../contract/roles.ts";
import { ChartctlError } from "../errors.ts";
import type { Answer } from "./idempotency.ts";
import { onceByKey } from "./idempotency.ts";
import type { ControlApi } from "./parts.ts";
import type { Principal } from "./principal.ts";
import { etagOf, inputOf } from "./request.ts";
import type { Db, Tx } from "./store/database.ts";

interface Asked<Store, E extends AnyEndpoint> {
  /** As far as who asks may use it. */
  store: Store;
  params: z.output<E["params"]>;
  query: z.output<E["query"]>;
  body: z.output<E["body"]>;
  /** The version that the caller's update was made from. */
  expected: number | undefined;
}
export type Bind<Store> = <E extends AnyEndpoint>(endpoint: E, handle: (asked: Asked<Store, E>) => Promise<z.input<E["response"]>>) => void;

/** The request that is being answered, for the audit log. */
export const requestIdOf = (context: Context): string => context.res.headers.get("x-request-id") ?? context.req.header("x-request-id") ?? "";

/**
 * Endpoints that want a sign-in: nothing but the store that `storeFor` gives reaches a handler, so no route can go round
 * the tenant or the role. A write with an `Idempotency-Key` happens once, with its answer kept in the same transaction.
 */
export const binder =
  <Store>(app: Hono, api: ControlApi, storeFor: (principal: Principal, db: Db | Tx) => Store): Bind<Store> =>
  (endpoint, handle) => {
    const { allow, instead } = endpoint;
    if (allow === "anyone") throw new Error(`${endpoint.path} is for anyone: bind it in the open`);
    app.on(endpoint.method, `/api${endpoint.path}`, async (context) => {
      const principal = await api.identify(context.req, requestIdOf(context));
      await api.admit(principal);
      if (!atLeast(principal.role, allow)) throw notAllowed(principal, { allow, instead });
      const started = Date.now();
      const input = await inputOf(context, endpoint, principal.via === "operator" ? undefined : principal.caller);
      // A body that came slowly: its sender may have lost their rights meanwhile.
      const still = Date.now() - started > slowMilliseconds ? await api.identify(context.req, requestIdOf(context)) : principal;
      if (!atLeast(still.role, allow)) throw notAllowed(still, { allow, instead });
      const work = async (db: Db | Tx): Promise<Answer> => answerOf(endpoint, await handle({ store: storeFor(still, db), ...input } as never));
      const key = endpoint.replay ? context.req.header("idempotency-key") : undefined;
      return send(context, endpoint, key === undefined ? await work(api.db) : await onceByKey(api, still, key, { endpoint, input }, work));
    });
  };

const slowMilliseconds = 1_000;

const notAllowed = ({ userId, role }: Principal, { allow, instead }: { allow: Role; instead: string | null }): ChartctlError =>
  new ChartctlError({
    kind: "auth",
    code: `role.${allow}`,
    message: `This needs the role ${allow}; user ${userId} is ${role}`,
    hint: instead ?? `ask ${allow === "global_owner" ? "the platform's owners" : "an admin or owner of your tenant"}; who you are: chartctl whoami`,
  });

/** Endpoints for anyone. */
export const openBinder =
  <Store>(app: Hono, storeFor: (context: Context) => Store): Bind<Store> =>
  (endpoint, handle) => {
    if (endpoint.allow !== "anyone") throw new Error(`${endpoint.path} wants a sign-in`);
    app.on(endpoint.method, `/api${endpoint.path}`, async (context) => {
      const input = await inputOf(context, endpoint);
      return send(context, endpoint, answerOf(endpoint, await handle({ store: storeFor(context), ...input } as never)));
    });
  };

const answerOf = (endpoint: AnyEndpoint, body: unknown): Answer => {
  if (endpoint.fileTypes.length > 0) return { status: endpoint.status, headers: fileHeaders(body as FileAnswer), body };
  const version = (body as { version?: unknown } | null)?.version;
  return { status: endpoint.status, headers: typeof version === "number" ? { etag: etagOf(version) } : {}, body };
};

/** Its name is one of ours, plain ASCII; a browser keeps the file, and runs nothing of it as a page of the platform's. */
const fileHeaders = ({ name, type, bytes }: FileAnswer): Record<string, string> => ({
  "content-type": type,
  "content-length": String(bytes),
  "content-disposition": `attachment; filename="${name.replace(/[^\w.-]/g, "_")}"`,
  "content-security-policy": "sandbox; default-src 'none'",
});

const send = (context: Context, endpoint: AnyEndpoint, { status, headers, body }: Answer): Response =>
  endpoint.fileTypes.length > 0
    ? context.body((body as FileAnswer).content, status as ContentfulStatusCode, headers)
    : context.json(body as object, status as ContentfulStatusCode, headers);
