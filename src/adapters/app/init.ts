/** Writes a template into a folder. */
import { cpSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { refused } from "./refused.ts";

/** The files written. Nothing is written over: the folder must be empty, or not there. Error `app.not-empty` (usage). */
export function writeTemplate(template: string, to: string): string[] {
  const folder = resolve(to);
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there && (!there.isDirectory() || readdirSync(folder).length > 0))
    throw refused("not-empty", `${folder} is not empty; nothing is written over`, "name another folder: chartctl init --template NAME DIR");
  mkdirSync(folder, { recursive: true });
  cpSync(template, folder, { recursive: true, errorOnExist: true, force: false });
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`.slice(folder.length + 1))
    .sort();
}
