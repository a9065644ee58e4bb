/** `--set name=value` against a blueprint's schema. */
import { z } from "zod";
import type { BlueprintName, ServerlessWebParameters } from "../contract/blueprints.ts";
import { blueprintParameters } from "../contract/blueprints.ts";
import { ChartctlError } from "../errors.ts";
import { nearest } from "./near.ts";

const usage = (code: string, message: string, hint: string, details?: Record<string, unknown>): ChartctlError =>
  new ChartctlError({ kind: "usage", code, message, hint, ...(details ? { details } : {}) });

/**
 * Complete parameters: defaults, over them what the project has, over them what was given, by a flag that is `--set` where nobody says
 * otherwise. Errors (`usage`): no `=`, an unknown name (with one that is like it), a value of the wrong type or range.
 */
export function parseParameters(blueprint: BlueprintName, given: string[], base: Record<string, unknown> = {}, flag = "--set"): ServerlessWebParameters {
  const schema = blueprintParameters[blueprint];
  const names = Object.keys(schema.shape);
  const defaults: Record<string, unknown> = schema.parse({});
  const set: Record<string, string> = {};
  for (const text of given) {
    const at = text.indexOf("=");
    if (at < 1) throw usage("parameter.syntax", `${flag} ${shortened(text)} is not name=value`, `such as: ${flag} memory_mb=512`);
    const name = text.slice(0, at).trim();
    if (!names.includes(name)) throw noSuchParameter(blueprint, name, names);
    set[name] = text.slice(at + 1).trim();
    if (set[name] === "") throw usage("parameter.invalid", `Parameter ${name} has no value`, `such as: ${flag} ${name}=${defaults[name]}`, { name });
  }
  const numbers = Object.fromEntries(Object.entries(set).map(([name, text]) => [name, numberOf(text)]));
  const parsed = schema.safeParse({ ...base, ...numbers });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  if (unknown !== undefined) throw noSuchParameter(blueprint, unknown, names);
  const name = String(issue?.path[0] ?? "");
  const field = schema.shape[name as keyof typeof schema.shape];
  throw usage(
    "parameter.invalid",
    `Parameter ${name} can't be ${shortened(set[name] ?? base[name])}: it is ${rangeText(field.unwrap())}`,
    `${name}: ${field.description}`,
    { name, given: set[name] },
  );
}

/** A decimal, as people and other programs write one; anything else, also what only a program would take for a number, is none. */
const numberOf = (text: string): number => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) + 0 : Number.NaN);

/** `a whole number from 128 to 10240`. */
function rangeText(type: z.ZodType): string {
  if (type instanceof z.ZodPipe && type.out instanceof z.ZodLiteral) return `one of ${[...type.out.values].join(", ")}`;
  if (type instanceof z.ZodNumber) return `a ${type.isInt ? "whole " : ""}number from ${type.minValue} to ${type.maxValue}`;
  return "something else";
}

const shortened = (value: unknown): string => JSON.stringify(typeof value === "string" ? value.slice(0, 60) : value);

function noSuchParameter(blueprint: BlueprintName, name: string, names: string[]): ChartctlError {
  const near = nearest(name, names);
  return usage(
    "parameter.unknown",
    `Blueprint ${blueprint} has no parameter ${shortened(name)}`,
    `${near ? `did you mean ${near}? ` : ""}All: ${names.join(", ")}`,
    { name, choices: names },
  );
}
