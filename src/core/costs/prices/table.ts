/** List prices by place, in tiers, with where and when each was read. */
import Big from "big.js";
import { z } from "zod";
import type { PriceName } from "./items.ts";
import { itemOf, priceNames, projectPrices } from "./items.ts";

const decimal = z.string().regex(/^\d+(\.\d+)?$/);
/** From this amount on, a unit costs so many dollars; null: nobody has looked that up. */
const tierSchema = z.tuple([decimal, decimal.nullable()]);
export type Tier = z.infer<typeof tierSchema>;

export const priceTableSchema = z.object({
  /** The day on which it was put together; the evidence says of when each price is. */
  date: z.iso.date(),
  /** Where prices were read, and when that was published. `page`: at the item's own page. */
  evidence: z.record(z.string(), z.object({ source: z.string(), date: z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/) })),
  /** A region's code, or `cloudfront-us` for an edge location group. */
  places: z.record(
    z.string(),
    z.partialRecord(z.enum(priceNames as [PriceName, ...PriceName[]]), z.object({ tiers: z.array(tierSchema).min(1), evidence: z.string() })),
  ),
});
export type PriceTable = z.infer<typeof priceTableSchema>;

export interface ListPrice {
  tiers: readonly Tier[];
  source: string;
  date: string;
}

export function priceOf({ places, evidence }: PriceTable, place: string, name: PriceName): ListPrice | undefined {
  const known = places[place]?.[name];
  if (!known) return undefined;
  const { source, date } = evidence[known.evidence] ?? { source: "page", date: "" };
  return { tiers: known.tiers, source: source === "page" ? itemOf(name).page : source, date };
}

/** Regions, not CloudFront's edges. */
export const regionsOf = ({ places }: PriceTable): string[] => Object.keys(places).filter((place) => regionPattern.test(place));
export const regionPattern = /^[a-z]{2}-[a-z]+-\d$/;

/** What an estimate would lack there. */
export const missingPrices = (table: PriceTable, region: string): PriceName[] => projectPrices.filter((name) => !table.places[region]?.[name]);

export interface TierPart {
  quantity: string;
  unitDollars: string;
  dollars: string;
}

/** An amount through its tiers, exactly; undefined where it reaches one that nobody has looked up. */
export function charge(tiers: readonly Tier[], quantity: Big): { parts: TierPart[]; dollars: Big } | undefined {
  const parts: TierPart[] = [];
  let dollars = new Big(0);
  for (const [at, [from, unitDollars]] of tiers.entries()) {
    const until = tiers[at + 1]?.[0];
    const end = until === undefined || quantity.lt(until) ? quantity : new Big(until);
    const inTier = end.minus(from);
    if (at > 0 && inTier.lte(0)) break;
    if (unitDollars === null) return undefined;
    const amount = inTier.times(unitDollars);
    parts.push({ quantity: inTier.toFixed(), unitDollars, dollars: amount.toFixed() });
    dollars = dollars.plus(amount);
  }
  return { parts, dollars };
}
