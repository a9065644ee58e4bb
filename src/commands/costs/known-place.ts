/** A region, or an edge area of CloudFront's, that the price table knows. */
import type { PriceTable } from "../../core/costs/prices/table.ts";
import { regionPattern } from "../../core/costs/prices/table.ts";
import { nearest } from "../../core/near.ts";
import { ChartctlError } from "../../errors.ts";

/** Error `prices.no-region`: failed, or usage for what can't be a region. */
export function refuseUnknown(place: string, known: string[], { date }: PriceTable): void {
  if (known.includes(place)) return;
  const near = nearest(place, known);
  const maybeNew = regionPattern.test(place);
  throw new ChartctlError({
    kind: maybeNew ? "failed" : "usage",
    code: "prices.no-region",
    message: `The prices of ${date} have no region ${JSON.stringify(place.slice(0, 40))}`,
    hint: `${near ? `did you mean ${near}?` : "see which they have: chartctl costs prices"}${maybeNew ? `${near ? "" : "."} If it is a new one: chartctl costs prices update` : ""}`,
    details: { region: place, regions: known },
  });
}
