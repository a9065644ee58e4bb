/** `--set name=value` against a blueprint's schema. */
import { closest } from "fastest-levenshtein";
import type { BlueprintName, ServerlessWebParameters } from "../contract/blueprints.ts";
import { blueprintParameters } from "../contract/blueprints.ts";
import { ChartctlError } from "../errors.ts";

const usage = (code: string, message: string, hint: string, details?: Record<string, unknown>): ChartctlError =>
  new ChartctlError({ kind: "usage", code, message, hint, ...(details ? { details } : {}) });

/**
 * Complete parameters: defaults, over them what the project has, over them what was given.
 * Errors (`usage`): no `=`, an unknown name (with the nearest right one), a value of the wrong type or range.
 */
export function parseParameters(blueprint: BlueprintName, given: string[], base: Record<string, unknown> = {}): ServerlessWebParameters {
  const schema = blueprintParameters[blueprint];
  const names = Object.keys(schema.shape);
  const set: Record<string, string> = {};
  for (const text of given) {
    const at = text.indexOf("=");
    if (at < 1) throw usage("parameter.syntax", `--set ${JSON.stringify(text)} is not name=value`, "such as: --set memory_mb=512");
    const name = text.slice(0, at).trim();
    if (!names.includes(name)) throw noSuchParameter(blueprint, name, names);
    set[name] = text.slice(at + 1).trim();
    if (set[name] === "") throw usage("parameter.invalid", `Parameter ${name} has no value`, `such as: --set ${name}=1`, { name });
  }
  const parsed = schema.safeParse({ ...base, ...set });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  if (unknown !== undefined) throw noSuchParameter(blueprint, unknown, names);
  const name = String(issue?.path[0] ?? "");
  throw usage(
    "parameter.invalid",
    `Parameter ${name} can't be ${JSON.stringify(set[name] ?? base[name])}: ${issue?.message ?? "not valid"}`,
    `${name}: ${schema.shape[name as keyof typeof schema.shape]?.description ?? "see chartctl provision --help"}`,
    { name, given: set[name] },
  );
}

const noSuchParameter = (blueprint: BlueprintName, name: string, names: string[]): ChartctlError =>
  usage(
    "parameter.unknown",
    `Blueprint ${blueprint} has no parameter ${JSON.stringify(name)}`,
    `did you mean ${closest(name, names)}? All: ${names.join(", ")}`,
    { name, choices: names },
  );
