/** Zips whose bytes follow from their content alone. */
import { strToU8, zipSync } from "fflate";

/** The earliest time that a zip entry can carry. */
const fixedTime = new Date(1980, 0, 1);
const unix = 3;

/** Entries in the order of their names, each with the same time, owner and mode (0644): same input, same bytes. */
export function reproducibleZip(entries: Record<string, string | Uint8Array>): Uint8Array {
  const names = Object.keys(entries).sort();
  const options = { mtime: fixedTime, level: 9, os: unix, attrs: 0o644 << 16 } as const;
  return zipSync(Object.fromEntries(names.map((name) => [name, [bytesOf(entries[name] ?? ""), options]])));
}

const bytesOf = (content: string | Uint8Array): Uint8Array => (typeof content === "string" ? strToU8(content) : content);
