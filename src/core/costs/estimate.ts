/** What a blueprint costs a month, from list prices and stated usage, line by line. One estimator: for a provision, the books and `costs estimate`. */
import Big from "big.js";
import type { BlueprintName, ServerlessWebParameters } from "../../contract/blueprints.ts";
import { ChartctlError } from "../../errors.ts";
import { ceilCents } from "../money.ts";
import type { PriceName } from "./prices/items.ts";
import { itemOf } from "./prices/items.ts";
import type { PriceTable, TierPart } from "./prices/table.ts";
import { charge, priceOf } from "./prices/table.ts";
import type { Case, Used } from "./usage.ts";
import { cases, serverlessWebUsage } from "./usage.ts";
import type { StatedUsage } from "./usage-file.ts";

/** Decimal strings, exact. */
interface Amount {
  quantity: string;
  /** Null: its price isn't known. */
  monthlyDollars: string | null;
}
export interface EstimateLine extends Amount {
  /** Terraform's address, or the service's word for what isn't a resource. */
  resource: string;
  item: string;
  title: string;
  price: PriceName;
  unit: string;
  /** Of the first tier. */
  unitDollars: string | null;
  /** The expected quantity, through the price's tiers. */
  tiers: TierPart[];
  low: Amount;
  high: Amount;
  /** The usage that the quantity comes from. */
  assumption: string;
  parameters: string[];
  source: string | null;
  priceDate: string | null;
}

/** As far as prices are known. */
export interface PartialEstimate {
  blueprint: BlueprintName;
  region: string;
  currency: "USD";
  lines: EstimateLine[];
  /** Sums of the lines, exact; of those that have a price, where not all do. */
  dollars: Record<Case, string>;
  /** The expected sum, rounded up once; null when a line has no price: part of a sum is no total. */
  monthlyCents: number | null;
  lowCents: number | null;
  highCents: number | null;
  missing: PriceName[];
  /** The day on which the price table was put together; each line says of when its price is. */
  pricesCheckedAt: string;
}
export type Estimate = PartialEstimate & { monthlyCents: number };

/** Error `prices.missing` (failed). */
export function estimate(prices: PriceTable, blueprint: BlueprintName, region: string, parameters: ServerlessWebParameters): Estimate {
  const known = estimateAsKnown(prices, blueprint, region, parameters);
  const { monthlyCents } = known;
  if (monthlyCents !== null) return { ...known, monthlyCents };
  throw new ChartctlError({
    kind: "failed",
    code: "prices.missing",
    message: `The prices of ${prices.date} lack ${known.missing.length} of ${region} for this usage: ${known.missing.join(", ")}`,
    hint: "get them: chartctl costs prices update",
    details: { region, missing: known.missing },
  });
}

export function estimateAsKnown(
  prices: PriceTable,
  blueprint: BlueprintName,
  region: string,
  parameters: ServerlessWebParameters,
  stated: StatedUsage = {},
): PartialEstimate {
  const [low, expected, high] = cases.map((which) => serverlessWebUsage(parameters, stated, which)) as [Used[], Used[], Used[]];
  const lines = expected.map((used, at) => lineOf(prices, region, used, low[at] ?? used, high[at] ?? used));
  const sum = (of: (line: EstimateLine) => Amount): { dollars: Big; whole: boolean } => ({
    dollars: lines.reduce((all, line) => all.plus(of(line).monthlyDollars ?? 0), new Big(0)),
    whole: lines.every((line) => of(line).monthlyDollars !== null),
  });
  const sums = { low: sum((line) => line.low), expected: sum((line) => line), high: sum((line) => line.high) };
  const cents = (which: Case): number | null => (sums[which].whole ? ceilCents(sums[which].dollars) : null);
  return {
    blueprint,
    region,
    currency: "USD",
    lines,
    dollars: { low: sums.low.dollars.toFixed(), expected: sums.expected.dollars.toFixed(), high: sums.high.dollars.toFixed() },
    monthlyCents: cents("expected"),
    lowCents: cents("low"),
    highCents: cents("high"),
    missing: [...new Set(lines.filter(({ monthlyDollars }) => monthlyDollars === null).map(({ price }) => price))],
    pricesCheckedAt: prices.date,
  };
}

function lineOf(prices: PriceTable, region: string, used: Used, low: Used, high: Used): EstimateLine {
  const listed = priceOf(prices, region, used.price);
  const amount = ({ quantity }: Used): Amount => ({ quantity: quantity.toFixed(), monthlyDollars: dollarsFor(listed?.tiers, quantity) });
  return {
    resource: used.resource,
    item: used.item,
    title: used.title,
    price: used.price,
    ...amount(used),
    unit: itemOf(used.price).unit,
    unitDollars: listed?.tiers[0]?.[1] ?? null,
    tiers: (listed && charge(listed.tiers, used.quantity)?.parts) ?? [],
    low: amount(low),
    high: amount(high),
    assumption: used.assumption,
    parameters: used.parameters,
    source: listed?.source ?? null,
    priceDate: listed?.date ?? null,
  };
}

/** Nothing costs nothing, whatever its price is. */
const dollarsFor = (tiers: Parameters<typeof charge>[0] | undefined, quantity: Big): string | null =>
  quantity.eq(0) ? "0" : tiers === undefined ? null : (charge(tiers, quantity)?.dollars.toFixed() ?? null);
