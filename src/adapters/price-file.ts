/** The prices that this machine has: the package's and those of `costs prices update`, of each the newer one. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PricesFrom } from "../core/costs/prices/newer.ts";
import { newerOf } from "../core/costs/prices/newer.ts";
import { packagedPrices } from "../core/costs/prices/packaged.ts";
import type { PriceTable } from "../core/costs/prices/table.ts";
import { priceTableSchema } from "../core/costs/prices/table.ts";
import { writePrivateJson } from "./json-file.ts";

export interface PriceFile {
  file: string;
  current(): { table: PriceTable; from: PricesFrom };
  /** Whole or not at all. Error `config.unwritable` (failed). */
  write(table: PriceTable): void;
}

export function priceFile(cacheFolder: string): PriceFile {
  const file = join(cacheFolder, "prices.json");
  const packaged = { table: packagedPrices, from: "package" } as const;
  let read: { at: number; prices: ReturnType<PriceFile["current"]> } | undefined;
  return {
    file,
    current: () => {
      const at = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      // A server lives longer than a table.
      if (at !== undefined && read?.at !== at) {
        const updated = tableIn(file);
        read = { at, prices: updated ? newerOf(updated, packagedPrices) : packaged };
      }
      return at === undefined ? packaged : (read?.prices ?? packaged);
    },
    write: (table) => writePrivateJson(file, table),
  };
}

/** What isn't what was written is as if it weren't there. */
function tableIn(file: string): PriceTable | undefined {
  try {
    return priceTableSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}
