/**
 * An estimate against the bill of a month as a whole, where the bill has no usage types: what a project was off by, not why. The
 * estimate counts for the time that the project stood, as in a month's report.
 */
import Big from "big.js";
import type { CostAmount, LineKind } from "./actual/cost-source.ts";
import { lineKinds } from "./actual/cost-source.ts";
import { differs } from "./check.ts";
import { dollarsFirst } from "./currencies.ts";
import type { PartialEstimate } from "./estimate.ts";
import { listHours } from "./stood.ts";

export interface SumCheck {
  /** That the project stood in the month, as far as it is billed. */
  hours: number;
  /** For these hours, as the others decimal. Null: a line of the estimate has no price. */
  estimatedDollars: string | null;
  billed: ({ currency: string; total: string } & Record<LineKind, string>)[];
  /** Usage in dollars less the estimate, which has no taxes and hopes for no credits. */
  difference: string | null;
  /** By more than a tenth. */
  off: boolean;
}

/** `stoodHours`: those of the month that are billed. */
export function checkSum({ dollars, missing }: Pick<PartialEstimate, "dollars" | "missing">, amounts: CostAmount[], stoodHours: number): SumCheck {
  const estimated = missing.length > 0 ? null : new Big(dollars.expected).times(stoodHours).div(listHours).round(6);
  const currencies = new Set(amounts.map(({ currency }) => currency));
  const sum = (currency: string, kind?: LineKind): Big =>
    amounts.filter((one) => one.currency === currency && (kind ?? one.kind) === one.kind).reduce((so, { amount }) => so.plus(amount), new Big(0));
  const usage = sum("USD", "usage");
  return {
    hours: Math.round(stoodHours),
    estimatedDollars: estimated?.toFixed() ?? null,
    billed: dollarsFirst(
      [...currencies].map((currency) => ({
        currency,
        total: sum(currency).toFixed(),
        ...(Object.fromEntries(lineKinds.map((kind) => [kind, sum(currency, kind).toFixed()])) as Record<LineKind, string>),
      })),
      ({ total }) => total,
    ),
    difference: estimated && usage.minus(estimated).toFixed(),
    off: estimated !== null && differs(usage, estimated),
  };
}
