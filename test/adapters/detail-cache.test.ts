/** Lines of a bill are kept whole or not at all, whatever stands in them. */
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keptDetail } from "../../src/adapters/detail-cache.ts";
import type { DetailLine, DetailQuery } from "../../src/core/costs/report/detail.ts";

/** Longer than one piece; U+2028 ends a line for some readers. */
const lines: DetailLine[] = Array.from({ length: 2_000 }, (_, at) => ({
  day: "2026-10-01",
  projectId: at === 0 ? null : `p\u2028${at}\n"é€`,
  service: at % 2 === 0 ? null : "AWS Lambda",
  currency: "USD",
  amount: `-0.${at}`,
}));
const query: DetailQuery = { from: "2026-10-01", until: "2026-11-01", metric: "unblended", tags: {} };
let folder: string;
let asked: number;
const notes: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartctl-detail-"));
  asked = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const source = (more: { refresh?: boolean; now?: string } = {}) =>
  keptDetail(
    {
      lines: async function* () {
        asked++;
        yield* lines;
      },
    },
    { folder, scope: [], refresh: false, note: (message) => notes.push(message), ...more, now: () => new Date(more.now ?? "2026-11-26T12:00:00.000Z") },
  );
async function gathered(found: AsyncIterable<DetailLine>): Promise<DetailLine[]> {
  const gatheredLines: DetailLine[] = [];
  for await (const line of found) gatheredLines.push(line);
  return gatheredLines;
}
const all = async (from = source()): Promise<DetailLine[]> => await gathered(from.lines(query, () => {}));

it("gives the same lines again, and asks once", async () => {
  expect(await all()).toEqual(lines);
  expect(await all()).toEqual(lines);
  expect([asked, readdirSync(folder).length]).toEqual([1, 1]);
});

it("asks again after six hours, and with refresh what is older than this run", async () => {
  await all();
  await all(source({ now: "2026-11-26T18:00:00.001Z" }));
  expect(asked).toBe(2);
  const refreshed = source({ refresh: true, now: "2026-11-26T18:00:00.001Z" });
  await all(refreshed);
  expect(await all(refreshed)).toEqual(lines);
  expect(asked).toBe(3);
});

it("asks again for what is cut short", async () => {
  await all();
  const [name = ""] = readdirSync(folder);
  const file = join(folder, name);
  for (const bytes of [statSync(file).size - 1, 600, 10, 0]) {
    truncateSync(file, bytes);
    expect(await all()).toEqual(lines);
  }
  expect(asked).toBe(5);
});

it("keeps nothing of what nobody read to its end", async () => {
  for await (const line of source().lines(query, () => {})) {
    expect(line).toEqual(lines[0]);
    break;
  }
  expect(readdirSync(folder)).toEqual([]);
});

it("tells what can't be kept all the same, and says so", async () => {
  rmSync(folder, { recursive: true });
  const nowhere = {
    lines: async function* () {
      yield* lines;
    },
  };
  const kept = keptDetail(nowhere, { folder: "/proc/nowhere", scope: [], refresh: false, now: () => new Date(), note: (message) => notes.push(message) });
  expect(await all(kept)).toEqual(lines);
  expect(notes).toContainEqual(expect.stringContaining("/proc/nowhere"));
  folder = mkdtempSync(join(tmpdir(), "chartctl-detail-"));
});
