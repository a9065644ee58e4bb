/** A report's file is whole, or it isn't there; and what was there stays. */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { placesFor, writeWhole } from "../../../src/adapters/report/files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartctl-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const never = new AbortController().signal;
const place = (...names: string[]): string => join(folder, ...names);

test("an interrupted one leaves nothing behind", async () => {
  const stop = new AbortController();
  async function* endless() {
    for (let at = 0; ; at++) {
      if (at === 100) stop.abort();
      yield "x".repeat(10_000);
    }
  }
  await expect(writeWhole(place("a.csv"), endless(), { force: false, interrupted: stop.signal })).rejects.toMatchObject({ kind: "interrupted" });
  expect(readdirSync(folder)).toEqual([]);
});

test("one whose source fails leaves what was there, also when it may be written over", async () => {
  writeFileSync(place("a.csv"), "before");
  async function* broken() {
    yield "half";
    throw new Error("the source broke");
  }
  await expect(writeWhole(place("a.csv"), broken(), { force: true, interrupted: never })).rejects.toThrow("the source broke");
  expect(readdirSync(folder).map((name) => readFileSync(place(name), "utf8"))).toEqual(["before"]);
});

test("of two at once, one is first, and the other is told", async () => {
  const both = await Promise.allSettled(["one", "two"].map((text) => writeWhole(place("new/a.csv"), [text], { force: false, interrupted: never })));
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(both.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "report.exists" } });
  expect(readdirSync(place("new"))).toEqual(["a.csv"]);
});

test("a folder takes files by their names, another place is the one file's own", () => {
  const names = ["a.csv", "a.html"];
  expect(placesFor(undefined, names, { force: false })).toEqual(names);
  expect(placesFor(folder, names, { force: false })).toEqual(names.map((name) => place(name)));
  expect(placesFor(place("new"), names, { force: false })).toEqual(names.map((name) => join(folder, "new", name)));
  expect(placesFor(place("mine.csv"), ["a.csv"], { force: false })).toEqual([place("mine.csv")]);
  writeFileSync(place("a.html"), "");
  expect(() => placesFor(folder, names, { force: false })).toThrow("is there already");
  expect(placesFor(folder, names, { force: true })).toEqual(names.map((name) => place(name)));
  expect(() => placesFor(place("a.html"), names, { force: true })).toThrow("several formats need a folder");
});

test("a place is one file's: two of the same name are refused before anything is written, also where files may be written over", () => {
  for (const force of [false, true])
    expect(() => placesFor(`${place("new")}/`, ["a.csv", "b.csv", "a.csv"], { force })).toThrow(`${place("new", "a.csv")} would be written twice`);
  expect(readdirSync(folder)).toEqual([]);
});

test("a place is tried before it is needed, and is left as it was", () => {
  expect(placesFor(place("new/deep/a.csv"), ["a.csv"], { force: false })).toEqual([place("new/deep/a.csv")]);
  writeFileSync(place("file"), "before");
  expect(() => placesFor(place("file/a.csv"), ["a.csv"], { force: false })).toThrow("can't be written");
  expect(() => placesFor(place(`${"x".repeat(300)}.csv`), ["a.csv"], { force: false })).toThrow("can't be written");
  expect(readdirSync(folder)).toEqual(["file"]);
});

test("through a link it writes where the link leads to, and only when it may write over", async () => {
  mkdirSync(place("shared"));
  writeFileSync(place("shared/real.csv"), "before");
  symlinkSync("shared", place("alias"));
  symlinkSync("alias/real.csv", place("inner.csv"));
  symlinkSync("inner.csv", place("link.csv"));
  symlinkSync("shared/new.csv", place("dangling.csv"));
  for (const name of ["link.csv", "dangling.csv"]) {
    expect(() => placesFor(place(name), ["a.csv"], { force: false })).toThrow("is there already");
    await expect(writeWhole(place(name), ["after"], { force: false, interrupted: never })).rejects.toMatchObject({ code: "report.exists" });
    expect(placesFor(place(name), ["a.csv"], { force: true })).toEqual([place(name)]);
    await writeWhole(place(name), ["after"], { force: true, interrupted: never });
    expect([lstatSync(place(name)).isSymbolicLink(), readFileSync(place(name), "utf8")]).toEqual([true, "after"]);
  }
  expect(readdirSync(place("shared")).map((name) => [name, readFileSync(place("shared", name), "utf8")])).toEqual([
    ["new.csv", "after"],
    ["real.csv", "after"],
  ]);
  symlinkSync("circle.csv", place("circle.csv"));
  expect(() => placesFor(place("circle.csv"), ["a.csv"], { force: true })).toThrow("circle");
  expect(existsSync(place("circle.csv"))).toBe(false);
});

test("a file is called like what it is, and one name isn't several files", () => {
  const refused = (output: string, names: string[]) =>
    expect(() => placesFor(place(output), names, { force: true })).toThrow(expect.objectContaining({ code: "report.output" }));
  refused("x.csv", ["a.html"]);
  refused("X.XLSX", ["a.csv"]);
  refused("one.txt", ["a.csv", "a.html"]);
  refused("one.csv", ["a.csv", "a.html"]);
  expect(placesFor(place("one.txt"), ["a.csv"], { force: false })).toEqual([place("one.txt")]);
  expect(placesFor(place("v1.2/"), ["a.csv", "a.html"], { force: false })).toEqual([place("v1.2/a.csv"), place("v1.2/a.html")]);
});
