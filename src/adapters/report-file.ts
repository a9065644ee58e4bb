/** A file that other programs read: a report for a CI server. */
import { writeFileSync } from "node:fs";
import { ChartctlError, messageOf } from "../errors.ts";

/** Error `report.unwritable` (`failed`). */
export function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new ChartctlError({
      kind: "failed",
      code: "report.unwritable",
      message: `The report can't be written: ${messageOf(error)}`,
      hint: "name a file in a folder that is there",
      cause: error,
    });
  }
}
