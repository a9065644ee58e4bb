/** Where a price was read, and when; where its later tiers were read elsewhere, each with its own date. */
import { laterTiers } from "../core/costs/prices/price-text.ts";

export const hasLaterTiers = (source: string): boolean => source.includes(laterTiers);

/** `AWS price list (2026-09-24), later tiers: cloudfront.json (2025-07-01)`. */
export function datedSource(source: string, date: string): string {
  const [first = "", later] = source.split(laterTiers);
  return `${first} (${date})${later === undefined ? "" : `, later tiers: ${later}`}`;
}
