/** Binds an endpoint of the contract to a handler: input checked once, output as JSON, errors as problem details. */
import type { Context, Hono } from "hono";
import type { z } from "zod";
import type { endpoints } from "../contract/endpoints.ts";
import type { Problem } from "../contract/resources.ts";
import { ChartctlError, isChartctlError, outcomes } from "../errors.ts";
import type { Identify, Principal } from "./principal.ts";

type AnyEndpoint = (typeof endpoints)[keyof typeof endpoints];

export interface Asked<E extends AnyEndpoint> {
  principal: Principal;
  params: z.output<E["params"]>;
  query: z.output<E["query"]>;
  body: z.output<E["body"]>;
}
export type Bind = <E extends AnyEndpoint>(endpoint: E, handle: (asked: Asked<E>) => Promise<z.input<E["response"]>>) => void;

/** A Terraform state of a small project is tens of KB; 20 MB is far above, and still bounded. */
const maxBodyBytes = 20_000_000;

export const binder =
  (app: Hono, identify: Identify): Bind =>
  (endpoint, handle) => {
    app.on(endpoint.method, `/api${endpoint.path}`, async (context) => {
      const principal = await identify(context.req);
      const asked = {
        principal,
        params: checked("path", endpoint.params, context.req.param()),
        query: checked("query", endpoint.query, context.req.query()),
        body: checked("body", endpoint.body, await bodyOf(context)),
      };
      return context.json((await handle(asked as never)) as object);
    });
  };

async function bodyOf(context: Context): Promise<unknown> {
  if (context.req.method === "GET") return {};
  const text = await context.req.text();
  if (text.length > maxBodyBytes)
    throw new ChartctlError({ kind: "usage", code: "request.too-large", message: `The request body is larger than ${maxBodyBytes} bytes` });
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ChartctlError({ kind: "usage", code: "request.invalid", message: "The request body is not JSON", cause: error });
  }
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
