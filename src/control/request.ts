/** What a request carries, read within bounds and checked against the contract. */
import type { Context, HonoRequest } from "hono";
import { z } from "zod";
import type { AnyEndpoint } from "../contract/endpoints.ts";
import { ChartctlError } from "../errors.ts";

export interface Input {
  params: unknown;
  query: unknown;
  body: unknown;
  /** Of `If-Match`. */
  expected: number | undefined;
}

/** Errors: `request.invalid`, `request.too-large` (usage), `server.busy` (external). `caller`: who asks from outside. */
export async function inputOf(context: Context, endpoint: AnyEndpoint, caller?: string): Promise<Input> {
  return {
    params: checked("path", endpoint.params, context.req.param()),
    query: checked("query", endpoint.query, digitsIn(endpoint.query, context.req.query())),
    body: checked("body", endpoint.body, await bodyOf(context, endpoint.maxBytes, caller)),
    expected: endpoint.versioned ? versionOf(context.req) : undefined,
  };
}

/** An entity tag is the version in quotes. */
export const etagOf = (version: number): string => `"${version}"`;

function versionOf(request: HonoRequest): number | undefined {
  const given = request.header("if-match");
  if (given === undefined || given === "*") return undefined;
  const [, version] = /^(?:W\/)?"(\d{1,15})"$/.exec(given) ?? [];
  if (version !== undefined) return Number(version);
  throw new ChartctlError({
    kind: "usage",
    code: "request.invalid",
    message: "If-Match is no entity tag of this API",
    hint: `send the ETag that was read: "3"`,
  });
}

async function bodyOf(context: Context, maxBytes: number, caller: string | undefined): Promise<unknown> {
  if (context.req.method === "GET") return {};
  const text = await textUpTo(context.req.raw, maxBytes, caller);
  if (text === "") return {};
  if (isDeep(text)) throw new ChartctlError({ kind: "usage", code: "request.invalid", message: `The request body is nested more than ${deepest} deep` });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ChartctlError({ kind: "usage", code: "request.invalid", message: "The request body is not JSON", cause: error });
  }
}

const deepest = 60;

/** What is nested thousands deep overflows the stack of whoever walks it. Brackets inside of texts don't count. */
function isDeep(json: string): boolean {
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[{]|[\]}]/gs)) {
    if (token === "[" || token === "{") depth++;
    else if (token === "]" || token === "}") depth--;
    if (depth > deepest) return true;
  }
  return false;
}

/** Bodies above this want one of a few places: states are large, and many at once would fill the memory. */
const largeBytes = 200_000;
const largePlaces = 6;
/** Of one caller: whoever sends slowly keeps nobody else waiting. */
const ownPlaces = 2;
const large: (string | undefined)[] = [];

/** Error `server.busy` (external). Gives the place back when called. */
function takePlace(caller: string | undefined): () => void {
  const own = caller === undefined ? 0 : large.filter((holder) => holder === caller).length;
  if (large.length >= largePlaces || own >= ownPlaces) throw busy();
  large.push(caller);
  return () => void large.splice(large.indexOf(caller), 1);
}

/** Stops reading at the limit, so that a huge body is never held in memory. What says its size is refused before it is read. */
async function textUpTo(request: Request, maxBytes: number, caller: string | undefined): Promise<string> {
  const tooLarge = (): ChartctlError =>
    new ChartctlError({ kind: "usage", code: "request.too-large", message: `The request body is larger than ${maxBytes} bytes`, details: { maxBytes } });
  const announced = Number(request.headers.get("content-length"));
  if (announced > maxBytes) throw tooLarge();
  let giveBack = announced > largeBytes ? takePlace(caller) : undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge();
      if (bytes > largeBytes) giveBack ??= takePlace(caller);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    giveBack?.();
  }
}

const busy = (): ChartctlError =>
  new ChartctlError({ kind: "external", code: "server.busy", message: "Too many large requests at once", hint: "send it again in a moment" });

/** JavaScript also reads `0x10`, `1e1` and an empty text as numbers; a query's are decimal digits. Anything else is none. */
function digitsIn(schema: z.ZodType, query: Record<string, string>): Record<string, unknown> {
  const shape = schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType>) : {};
  return Object.fromEntries(Object.entries(query).map(([name, text]) => [name, isNumber(shape[name]) && !/^\d{1,16}$/.test(text) ? Number.NaN : text]));
}

function isNumber(schema: z.ZodType | undefined): boolean {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return isNumber(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodNumber;
}

const shownIssues = 20;

function checked(where: string, schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, shownIssues).map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  const first = issues[0];
  throw new ChartctlError({
    kind: "usage",
    code: "request.invalid",
    message: `The ${where} is not valid: ${first?.path ?? ""} ${first?.message ?? ""}`.trim(),
    details: { issues },
  });
}
