/** Two groupings of one bill have the same sums. */
import Big from "big.js";
import { ChartctlError } from "../../../errors.ts";
import type { CostAmount } from "../actual/cost-source.ts";

/** Cost Explorer gives each group's amount with ten decimals: every one may be off by as much. */
const perAmount = new Big("0.0000000001");

interface Sum {
  total: Big;
  amounts: number;
}

/** Error `billing.sums-differ` (external): something changed between the two questions, or was lost. */
export function refuseOtherSums(byProject: CostAmount[], byService: CostAmount[]): void {
  const projects = sumsOf(byProject);
  const services = sumsOf(byService);
  for (const at of new Set([...projects.keys(), ...services.keys()])) {
    const one = projects.get(at) ?? none;
    const other = services.get(at) ?? none;
    if (
      one.total
        .minus(other.total)
        .abs()
        .lte(perAmount.times(one.amounts + other.amounts))
    )
      continue;
    const [day, currency] = JSON.parse(at) as [string, string];
    throw new ChartctlError({
      kind: "external",
      code: "billing.sums-differ",
      message: `The bill of ${day} is ${one.total.toFixed()} ${currency} by project and ${other.total.toFixed()} ${currency} by service: nothing of it is recorded`,
      hint: "AWS may have renewed it between the two questions; it is read again by itself, or now: chartctl costs sync",
      details: { day, currency, byProject: one.total.toFixed(), byService: other.total.toFixed() },
    });
  }
}

const none: Sum = { total: new Big(0), amounts: 0 };

function sumsOf(amounts: CostAmount[]): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const { period, currency, amount } of amounts) {
    const at = JSON.stringify([period, currency]);
    const known = sums.get(at) ?? none;
    sums.set(at, { total: known.total.plus(amount), amounts: known.amounts + 1 });
  }
  return sums;
}
