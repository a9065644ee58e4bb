/** A template's files, where nothing else is. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeTemplate } from "../../../src/adapters/app/init.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartctl-init-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder that can't be made is told as that, and nothing is written over", () => {
  writeFileSync(join(folder, "file"), "before");
  expect(() => writeTemplate(folder, join(folder, "file", "new"))).toThrow(expect.objectContaining({ kind: "failed", code: "app.unwritable" }));
  expect(() => writeTemplate(folder, folder)).toThrow(expect.objectContaining({ code: "app.not-empty" }));
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("before");
});
