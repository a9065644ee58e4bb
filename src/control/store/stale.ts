/** Optimistic versions: an update names the version that it was made from. */
import { ChartctlError } from "../../errors.ts";

/** Error `version.stale` (conflict) when the row has moved on since its reader looked. */
export function refuseStale(row: { version: number }, expected: number | undefined): void {
  if (expected === undefined || row.version === expected) return;
  throw new ChartctlError({
    kind: "conflict",
    code: "version.stale",
    message: `It has changed meanwhile: version ${row.version}, not ${expected}`,
    hint: "read it again, then decide",
    details: { version: row.version, expected },
  });
}
