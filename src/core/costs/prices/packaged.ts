/**
 * On-demand list prices in US dollars, free tiers left out: AWS's list, and what was read again since. Nothing is guessed from another
 * region. AWS's list as its pricing pages had it on 2025-12-06 (public copies at github.com/v0rts/aws-price-watcher; each service's
 * date is when AWS published it): every commercial region of then, of which three had no HTTP APIs.
 */
import { listed } from "./listed.ts";
import { readAgain, tableIn } from "./price-text.ts";
import { readings } from "./readings.ts";
import type { PriceTable } from "./table.ts";

export const packagedPrices: PriceTable = readAgain(tableIn(listed, "2026-11-26"), readings);
