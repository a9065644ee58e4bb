/** `chartctl-usage.yml`: stated usage, in the shape of Infracost's usage file, each value a number or a range. */
import Big from "big.js";
import { closest, distance } from "fastest-levenshtein";
import { ChartctlError } from "../../errors.ts";
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

/** More than any of these can be in a month; beyond, a number of a YAML file isn't exact any more. */
const most = 1e15;
const versions = ["0.1", "v0.1"];
const topKeys = ["version", "resource_usage", "resource_type_default_usage"];

/** Of a parsed YAML document. Errors `usage-file.*` (usage): each names the place in the file. */
export function statedUsage(document: unknown, file: string): StatedUsage {
  const refuse = (code: string, message: string, hint: string): never => {
    throw new ChartctlError({ kind: "usage", code: `usage-file.${code}`, message: `${file}: ${message}`, hint });
  };
  const unknown = (what: string, given: string, choices: string[]): never =>
    refuse("unknown", `there is no ${what} ${JSON.stringify(given.slice(0, 80))}`, `${nearest(given, choices)}All: ${choices.join(", ")}`);
  const mapping = (value: unknown, at: string): Record<string, unknown> => {
    if (value === null || value === undefined) return {};
    if (typeof value !== "object" || Array.isArray(value)) refuse("shape", `${at} is no mapping of names to values`, `such as:\n${exampleFile}`);
    return value as Record<string, unknown>;
  };
  const rangeOf = (value: unknown, at: string): Range => {
    const wrong = (why: string): never =>
      refuse("value", `${at} ${why}`, "a number, or a range: { low: 50000, high: 200000 }, with expected between them if it isn't the middle");
    const number = (given: unknown): Big => {
      if (typeof given !== "number" || !Number.isFinite(given)) return wrong(`is ${JSON.stringify(given) ?? "nothing"}, which is no number`);
      if (given < 0 || given > most) return wrong(`is ${given}, which is ${given < 0 ? "less than nothing" : "more than can be"}`);
      return new Big(given);
    };
    if (typeof value !== "object" || value === null) {
      const only = number(value);
      return { low: only, expected: only, high: only };
    }
    const given = mapping(value, at);
    const odd = Object.keys(given).find((key) => !["low", "expected", "high"].includes(key));
    if (odd !== undefined) unknown(`part of a range at ${at}:`, odd, ["low", "expected", "high"]);
    const [low, high] = [number(given.low), number(given.high)];
    const expected = given.expected === undefined ? low.plus(high).div(2) : number(given.expected);
    return low.lte(expected) && expected.lte(high) ? { low, expected, high } : wrong("is a range whose low, expected and high don't rise");
  };
  const valuesOf = (value: unknown, address: UsageAddress, at: string): Record<string, Range> => {
    const known = keysOf(address);
    const read = (part: unknown, path: string[]): [string, Range][] =>
      Object.entries(mapping(part, [at, ...path].join("."))).flatMap(([key, inner]) => {
        const whole = [...path, key].join(".");
        if (known.includes(whole)) return [[whole, rangeOf(inner, `${at}.${whole}`)]];
        if (known.some((one) => one.startsWith(`${whole}.`))) return read(inner, [...path, key]);
        return unknown(`usage key at ${at}:`, whole, known);
      });
    return Object.fromEntries(read(value, []));
  };

  const top = mapping(document, "the file");
  for (const key of Object.keys(top)) if (!topKeys.includes(key)) unknown("section", key, topKeys);
  if (!versions.includes(String(top.version)))
    refuse("version", `its version is ${JSON.stringify(top.version) ?? "missing"}`, "the first line is: version: 0.1");
  const stated: StatedUsage = {};
  for (const [type, value] of Object.entries(mapping(top.resource_type_default_usage, "resource_type_default_usage"))) {
    const addresses = usageAddresses.filter((address) => typeOf(address) === type);
    if (addresses.length === 0) unknown("resource type", type, [...new Set(usageAddresses.map(typeOf))]);
    for (const address of addresses) stated[address] = valuesOf(value, address, `resource_type_default_usage.${type}`);
  }
  for (const [given, value] of Object.entries(mapping(top.resource_usage, "resource_usage"))) {
    const address = usageAddresses.find((one) => one === given) ?? unknown("resource", given, usageAddresses);
    stated[address] = { ...stated[address], ...valuesOf(value, address, `resource_usage.${address}`) };
  }
  return stated;
}

const typeOf = (address: string): string => address.slice(0, address.indexOf("."));

/** Nothing is suggested that is nothing like it. */
const nearest = (given: string, choices: string[]): string => {
  const near = closest(given, choices);
  return distance(given, near) <= Math.max(3, near.length / 2) ? `did you mean ${near}? ` : "";
};

export const exampleFile = `version: 0.1
resource_usage:
  aws_lambda_function.app:
    monthly_requests: { low: 50000, high: 200000 }
    request_duration_ms: 120`;
