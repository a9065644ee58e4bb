/** The document says what the server does: the same routes, and no request made from it finds a bug. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { Hono } from "hono";
import { afterAll, beforeAll, expect, it } from "vitest";
import { apiTable } from "../../scripts/api-table.mjs";
import { endpoints } from "../../src/contract/endpoints.ts";
import { createControlApi } from "../../src/control/app.ts";
import { openApiDocument } from "../../src/control/openapi.ts";
import type { HostedTest } from "./hosted.ts";
import { hostedTest } from "./hosted.ts";
import { onPostgres } from "./support.ts";

type Schema = Record<string, unknown>;
interface Operation {
  operationId: string;
  parameters: { name: string; in: "path" | "query" | "header"; required: boolean; schema: Schema }[];
  requestBody?: { content: { "application/json": { schema: Schema } } };
  responses: Record<string, unknown>;
}
const document = openApiDocument("0.0.0") as { paths: Record<string, Record<string, Operation>> };
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

let api: HostedTest;
let tokens: string[];
beforeAll(async () => {
  api = await hostedTest();
  await api.user("acme", "boss", "owner");
  await api.user("platform", "root", "global_owner");
  tokens = [await api.token("acme", "boss", "owner"), await api.token("platform", "root", "global_owner")];
});
afterAll(() => api.close());

it("has one operation for each endpoint: no two share a path and method", () => {
  const routes = Object.values(endpoints).map(({ method, path }) => `${method} ${path}`);
  expect(routes.filter((route, at) => routes.indexOf(route) !== at)).toEqual([]);
});

it("is checked in as it is served", () => {
  const file = JSON.parse(readFileSync(new URL("../../schemas/openapi.json", import.meta.url), "utf8"));
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(file).toEqual(JSON.parse(JSON.stringify(openApiDocument(version))));
});

it("the table of roles in the docs is of these endpoints", () => {
  expect(readFileSync(new URL("../../docs/API.md", import.meta.url), "utf8")).toBe(apiTable(endpoints));
});

it("names every route that the server has, and no other", async () => {
  const routes = (createControlApi(api.api) as Hono).routes
    .filter(({ path, method }) => path.startsWith("/api/") && method !== "ALL" && path !== "/api/openapi.json")
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  expect([...new Set(routes)].sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort());
  expect((await api.send("GET", "/openapi.json")).body.paths).toEqual(JSON.parse(JSON.stringify(document.paths)));
});

it("gives every operation a name of its own, and an answer for whoever isn't signed in", () => {
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  for (const { operation } of operations) expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["401", "422", "429"]));
});

/** Values that a schema allows, or nearly. */
function valuesOf(schema: Schema): fc.Arbitrary<unknown> {
  const {
    anyOf,
    oneOf,
    enum: values,
    const: only,
    type,
    properties,
    required = [],
    items,
    pattern,
    format,
  } = schema as {
    anyOf?: Schema[];
    oneOf?: Schema[];
    enum?: unknown[];
    const?: unknown;
    type?: string;
    properties?: Record<string, Schema>;
    required?: string[];
    items?: Schema;
    pattern?: string;
    format?: string;
  };
  const choices = anyOf ?? oneOf;
  if (choices) return fc.oneof(...choices.map(valuesOf));
  if (values) return fc.constantFrom(...values);
  if (only !== undefined) return fc.constant(only);
  switch (type) {
    case "object":
      return properties
        ? fc.record(Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, valuesOf(of)])), { requiredKeys: required })
        : fc.dictionary(fc.string({ maxLength: 5 }), fc.oneof(fc.string({ maxLength: 5 }), fc.integer(), fc.boolean()), { maxKeys: 3 });
    case "array":
      return fc.array(valuesOf(items ?? {}), { maxLength: 3 });
    case "integer":
      return fc.integer({ min: (schema.minimum as number) ?? 0, max: Math.min((schema.maximum as number) ?? 100_000, Number.MAX_SAFE_INTEGER) });
    case "number":
      return fc.integer();
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      if (format === "uuid") return fc.uuid();
      if (format === "date-time") return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") }).map((date) => date.toISOString());
      if (format === "uri") return fc.webUrl();
      // A few names that are there, and others.
      if (pattern?.includes("[a-z][a-z0-9]*")) return fc.constantFrom("sales", "boss", "acme", "ana", "a", "a-b");
      if (pattern) return fc.stringMatching(new RegExp(pattern));
      return fc.string({ minLength: (schema.minLength as number) ?? 0, maxLength: Math.min((schema.maxLength as number) ?? 40, 60) });
  }
}

/** One value in four is something that the schema doesn't allow. */
const almost = (schema: Schema): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 3, arbitrary: valuesOf(schema) }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });

it.each(operations)("$method $path finds no bug, whatever is asked", async ({ path, method, operation }) => {
  const body = operation.requestBody?.content["application/json"].schema;
  const request = fc.record({
    token: fc.constantFrom(...tokens, undefined),
    tenant: fc.constantFrom("acme", "nobody", "No Good", undefined),
    key: fc.option(fc.string({ maxLength: 3 }), { nil: undefined }),
    parameters: fc.record(
      Object.fromEntries(operation.parameters.filter(({ in: where }) => where !== "header").map(({ name, schema }) => [name, almost(schema)])),
    ),
    body: body ? almost(body) : fc.constant(undefined),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ token, tenant, key, parameters, body }) => {
      const text = (name: string): string => {
        const value = (parameters as Record<string, unknown>)[name];
        return encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value));
      };
      const query = operation.parameters.filter(({ in: where }) => where === "query").map(({ name }) => `${name}=${text(name)}`);
      const at = path.replace(/^\/api/, "").replace(/\{(\w+)\}/g, (_, name: string) => text(name) || "x") + (query.length > 0 ? `?${query.join("&")}` : "");
      const { status, body: answer } = await api.send(method, at, {
        token,
        ...(method === "GET" ? {} : { body: body ?? {} }),
        headers: {
          ...(tenant === undefined ? {} : { "x-chartctl-tenant": tenant }),
          ...(key === undefined ? {} : { "idempotency-key": key.replace(/[^\x21-\x7e]/g, "k") }),
        },
      });
      if (status >= 500) throw new Error(`${status} ${JSON.stringify(answer)}: ${String(api.bugs.at(-1))}`);
    }),
    { numRuns: onPostgres ? 15 : 40, endOnFailure: true },
  );
  expect(api.bugs).toEqual([]);
});
