/** What AWS gives an account each month for ever: shown beside an estimate, never taken off it, because whoever else is in the account may use it. */
import Big from "big.js";
import type { PartialEstimate } from "./estimate.ts";
import type { PriceName } from "./prices/items.ts";
import { itemOf } from "./prices/items.ts";
import type { PriceTable } from "./prices/table.ts";
import { charge, priceOf } from "./prices/table.ts";

/**
 * Always free, by each service's pricing page, and in the price list itself a first tier at $0. HTTP APIs and S3 have theirs for an
 * account's first year alone, and are left out. Logs' 5 GB count for ingestion and storage together: here for ingestion first.
 */
const allowances: { price: PriceName; amount: string }[] = [
  { price: "lambdaRequest", amount: "1000000" },
  { price: "lambdaGbSecondArm", amount: "400000" },
  { price: "dynamodbStorage", amount: "25" },
  { price: "logsIngest", amount: "5" },
  { price: "transferOut", amount: "100" },
];

export interface FreeTierLine {
  price: PriceName;
  title: string;
  /** A month, of the whole account. */
  amount: string;
  unit: string;
  /** What it takes off the expected estimate at most. */
  dollars: string;
  source: string;
}

/** Lines that would be cheaper. */
export function freeTier(estimate: PartialEstimate, prices: PriceTable): { lines: FreeTierLine[]; dollars: string } {
  const lines = allowances.flatMap(({ price, amount }): FreeTierLine[] => {
    const line = estimate.lines.find((one) => one.price === price);
    const tiers = priceOf(prices, estimate.region, price)?.tiers;
    if (!line || !tiers) return [];
    const quantity = new Big(line.quantity);
    const paid = quantity.gt(amount) ? quantity.minus(amount) : new Big(0);
    const [whole, rest] = [charge(tiers, quantity), charge(tiers, paid)];
    if (!whole || !rest || whole.dollars.eq(rest.dollars)) return [];
    return [{ price, title: line.title, amount, unit: itemOf(price).unit, dollars: whole.dollars.minus(rest.dollars).toFixed(), source: itemOf(price).page }];
  });
  return { lines, dollars: lines.reduce((sum, { dollars }) => sum.plus(dollars), new Big(0)).toFixed() };
}
