/** An estimate against the bill of a month, line by line: what was assumed wrongly, and what nobody estimated. The lines add up to the bill. */
import Big from "big.js";
import type { CostAmount } from "./actual/cost-source.ts";
import type { EstimateLine, PartialEstimate } from "./estimate.ts";
import { itemOf, sharedTypeServices, withoutRegion } from "./prices/items.ts";
import type { PriceTable } from "./prices/table.ts";
import { charge, priceOf } from "./prices/table.ts";

export interface CheckedLine {
  title: string;
  currency: string;
  /** Undefined: nobody estimated this. */
  estimated: { quantity: string; dollars: string | null; unit: string; assumption: string; parameters: string[] } | undefined;
  billed: { quantity: string | null; amount: string };
  /** As the bill names them. */
  usageTypes: string[];
  /** Billed less estimated; null without an estimate in this currency. */
  difference: string | null;
  /** The difference's two parts: another amount at list price, and another price (free tier, discounts) for that amount. */
  byUsage: string | null;
  byPrice: string | null;
  /** What was off, by more than a tenth. */
  off: "usage" | "price" | "unmatched" | null;
}
export interface Check {
  lines: CheckedLine[];
  /** Null: a line of the estimate has no price, and part of a sum is no total. */
  estimatedDollars: string | null;
  /** Of the month: what the estimate is in proportion to; a whole one is 1. */
  share: string;
  /** False: the bill has nothing, which says nothing of any assumption. */
  compared: boolean;
  /** By currency: what the lines' bills add up to. */
  billed: Record<string, string>;
  /** Parameters as they would have fitted, for a whole month, as `--set` takes them. */
  measured: string[];
}

const currency = "USD";

/** `share`: of the month, that the project stood in: the estimate counts in proportion. */
export function checkEstimate(whole: PartialEstimate, amounts: CostAmount[], prices: PriceTable, share = new Big(1)): Check {
  const estimate = share.eq(1) ? whole : inProportion(whole, share, prices);
  const compared = amounts.length > 0;
  const matched = new Map<EstimateLine, CostAmount[]>();
  const rest = new Map<string, CostAmount[]>();
  for (const amount of amounts) {
    const line = amount.currency === currency ? estimate.lines.find((one) => isOf(one, amount)) : undefined;
    if (line) matched.set(line, [...(matched.get(line) ?? []), amount]);
    else {
      const at = JSON.stringify([amount.key, amount.used?.type ?? null, amount.kind, amount.currency]);
      rest.set(at, [...(rest.get(at) ?? []), amount]);
    }
  }
  const lines = [
    ...estimate.lines.map((line) => checkedLine(line, matched.get(line) ?? [], estimate.region, prices)),
    ...[...rest.values()].map(unmatchedLine),
  ].filter(
    ({ estimated, billed }) => !isNothing(estimated?.dollars) || !isNothing(billed.amount) || !isNothing(billed.quantity) || !isNothing(estimated?.quantity),
  );
  const billed: Record<string, string> = {};
  for (const line of lines) billed[line.currency] = new Big(billed[line.currency] ?? 0).plus(line.billed.amount).toFixed();
  return {
    lines: compared ? lines : lines.map((line) => ({ ...line, off: null })),
    estimatedDollars: estimate.lines.some(({ monthlyDollars }) => monthlyDollars === null) ? null : estimate.dollars.expected,
    share: share.toFixed(),
    compared,
    billed,
    measured: compared ? measuredParameters(lines, estimate, share) : [],
  };
}

/** Of a part of a month: less of everything, through AWS's tiers from their beginning, because they count by the month, too. */
function inProportion(estimate: PartialEstimate, share: Big, prices: PriceTable): PartialEstimate {
  const lines = estimate.lines.map((line): EstimateLine => {
    const quantity = new Big(line.quantity).times(share).round(9);
    const tiers = priceOf(prices, estimate.region, line.price)?.tiers;
    const dollars = quantity.eq(0) ? "0" : line.monthlyDollars === null || !tiers ? null : (charge(tiers, quantity)?.dollars.toFixed() ?? null);
    return { ...line, quantity: quantity.toFixed(), monthlyDollars: dollars };
  });
  const expected = lines.reduce((sum, { monthlyDollars }) => sum.plus(monthlyDollars ?? 0), new Big(0)).toFixed();
  return { ...estimate, lines, dollars: { ...estimate.dollars, expected } };
}

const isNothing = (amount: string | null | undefined): boolean => amount === null || amount === undefined || new Big(amount).eq(0);

function isOf({ price }: EstimateLine, { key, kind, used }: CostAmount): boolean {
  const { service, listed, billed } = itemOf(price);
  if (kind !== "usage" || !used || !isBy(service, key)) return false;
  return (billed ?? [listed]).includes(withoutRegion(used.type));
}

