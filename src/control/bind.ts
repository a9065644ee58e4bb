/** Binds an endpoint of the contract to a handler: input checked once, output as JSON, errors as problem details. */
import type { Context, Hono } from "hono";
import type { z } from "zod";
import { endpoints } from "../contract/endpoints.ts";
import type { Problem } from "../contract/resources.ts";
import { ChartctlError, isChartctlError, outcomes } from "../errors.ts";
import type { Identify, Principal } from "./principal.ts";

type AnyEndpoint = (typeof endpoints)[keyof typeof endpoints];

interface Asked<Store, E extends AnyEndpoint> {
  /** As far as who asks may use it. */
  store: Store;
  params: z.output<E["params"]>;
  query: z.output<E["query"]>;
  body: z.output<E["body"]>;
}
export type Bind<Store> = <E extends AnyEndpoint>(endpoint: E, handle: (asked: Asked<Store, E>) => Promise<z.input<E["response"]>>) => void;

/** A Terraform state of a small project is tens of KB; 20 MB is far above, and still bounded. */
const maxStateBytes = 20_000_000;
const maxBodyBytes = 1_000_000;

export const binder =
  <Store>(app: Hono, identify: Identify, storeFor: (principal: Principal) => Store): Bind<Store> =>
  (endpoint, handle) => {
    app.on(endpoint.method, `/api${endpoint.path}`, async (context) => {
      const asked = {
        store: storeFor(await identify(context.req)),
        params: checked("path", endpoint.params, context.req.param()),
        query: checked("query", endpoint.query, context.req.query()),
        body: checked("body", endpoint.body, await bodyOf(context, (endpoint as AnyEndpoint) === endpoints.saveState ? maxStateBytes : maxBodyBytes)),
      };
      return context.json((await handle(asked as never)) as object);
    });
  };

async function bodyOf(context: Context, maxBytes: number): Promise<unknown> {
  if (context.req.method === "GET") return {};
  const text = await textUpTo(context.req.raw, maxBytes);
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ChartctlError({ kind: "usage", code: "request.invalid", message: "The request body is not JSON", cause: error });
  }
}

/** Stops reading at the limit, so that a huge body is never held in memory. Error `request.too-large`. */
async function textUpTo(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = (): ChartctlError =>
    new ChartctlError({ kind: "usage", code: "request.too-large", message: `The request body is larger than ${maxBytes} bytes`, details: { maxBytes } });
  if (Number(request.headers.get("content-length")) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function checked(where: string, schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  const first = issues[0];
  throw new ChartctlError({
    kind: "usage",
    code: "request.invalid",
    message: `The ${where} is not valid: ${first?.path ?? ""} ${first?.message ?? ""}`.trim(),
    details: { issues },
  });
}

/** RFC 9457 problem details; an error of no known kind says nothing of its inside. */
export function problemOf(error: unknown): Problem {
  const known = isChartctlError(error) ? error : new ChartctlError({ kind: "bug", code: "bug", message: "The control API failed unexpectedly" });
  return {
    type: "about:blank",
    title: known.code,
    status: outcomes[known.kind].status,
    kind: known.kind,
    code: known.code,
    detail: known.message,
    ...(known.hint ? { hint: known.hint } : {}),
    ...(known.details ? { details: known.details } : {}),
  };
}
