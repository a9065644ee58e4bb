/** `chartctl/app` in a preview: a table in memory, gone when the preview ends. */
import type { Item, Table } from "./table.ts";
import { defaultLimit } from "./table.ts";

const partitions = new Map<string, Map<string, string>>();

/** As DynamoDB orders text. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

export const table: Table = {
  put: async (item) => {
    for (const name of ["pk", "sk"] as const) if (typeof item[name] !== "string" || item[name] === "") throw new Error(`An item needs a ${name}: a text`);
    const partition = partitions.get(item.pk) ?? new Map<string, string>();
    partitions.set(item.pk, partition.set(item.sk, JSON.stringify(item)));
  },
  get: async (pk, sk) => {
    const text = partitions.get(pk)?.get(sk);
    return text === undefined ? undefined : (JSON.parse(text) as Item);
  },
  query: async (pk, { from, to, limit = defaultLimit, newestFirst = false } = {}) => {
    const keys = [...(partitions.get(pk)?.keys() ?? [])]
      .filter((sk) => (from === undefined || byBytes(sk, from) >= 0) && (to === undefined || byBytes(sk, to) <= 0))
      .sort(byBytes);
    if (newestFirst) keys.reverse();
    return keys.slice(0, limit).map((sk) => JSON.parse(partitions.get(pk)?.get(sk) ?? "{}") as Item);
  },
  delete: async (pk, sk) => void partitions.get(pk)?.delete(sk),
};
