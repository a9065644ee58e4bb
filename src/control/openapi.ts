/** The OpenAPI 3.1 document, made from the table of endpoints: what the server checks is what it says. */
import { z } from "zod";
import type { AnyEndpoint } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import { problemSchema } from "../contract/resources.ts";

type Json = Record<string, unknown>;

const statusWords: Record<number, string> = { 200: "Done", 201: "Made", 202: "Accepted: a worker does it" };

/** Problems that an endpoint may answer with, besides those of its own. */
const problems: Record<string, string> = {
  "401": "Nobody is signed in, or the token doesn't count",
  "403": "Not allowed, or refused by quota or cost",
  "404": "Not there, or another tenant's",
  "409": "A conflict with what is there or running",
  "412": "If-Match names an older version",
  "413": "The body is too large",
  "422": "The request is not valid",
  "429": "Too many requests; see Retry-After",
  "500": "A bug",
  "502": "AWS or another service failed",
  "503": "The database can't be reached at the moment; see Retry-After",
};

export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const path = `/api${endpoint.path.replace(/:(\w+)/g, "{$1}")}`;
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(name, endpoint) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "chartctl control API",
      version,
      description: "Tenants, projects, operations, quotas, jobs and their audit. Money is whole US cents; times are ISO 8601 in UTC.",
    },
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "An API token (cct_…) or a session's JWT" } },
      schemas: { Problem: schemaOf(problemSchema, "output") },
    },
  };
}

function operationOf(name: string, endpoint: AnyEndpoint): Json {
  const { allow, method, summary, status, versioned, replay } = endpoint;
  const headers = [
    ...(method !== "GET" && replay
      ? [headerOf("Idempotency-Key", "The same key does it once, and gives the same answer for 7 days", { type: "string", minLength: 1, maxLength: 200 })]
      : []),
    ...(versioned ? [headerOf("If-Match", "The ETag that the change was made from", { type: "string" })] : []),
  ];
  const body = schemaOf(endpoint.body, "input");
  const hasBody = method !== "GET" && Object.keys((body.properties ?? {}) as Json).length > 0;
  const refusals = Object.entries(problems).filter(([code]) => allow !== "anyone" || !["403", "404"].includes(code));
  return {
    operationId: name,
    summary,
    description: allow === "anyone" ? "For anyone." : `For the role ${allow} and above.`,
    security: allow === "anyone" ? [] : [{ bearer: [] }],
    parameters: [...parametersOf(endpoint.params, "path"), ...parametersOf(endpoint.query, "query"), ...headers],
    ...(hasBody ? { requestBody: { required: true, content: { "application/json": { schema: body } } } } : {}),
    responses: {
      [status]: { description: statusWords[status], content: contentOf(endpoint) },
      ...Object.fromEntries(
        refusals.map(([code, description]) => [
          code,
          { description, content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
        ]),
      ),
    },
  };
}

/** Of a file the media type says it all: OpenAPI 3.1 wants no schema of bytes. */
const contentOf = ({ fileTypes, response }: AnyEndpoint): Json =>
  fileTypes.length > 0 ? Object.fromEntries(fileTypes.map((type) => [type, {}])) : { "application/json": { schema: schemaOf(response, "output") } };

function parametersOf(schema: z.ZodType, where: "path" | "query"): Json[] {
  const { properties = {}, required = [] } = schemaOf(schema, "input") as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, of]) => ({ name, in: where, required: where === "path" || required.includes(name), schema: of }));
}

const headerOf = (name: string, description: string, schema: Json): Json => ({ name, in: "header", required: false, description, schema });

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return json;
}
