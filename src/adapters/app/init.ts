/** Writes a template into a folder. */
import { cpSync, existsSync, readdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { ChartctlError, messageOf } from "../../errors.ts";
import { makeFolder } from "../../private-folder.ts";
import { refused } from "./refused.ts";

/** The files written. Nothing is written over: the folder must be empty, or not there. Errors: `app.not-empty` (usage), `app.unwritable` (failed). */
export function writeTemplate(template: string, to: string): string[] {
  const folder = resolve(to);
  if (existsSync(folder) && (!statSync(folder).isDirectory() || readdirSync(folder).length > 0))
    throw refused("not-empty", `${folder} is not empty; nothing is written over`, "name another folder: chartctl init --template NAME DIR");
  try {
    makeFolder(folder);
    cpSync(template, folder, { recursive: true, errorOnExist: true, force: false });
  } catch (error) {
    const hint = "free some space, or name another folder: chartctl init --template NAME DIR";
    throw new ChartctlError({ kind: "failed", code: "app.unwritable", message: `${folder} can't be written: ${messageOf(error)}`, hint, cause: error });
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`.slice(folder.length + 1))
    .sort();
}
