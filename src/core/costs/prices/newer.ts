/** Two tables, price by price: the one that AWS published, or somebody read, later. On which day a table was put together says nothing of that. */
import { itemOf, priceNames } from "./items.ts";
import type { PriceTable } from "./table.ts";

/** `both`: some of each. */
export type PricesFrom = "package" | "update" | "both";

/**
 * `update`: AWS's whole list, whose evidence is by offer. What its offer lacks is gone, unless the package's price is of later. A month
 * alone is a date that is before all of its days.
 */
export function newerOf(update: PriceTable, packaged: PriceTable): { table: PriceTable; from: PricesFrom } {
  const places: PriceTable["places"] = {};
  const evidence: PriceTable["evidence"] = { ...update.evidence };
  const taken = { update: 0, package: 0 };
  for (const place of new Set([...Object.keys(update.places), ...Object.keys(packaged.places)])) {
    const prices: PriceTable["places"][string] = {};
    for (const name of priceNames) {
      const read = update.places[place]?.[name];
      const known = packaged.places[place]?.[name];
      if (known && dateOf(packaged, known.evidence) > dateOf(update, read?.evidence ?? itemOf(name).offer)) {
        const key = `package ${known.evidence}`;
        evidence[key] = packaged.evidence[known.evidence] ?? { source: "page", date: "" };
        prices[name] = { ...known, evidence: key };
        taken.package++;
      } else if (read) {
        prices[name] = read;
        taken.update++;
      }
    }
    if (Object.keys(prices).length > 0) places[place] = prices;
  }
  if (taken.update === 0) return { table: packaged, from: "package" };
  return taken.package === 0 ? { table: update, from: "update" } : { table: { date: update.date, evidence, places }, from: "both" };
}

const dateOf = ({ evidence }: PriceTable, key: string): string => evidence[key]?.date ?? "";
