/** Heroku's published schema as a judge: of every request that is sent to the stand-in, and of the stand-in's own answers. */
import { readFileSync } from "node:fs";
import type { ValidateFunction } from "ajv";
import { Ajv } from "ajv";
import formats from "ajv-formats";

interface Link {
  href: string;
  method: string;
  rel: string;
  schema?: { properties?: Record<string, unknown>; patternProperties?: unknown };
}
interface Resource {
  links?: Link[];
  properties?: Record<string, unknown>;
}

const { definitions } = JSON.parse(readFileSync(new URL("heroku-schema.json", import.meta.url), "utf8")) as { definitions: Record<string, Resource> };
const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv);

const compiled = (schema: object): ValidateFunction => ajv.compile({ ...schema, definitions });

interface Operation {
  resource: string;
  method: string;
  path: RegExp;
  known: Set<string> | undefined;
  validate: ValidateFunction | undefined;
}

/** `{(#/definitions/app/definitions/identity)}` stands for one part of a path. */
const operations: Operation[] = Object.entries(definitions).flatMap(([resource, { links = [] }]) =>
  links.map(({ href, method, schema }) => ({
    resource,
    method,
    path: new RegExp(`^${href.replaceAll(/\{\([^)]*\)\}/g, "[^/]+")}$`),
    // The schema lets unknown members pass in silence; Heroku ignores them, and a sender that sends them is wrong.
    known: schema?.properties && !schema.patternProperties ? new Set(Object.keys(schema.properties)) : undefined,
    validate: schema ? compiled(schema) : undefined,
  })),
);

const answers = Object.fromEntries(
  Object.entries(definitions).map(([resource, { properties = {} }]) => [resource, compiled({ type: "object", properties, additionalProperties: false })]),
);

/** What the schema has against a request; nothing, when it is as documented. */
export function faultsOfRequest(method: string, path: string, body: unknown): string[] {
  const fitting = operations.filter((one) => one.method === method && one.path.test(path));
  if (fitting.length === 0) return [`${method} ${path} is in no link of the schema`];
  const faults = fitting.map(({ known, validate }) => {
    if (!validate) return body === undefined ? [] : [`${method} ${path} takes no body`];
    if (body === undefined) return [`${method} ${path} wants a body`];
    if (!validate(body)) return (validate.errors ?? []).map(({ instancePath, message }) => `${method} ${path} ${instancePath} ${message}`);
    return Object.keys(body as object)
      .filter((name) => known && !known.has(name))
      .map((name) => `${method} ${path} has no member ${name}`);
  });
  return faults.find((one) => one.length === 0) ?? faults[0] ?? [];
}

export function faultsOfAnswer(resource: string, document: unknown): string[] {
  const validate = answers[resource];
  if (!validate) return [`there is no resource ${resource}`];
  return validate(document)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message, params }) => `${resource}${instancePath} ${message} ${JSON.stringify(params)}`);
}
