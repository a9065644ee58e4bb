/** JSON that people write. */
import { readFileSync } from "node:fs";
import { ChartctlError, messageOf } from "../errors.ts";

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
