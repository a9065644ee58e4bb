import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvRows } from "../../src/adapters/csv-rows.ts";

async function* inParts(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

describe("comma-separated values as they arrive", () => {
  it("are the rows that were written, wherever the parts are cut", async () => {
    const value = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", " ", "é"), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(value, { minLength: 2, maxLength: 4 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 20 }),
        fc.boolean(),
        async (rows, size, quoted) => {
          const read: string[][] = [];
          for await (const row of csvRows(inParts(stringify(rows, { quoted, quoted_empty: quoted }), size))) read.push(row);
          expect(read).toEqual(rows);
        },
      ),
    );
  });
});
