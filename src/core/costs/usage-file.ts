/** `chartctl-usage.yml`: stated usage, in the shape of Infracost's usage file, each value a number or a range. */
import Big from "big.js";
import { ChartctlError } from "../../errors.ts";
import { nearest } from "../near.ts";
import type { UsageAddress } from "./usage-keys.ts";
import { keysOf, usageAddresses } from "./usage-keys.ts";

export const usageFileName = "chartctl-usage.yml";

export interface Range {
  low: Big;
  expected: Big;
  high: Big;
}
/** By resource address and key (`standard.storage_gb`). */
export type StatedUsage = Partial<Record<UsageAddress, Record<string, Range>>>;

/** What the blueprint has nothing of, by its place in the file; `meant`: what it may be a slip of. */
export interface Ignored {
  place: string;
  meant: string | null;
}

/** More than any of these can be in a month; beyond, a number of a YAML file isn't exact any more. */
const most = 1e15;
const versions = ["0.1", "v0.1", "0.1.0", "v0.1.0"];
const topKeys = ["version", "resource_usage", "resource_type_default_usage"];
const rangeKeys = ["low", "expected", "high"];
/** Letters that a slip gets wrong: with more, names of the same type would be taken for each other. */
const slip = 2;

/**
 * Of a parsed YAML document. A repository has one such file for all of its resources, so that what the blueprint doesn't have is
 * ignored, and told, as Infracost does ("parameters are invalid and will be ignored"). Errors `usage-file.*` (usage): each names the
 * place in the file.
 */
export function statedUsage(document: unknown, file: string): { usage: StatedUsage; ignored: Ignored[] } {
  const ignored: Ignored[] = [];
  const ignore = (place: string, given: string, choices: string[]): void => {
    ignored.push({ place, meant: nearest(given, choices, slip) ?? null });
  };
  const refuse = (code: string, message: string, hint: string): never => {
    throw new ChartctlError({ kind: "usage", code: `usage-file.${code}`, message: `${file}: ${message}`, hint });
  };
  const mapping = (value: unknown, at: string): Record<string, unknown> => {
    if (value === null || value === undefined) return {};
    if (typeof value !== "object" || Array.isArray(value) || value instanceof Date)
      refuse("shape", `${at} is no mapping of names to values`, `such as:\n${exampleFile}`);
    return value as Record<string, unknown>;
  };
  const rangeOf = (value: unknown, at: string): Range => {
    const wrong = (why: string): never =>
      refuse("value", `${at} ${why}`, "a number, or a range: { low: 50000, high: 200000 }, with expected between them if it isn't the middle");
    const number = (given: unknown, part = ""): Big => {
      const odd = oddNumber(given);
      return odd === undefined ? new Big((given as number) + 0) : wrong(`${part}${odd}`);
    };
    if (typeof value !== "object" || value === null || value instanceof Date) {
      const only = number(value);
      return { low: only, expected: only, high: only };
    }
    const given = mapping(value, at);
    const odd = Object.keys(given).find((key) => !rangeKeys.includes(key));
    if (odd !== undefined) {
      const near = nearest(odd, rangeKeys);
      wrong(`is a range with ${JSON.stringify(odd.slice(0, 80))}${near ? ` (did you mean ${near}?)` : ""}: it has low, high and, if need be, expected`);
    }
    const missing = ["low", "high"].filter((key) => given[key] === undefined);
    if (missing.length > 0) wrong(`is a range without ${missing.join(" and ")}`);
    const [low, high] = [number(given.low, "has a low that "), number(given.high, "has a high that ")];
    const expected = given.expected === undefined ? low.plus(high).div(2) : number(given.expected, "has an expected that ");
    return low.lte(expected) && expected.lte(high) ? { low, expected, high } : wrong("is a range whose low, expected and high don't rise");
  };
  const valuesOf = (value: unknown, address: UsageAddress, at: string, place: string): Record<string, Range> => {
    const known = keysOf(address);
    const read = (part: unknown, path: string[]): [string, Range][] =>
      Object.entries(mapping(part, [at, ...path].join("."))).flatMap(([key, inner]) => {
        const whole = [...path, key].join(".");
        if (known.includes(whole)) return [[whole, rangeOf(inner, `${at}.${whole}`)]];
        if (known.some((one) => one.startsWith(`${whole}.`))) return read(inner, [...path, key]);
        ignore(`${place}.${whole}`, whole, known);
        return [];
      });
    return Object.fromEntries(read(value, []));
  };

  const top = mapping(document, "the file");
  if (!versions.includes(String(top.version)))
    refuse("version", `its version is ${JSON.stringify(top.version) ?? "missing"}`, "the first line is: version: 0.1");
  for (const key of Object.keys(top)) if (!topKeys.includes(key)) ignore(key, key, topKeys);
  const usage: StatedUsage = {};
  for (const [type, value] of Object.entries(mapping(top.resource_type_default_usage, "resource_type_default_usage"))) {
    const addresses = usageAddresses.filter((address) => typeOf(address) === type);
    if (addresses.length === 0) ignore(type, type, [...new Set(usageAddresses.map(typeOf))]);
    for (const address of addresses) usage[address] = valuesOf(value, address, `resource_type_default_usage.${type}`, type);
  }
  for (const [given, value] of Object.entries(mapping(top.resource_usage, "resource_usage"))) {
    const address = usageAddresses.find((one) => one === given);
    if (address) usage[address] = { ...usage[address], ...valuesOf(value, address, `resource_usage.${address}`, address) };
    else ignore(given, given, usageAddresses);
  }
  // A type's default is read once for each of its resources.
  return { usage, ignored: ignored.filter(({ place }, at) => ignored.findIndex((one) => one.place === place) === at) };
}

/** Why it can't be an amount, after its name; undefined: it can. */
function oddNumber(given: unknown): string | undefined {
  if (given === null || given === undefined) return "has no value";
  if (given instanceof Date) return `is a date (${given.toISOString().slice(0, 10)}), no number`;
  if (typeof given === "string") return `is the text ${JSON.stringify(given.slice(0, 60))}: a number has no quotes, units or thousands separators`;
  if (typeof given !== "number") return `is ${JSON.stringify(given).slice(0, 60)}, which is no number`;
  if (Number.isNaN(given)) return "is .nan, which is no number";
  if (given < 0) return `is ${Number.isFinite(given) ? given : "-.inf"}, which is less than nothing`;
  if (!Number.isFinite(given)) return "is infinite (.inf, or more digits than a number can have)";
  return given > most ? `is ${given}, which is more than can be in a month (${most})` : undefined;
}

const typeOf = (address: string): string => address.slice(0, address.indexOf("."));

export const exampleFile = `version: 0.1
resource_usage:
  aws_lambda_function.app:
    monthly_requests: { low: 50000, high: 200000 }
    request_duration_ms: 120`;
