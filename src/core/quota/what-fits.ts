/** How large a parameter may be for the estimate to stay within a limit: found by reckoning, each alone, the others as they are. */
import type { BlueprintName, ServerlessWebParameters } from "../../contract/blueprints.ts";
import { blueprintParameters } from "../../contract/blueprints.ts";
import { formatCents } from "../money.ts";

export interface Fit {
  parameter: string;
  /** The largest that fits. */
  value: number;
  asked: number;
}

export interface Fitting {
  /** What the smallest costs a month that is asked for anything, once: where that passes the limit, nothing fits. */
  leastCents: number;
  fits: Fit[];
}

/** What a person can act on, in this order: the first ones are told in words, all of them in details. Whole numbers each. */
const adjustable = ["monthly_requests", "memory_mb", "response_kb", "request_duration_ms", "storage_gb", "table_gb"] as const;

export function whatFits(
  blueprint: BlueprintName,
  parameters: ServerlessWebParameters,
  cents: (parameters: ServerlessWebParameters) => number,
  limitCents: number,
): Fitting {
  const { shape } = blueprintParameters[blueprint];
  // The least that the schema takes: of memory, 128 MB.
  const smallestOf = (parameter: (typeof adjustable)[number]): number =>
    [0, 1, 128].find((value) => shape[parameter].safeParse(value).success) ?? parameters[parameter];
  const least = { ...Object.fromEntries(adjustable.map((parameter) => [parameter, smallestOf(parameter)])), monthly_requests: 1 };
  const fits = adjustable.flatMap((parameter): Fit[] => {
    const [asked, smallest] = [parameters[parameter], smallestOf(parameter)];
    if (!(asked > smallest)) return [];
    const fits = (value: number): boolean => cents({ ...parameters, [parameter]: value }) <= limitCents;
    if (!fits(smallest)) return [];
    let [low, high] = [smallest, Math.ceil(asked)];
    // An estimate never falls when one of these rises.
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (fits(middle)) low = middle;
      else high = middle;
    }
    return [{ parameter, value: low, asked }];
  });
  return { leastCents: cents({ ...parameters, ...least }), fits };
}

const told = 2;

/** `fits: --set monthly_requests=5000 (of 20000), or --set memory_mb=512 (of 1024)`. */
export function fitText({ leastCents, fits }: Fitting, limitCents: number): string {
  if (fits.length === 0)
    return leastCents > limitCents
      ? `nothing fits ${formatCents(limitCents)} a month: the smallest there is costs ${formatCents(leastCents)}`
      : `up to ${formatCents(limitCents)} a month fits, with more than one parameter smaller`;
  return `up to ${formatCents(limitCents)} a month fits: ${fits
    .slice(0, told)
    .map(({ parameter, value, asked }) => `--set ${parameter}=${value} (of ${asked})`)
    .join(", or ")}`;
}
