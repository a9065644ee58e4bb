/** JSON files: those that people write, and those that are their owner's alone. */
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ChartctlError, messageOf } from "../errors.ts";
import { makePrivateFolder } from "../private-folder.ts";

/** An object. Error `config.corrupt` (`failed`). */
export function readJson(file: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof document !== "object" || document === null || Array.isArray(document)) throw new Error("it is no JSON object");
    return document as Record<string, unknown>;
  } catch (error) {
    throw new ChartctlError({
      kind: "failed",
      code: "config.corrupt",
      message: `${file} can't be read: ${messageOf(error)}`,
      hint: "mend its JSON",
      cause: error,
    });
  }
}

/** Readable for its owner alone from the first byte on, and whole at every instant. Error `config.unwritable` (`failed`). */
export function writePrivateJson(file: string, document: Record<string, unknown>): void {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    makePrivateFolder(dirname(file));
    writeFileSync(draft, `${JSON.stringify(document, undefined, 2)}\n`, { mode: 0o600, flag: "wx" });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new ChartctlError({
      kind: "failed",
      code: "config.unwritable",
      message: `${file} can't be written: ${messageOf(error)}`,
      hint: "make its folder writable, or set CHARTCTL_HOME to another one",
      cause: error,
    });
  }
}
