/** A region, or an edge area of CloudFront's, that the price table knows. */
import type { PriceTable } from "../../core/costs/prices/table.ts";
import { regionPattern } from "../../core/costs/prices/table.ts";
import { nearest } from "../../core/near.ts";
import { ChartctlError } from "../../errors.ts";

/** Error `prices.no-region` (usage). */
export function refuseUnknown(place: string, known: string[], { date }: PriceTable): void {
  if (known.includes(place)) return;
  const named = JSON.stringify(place.slice(0, 40));
  const partition = partitions.find(({ regions }) => regions.test(place))?.name;
  const near = nearest(place, known);
  const meant = near ? `did you mean ${near}?` : "see which they have: chartctl costs prices";
  throw new ChartctlError({
    kind: "usage",
    code: "prices.no-region",
    message:
      partition === undefined
        ? `The prices of ${date} have no region ${named}`
        : `Region ${named} is in ${partition}, a partition of AWS that chartctl has no prices of`,
    hint:
      partition !== undefined
        ? "the regions that it has prices of: chartctl costs prices"
        : regionPattern.test(place)
          ? `${meant}${near ? "" : "."} If it is a new one: chartctl costs prices update`
          : meant,
    details: { region: place, regions: known },
  });
}

/** Price lists of their own, in currencies and at addresses of their own. */
const partitions = [
  { name: "China", regions: /^cn-/ },
  { name: "GovCloud", regions: /^us-gov-/ },
  { name: "the European Sovereign Cloud", regions: /^eusc-/ },
  { name: "one of AWS's isolated clouds", regions: /^(us|eu)-iso[a-z]?-/ },
];