/** Where the bill names no service, a usage type says it by itself; those that don't are told with theirs. */
const isBy = (service: string | undefined, key: string | null): boolean =>
  service === undefined || service === key || (key === null && !sharedTypeServices.includes(service));

const sumOf = (amounts: CostAmount[], of: (amount: CostAmount) => string): Big => amounts.reduce((sum, amount) => sum.plus(of(amount)), new Big(0));
const typesOf = (amounts: CostAmount[]): string[] => [...new Set(amounts.flatMap(({ used }) => used?.type ?? []))];

function checkedLine(line: EstimateLine, of: CostAmount[], region: string, prices: PriceTable): CheckedLine {
  const amount = sumOf(of, (one) => one.amount);
  const quantity = sumOf(of, ({ used }) => used?.quantity ?? "0");
  const tiers = priceOf(prices, region, line.price)?.tiers;
  const listed = quantity.eq(0) ? new Big(0) : tiers && charge(tiers, quantity.lt(0) ? new Big(0) : quantity)?.dollars;
  const byPrice = listed ? amount.minus(listed) : null;
  const byUsage = listed && line.monthlyDollars !== null ? listed.minus(line.monthlyDollars) : null;
  return {
    title: line.title,
    currency,
    estimated: { quantity: line.quantity, dollars: line.monthlyDollars, unit: line.unit, assumption: line.assumption, parameters: line.parameters },
    billed: { quantity: quantity.toFixed(), amount: amount.toFixed() },
    usageTypes: typesOf(of),
    difference: line.monthlyDollars === null ? null : amount.minus(line.monthlyDollars).toFixed(),
    byUsage: byUsage?.toFixed() ?? null,
    byPrice: byPrice?.toFixed() ?? null,
    off: differs(quantity, new Big(line.quantity)) ? "usage" : listed && differs(amount, listed) ? "price" : null,
  };
}

function unmatchedLine(of: CostAmount[]): CheckedLine {
  const [first] = of as [CostAmount];
  const amount = sumOf(of, (one) => one.amount);
  const quantity = first.used ? sumOf(of, ({ used }) => used?.quantity ?? "0").toFixed() : null;
  return {
    title: titleOf(first),
    currency: first.currency,
    estimated: undefined,
    billed: { quantity, amount: amount.toFixed() },
    usageTypes: typesOf(of),
    difference: null,
    byUsage: null,
    byPrice: null,
    off: amount.abs().lt(rounding) ? null : "unmatched",
  };
}

/** More than Cost Explorer rounds in a month of figures, each with ten decimals. */
const rounding = "0.000001";

/** Of a project, what no service and no usage type is named for. */
export const restTitle = "Of no usage type";

function titleOf({ key, kind, used }: CostAmount): string {
  if (kind === "tax") return "Tax";
  if (key === null) return used?.type ?? { usage: restTitle, credit: "Credits", refund: "Refunds" }[kind];
  return `${key}: ${kind === "usage" ? (used?.type ?? "fees and discounts") : `${kind}s`}`;
}

/** By more than a tenth of the larger one. */
export const differs = (one: Big, other: Big): boolean => {
  const larger = one.abs().gt(other.abs()) ? one.abs() : other.abs();
  return one.minus(other).abs().times(10).gt(larger);
};

/** Of what was off in usage: each from the amounts that it makes, rounded up as an estimate is. */
function measuredParameters(lines: CheckedLine[], { lines: estimated }: PartialEstimate, share: Big): string[] {
  const used = (price: EstimateLine["price"]): Big => {
    const title = estimated.find((line) => line.price === price)?.title;
    const line = lines.find((one) => one.title === title);
    return new Big(line?.billed.quantity ?? 0);
  };
  const requests = used("lambdaRequest");
  const each = (amount: Big): Big => (requests.eq(0) ? new Big(0) : amount.div(requests));
  const ofWhole = (amount: Big): Big => amount.div(share);
  const measured: Record<string, Big> = {
    monthly_requests: ofWhole(requests),
    reads_per_request: each(used("dynamodbRead")),
    writes_per_request: each(used("dynamodbWrite")),
    table_gb: ofWhole(used("dynamodbStorage")),
    storage_gb: ofWhole(used("s3Storage")),
    log_kb_per_request: each(used("logsIngest").times(1_000_000)),
    response_kb: each(used("transferOut").times(1_000_000)),
  };
  const off = new Set(lines.filter((line) => line.off === "usage").flatMap(({ estimated: of }) => of?.parameters ?? []));
  return Object.entries(measured)
    .filter(([name]) => off.has(name))
    .map(([name, value]) => `${name}=${/_gb$|log_kb/.test(name) ? value.round(3, Big.roundUp).toFixed() : value.round(0, Big.roundUp).toFixed()}`);
}
