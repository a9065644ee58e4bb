/** JSON that people write. */
import { readFileSync } from "node:fs";
import { ChartctlError, messageOf } from "../errors.ts";

/** Error `config.corrupt` (`failed`). */
export function readJson(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
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
