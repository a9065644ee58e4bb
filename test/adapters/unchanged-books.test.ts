/** Answers of the books that are kept while nobody writes to them, over a real store. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unchangedBooks } from "../../src/adapters/unchanged-books.ts";

let folder: string;
let database: string;
let cache: string;
let writer: InstanceType<typeof Libsql>;
const open = () => new Libsql(database, { timeout: 5_000 });
const total = () => {
  const reader = open();
  try {
    return (reader.prepare("select sum(cents) as cents from projects").get() as { cents: number }).cents;
  } finally {
    reader.close();
  }
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartctl-unchanged-"));
  database = join(folder, "chartctl.db");
  cache = join(folder, "cache");
  writer = open();
  writer.exec("pragma journal_mode = wal; create table projects (cents integer); insert into projects values (500)");
});
afterEach(() => {
  writer.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Well after the last write, unless said otherwise. */
function books({ version = "1.0.0", later = 60_000, at = cache } = {}) {
  let asked = 0;
  const kept = unchangedBooks({ database, folder: at, version, now: () => new Date(Date.now() + later) });
  return {
    total: (question: string[] = ["total"]) =>
      kept(question, async () => {
        asked++;
        return { cents: total() };
      }),
    asked: () => asked,
  };
}

describe("unchanged books", () => {
  test("are asked once, and not opened for the same question in another process", async () => {
    const [first, second] = [books(), books()];
    expect([await first.total(), await first.total(), await second.total()]).toEqual([{ cents: 500 }, { cents: 500 }, { cents: 500 }]);
    expect([first.asked(), second.asked()]).toEqual([1, 0]);
    const [file = ""] = readdirSync(cache);
    expect(statSync(join(cache, file)).mode & 0o777).toBe(0o600);
  });
  test("that another process wrote to are asked again: in the log, in the file, with the log gone", async () => {
    const asking = books();
    await asking.total();
    writer.exec("insert into projects values (25)");
    expect(await asking.total()).toEqual({ cents: 525 });
    writer.exec("pragma wal_checkpoint(truncate); update projects set cents = 7 where cents = 25");
    expect(await asking.total()).toEqual({ cents: 507 });
    writer.exec("delete from projects where cents = 7");
    writer.close();
    expect(await asking.total()).toEqual({ cents: 500 });
    writer = open();
    expect(asking.asked()).toBe(4);
  });
  test("that were written a moment ago, or while they answer, aren't kept", async () => {
    const hasty = books({ later: 0 });
    await hasty.total();
    await hasty.total();
    expect(hasty.asked()).toBe(2);
    const kept = unchangedBooks({ database, folder: cache, version: "1.0.0", now: () => new Date(Date.now() + 60_000) });
    const crossed = await kept(["total"], async () => {
      const cents = total();
      writer.exec("insert into projects values (25)");
      return { cents };
    });
    expect(crossed).toEqual({ cents: 500 });
    expect(await books().total()).toEqual({ cents: 525 });
  });
  test("answer each question, each version and each store for itself", async () => {
    const asking = books();
    await asking.total();
    await asking.total(["total", "of ann"]);
    const newer = books({ version: "1.0.1" });
    await newer.total();
    expect([asking.asked(), newer.asked()]).toEqual([2, 1]);
  });
  test.each(["", "{", "null", "[]", '{"stand":"other","answer":{"cents":1}}'])("what was kept as %j is asked again", async (text) => {
    await books().total();
    const [file = ""] = readdirSync(cache);
    writeFileSync(join(cache, file), text);
    const asking = books();
    expect(await asking.total()).toEqual({ cents: 500 });
    expect(asking.asked()).toBe(1);
    expect(JSON.parse(readFileSync(join(cache, file), "utf8"))).toMatchObject({ answer: { cents: 500 } });
  });
  test("that can't be kept, or that aren't there, are asked each time", async () => {
    const nowhere = books({ at: join(database, "no-folder") });
    expect([await nowhere.total(), await nowhere.total()]).toEqual([{ cents: 500 }, { cents: 500 }]);
    expect(nowhere.asked()).toBe(2);
    const absent = unchangedBooks({ database: join(folder, "none.db"), folder: cache, version: "1.0.0", now: () => new Date() });
    expect([await absent(["x"], async () => 1), await absent(["x"], async () => 2)]).toEqual([1, 2]);
  });
  test("an error is told, and not kept", async () => {
    const kept = unchangedBooks({ database, folder: cache, version: "1.0.0", now: () => new Date(Date.now() + 60_000) });
    await expect(kept(["x"], async () => await Promise.reject(new Error("no such tenant")))).rejects.toThrow("no such tenant");
    expect(await kept(["x"], async () => "there")).toBe("there");
  });
});
