/** The applications that chartctl brings along. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { closest } from "fastest-levenshtein";
import { refused } from "./refused.ts";

export const templateNames = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

/** A template's folder. Error `app.no-template` (usage) with the nearest name. */
export function templateFolder(folder: string, name: string): string {
  const names = templateNames(folder);
  if (names.includes(name)) return join(folder, name);
  throw refused(
    "no-template",
    `There is no template ${JSON.stringify(name)}`,
    `did you mean ${names.find((known) => known.startsWith(name)) ?? closest(name, names)}? All: ${names.join(", ")}`,
    {
      choices: names,
    },
  );
}
