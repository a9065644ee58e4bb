/** AWS's price list, as it publishes it ("Reading the service price list file"): a row a price dimension, with its product's attributes. */
import Big from "big.js";
import { ChartctlError } from "../../../errors.ts";
import type { Offer, PriceItem, PriceName } from "./items.ts";
import { itemOf, priceNames, projectPrices, withoutRegion } from "./items.ts";
import type { PriceTable, Tier } from "./table.ts";
import { missingPrices, regionPattern, regionsOf } from "./table.ts";

/** A row's values by column; column names in lower case, letters and digits alone (`Region Code` and `regionCode` are one). */
export type ListRow = Record<string, string>;
export const columnName = (title: string): string => title.toLowerCase().replace(/[^a-z0-9]/g, "");

interface Dimension {
  from: string;
  until: string;
  dollars: string;
}
export interface OfferPrices {
  /** Tiers by place and name. */
  places: Record<string, Partial<Record<PriceName, Tier[]>>>;
  /** Where the list has several prices for one thing, or tiers with a gap: left out. */
  unclear: { place: string; name: PriceName }[];
}

/** Takes rows one by one: what isn't wanted is never kept. */
export function offerReader(offer: Offer): { row(row: ListRow): void; end(): OfferPrices } {
  const wanted = priceNames.filter((name) => itemOf(name).offer === offer);
  /** By place, name and SKU. */
  const found = new Map<string, Map<PriceName, Map<string, Dimension[]>>>();
  return {
    row: (row) => {
      if (row.termtype !== "OnDemand" || row.currency !== "USD") return;
      const name = wanted.find((one) => isOf(itemOf(one), row));
      const place = name && placeOf(offer, row);
      if (!name || !place) return;
      const dimension = { from: row.startingrange || "0", until: row.endingrange || "Inf", dollars: row.priceperunit ?? "" };
      const ofPlace = found.get(place) ?? new Map<PriceName, Map<string, Dimension[]>>();
      found.set(place, ofPlace);
      const ofName = ofPlace.get(name) ?? new Map<string, Dimension[]>();
      ofPlace.set(name, ofName);
      const sku = row.sku ?? "";
      ofName.set(sku, [...(ofName.get(sku) ?? []), dimension]);
    },
    end: () => {
      const places: OfferPrices["places"] = {};
      const unclear: OfferPrices["unclear"] = [];
      for (const [place, byName] of found) {
        for (const [name, bySku] of byName) {
          const several = [...bySku.values()].map((dimensions) => tiersOf(dimensions));
          const [tiers, ...others] = several;
          if (tiers === undefined || others.some((other) => JSON.stringify(other) !== JSON.stringify(tiers))) unclear.push({ place, name });
          else places[place] = { ...places[place], [name]: tiers };
        }
      }
      return { places, unclear };
    },
  };
}

function isOf({ listed, where = {} }: PriceItem, row: ListRow): boolean {
  if (listed !== undefined && bareUsageType(row.usagetype ?? "", row) !== listed) return false;
  return Object.entries(where).every(([column, value]) => row[column] === value);
}

/** CloudFront's usage types start with an edge location group: `US-DataTransfer-Out-Bytes`. */
const edge = /^(US|EU|CA|JP|AU|IN|SA|ZA|ME|AP)-/;
const bareUsageType = (usageType: string, { servicecode }: ListRow): string =>
  servicecode === "AmazonCloudFront" ? usageType.replace(edge, "") : withoutRegion(usageType);

/** Commercial regions alone: no Local Zones, no GovCloud (whose codes have more parts). */
function placeOf(offer: Offer, row: ListRow): string | undefined {
  if (offer === "AmazonCloudFront") {
    const group = edge.exec(row.usagetype ?? "")?.[1];
    return group && `cloudfront-${group.toLowerCase()}`;
  }
  const code = row.regioncode || row.fromregioncode || "";
  const kind = row.locationtype || row.fromlocationtype || "AWS Region";
  return kind === "AWS Region" && regionPattern.test(code) ? code : undefined;
}

