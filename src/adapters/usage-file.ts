/** Stated usage in YAML. */
import { existsSync, readFileSync } from "node:fs";
import { load } from "js-yaml";
import type { Ignored, StatedUsage } from "../core/costs/usage-file.ts";
import { exampleFile, statedUsage, usageFileName } from "../core/costs/usage-file.ts";
import { ChartctlError, messageOf } from "../errors.ts";

/** The one that is named, or this folder's; undefined when none is named and there is none. Errors `usage-file.*` (usage). */
export function readUsageFile(named: string | undefined): { file: string; usage: StatedUsage; ignored: Ignored[] } | undefined {
  const file = named ?? usageFileName;
  if (named === undefined && !existsSync(file)) return undefined;
  const refuse = (code: string, message: string, hint: string, cause: unknown): ChartctlError =>
    new ChartctlError({ kind: "usage", code: `usage-file.${code}`, message, hint, cause });
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const missing = (error as { code?: string }).code === "ENOENT";
    throw refuse(
      "unreadable",
      missing ? `There is no usage file ${file}` : `The usage file ${file} can't be read: ${messageOf(error)}`,
      `such as:\n${exampleFile}`,
      error,
    );
  }
  let document: unknown;
  try {
    document = load(text);
  } catch (error) {
    throw refuse("yaml", `The usage file ${file} is no YAML: ${messageOf(error).split("\n")[0]}`, "mend it where it says; spaces, no tabs", error);
  }
  return { file, ...statedUsage(document, file) };
}
