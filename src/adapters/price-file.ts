/** The prices that this machine has: the package's, or those of `costs prices update`, whichever are newer. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { packagedPrices } from "../core/costs/prices/packaged.ts";
import type { PriceTable } from "../core/costs/prices/table.ts";
import { priceTableSchema } from "../core/costs/prices/table.ts";
import { writePrivateJson } from "./json-file.ts";

export interface PriceFile {
  file: string;
  current(): { table: PriceTable; from: "package" | "update" };
  /** Whole or not at all. Error `config.unwritable` (failed). */
  write(table: PriceTable): void;
}

export function priceFile(cacheFolder: string): PriceFile {
  const file = join(cacheFolder, "prices.json");
  let read: { at: number; table: PriceTable | undefined } | undefined;
  return {
    file,
    current: () => {
      const at = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      // A server lives longer than a table.
      if (at !== undefined && read?.at !== at) read = { at, table: tableIn(file) };
      const updated = at === undefined ? undefined : read?.table;
      return updated && updated.date >= packagedPrices.date ? { table: updated, from: "update" } : { table: packagedPrices, from: "package" };
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