/** Undefined when they don't join. What is free at first is no tier here: whoever else is in the account may have used it up. */
function tiersOf(dimensions: Dimension[]): Tier[] | undefined {
  if (dimensions.some(({ from, until, dollars }) => !isDecimal(from) || !isDecimal(dollars) || !(until === "Inf" || isDecimal(until)))) return undefined;
  const sorted = [...dimensions].sort((a, b) => new Big(a.from).cmp(b.from));
  const joined = sorted.every(({ until }, at) => (at === sorted.length - 1 ? until === "Inf" : sorted[at + 1] && new Big(until).eq(sorted[at + 1]?.from ?? 0)));
  if (!joined || !new Big(sorted[0]?.from ?? 1).eq(0)) return undefined;
  const paid = sorted.findIndex(({ dollars }) => !new Big(dollars).eq(0));
  if (paid < 0) return undefined;
  return sorted.slice(paid).map(({ from, dollars }, at): Tier => [at === 0 ? "0" : new Big(from).toFixed(), new Big(dollars).toFixed()]);
}
const isDecimal = (text: string): boolean => /^\d+(\.\d+)?$/.test(text);

/** One table of all offers. `published` and `source`: of each offer's file. */
export function tableOf(read: { offer: Offer; published: string; source: string; prices: OfferPrices }[], date: string): PriceTable {
  const places: PriceTable["places"] = {};
  for (const { offer, prices } of read)
    for (const [place, byName] of Object.entries(prices.places))
      for (const [name, tiers] of Object.entries(byName)) places[place] = { ...places[place], [name]: { tiers, evidence: offer } };
  const evidence = Object.fromEntries(read.map(({ offer, published, source }) => [offer, { source, date: published.slice(0, 10) }]));
  return { date, evidence, places: Object.fromEntries(Object.entries(places).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/**
 * Refuses a table that can't be AWS's whole list: a region where projects are made lacks a price, a price is nothing like what it was,
 * or regions are gone. Error `prices.refused` (external).
 */
export function refuseDoubtful(table: PriceTable, before: PriceTable, needed: readonly string[]): void {
  const doubts = [
    ...needed.flatMap((region) => missingPrices(table, region).map((name) => `${region} has no price for ${name}`)),
    ...regionsOf(before)
      .filter((region) => !table.places[region])
      .map((region) => `${region} is gone`),
    ...Object.entries(table.places).flatMap(([place, prices]) =>
      Object.entries(prices).flatMap(([name, { tiers }]) => {
        const [least, most] = itemOf(name as PriceName).believed;
        const [, dollars] = tiers[0] ?? [];
        const absurd = dollars == null || new Big(dollars).lt(least) || new Big(dollars).gt(most);
        return absurd ? [`${place}: ${name} at $${dollars}, which is not between $${least} and $${most}`] : [];
      }),
    ),
  ];
  if (doubts.length === 0) return;
  throw new ChartctlError({
    kind: "external",
    code: "prices.refused",
    message: `What was read isn't AWS's whole price list: ${doubts.slice(0, 3).join("; ")}${doubts.length > 3 ? `; and ${doubts.length - 3} more` : ""}`,
    hint: `the prices of ${before.date} go on being used; look at them: chartctl costs prices`,
    details: { doubts },
  });
}

export interface PriceChange {
  place: string;
  name: PriceName;
  /** The first tier, in dollars; null: there was none. */
  was: string | null;
  is: string;
}

/** What a project's prices became, where they were something else. */
export const changedPrices = (table: PriceTable, before: PriceTable): PriceChange[] =>
  regionsOf(table).flatMap((place) =>
    projectPrices.flatMap((name) => {
      const is = table.places[place]?.[name]?.tiers[0]?.[1];
      const was = before.places[place]?.[name]?.tiers[0]?.[1] ?? null;
      return is == null || (was !== null && new Big(was).eq(is)) ? [] : [{ place, name, was, is }];
    }),
  );
