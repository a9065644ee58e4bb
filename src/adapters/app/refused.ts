/** An application that can't be deployed as it is. */
import { ChartctlError } from "../../errors.ts";

/** `reason` is the second half of the code: `app.symlink`. */
export const refused = (reason: string, message: string, hint: string, details?: Record<string, unknown>): ChartctlError =>
  new ChartctlError({ kind: "usage", code: `app.${reason}`, message, hint, ...(details ? { details } : {}) });

/** A file's name as it can be printed: no control characters, not longer than a line. */
export const shown = (path: string): string => {
  const plain = path.replace(/\p{Cc}/gu, "?");
  return plain.length > 120 ? `${plain.slice(0, 80)}…${plain.slice(-30)}` : plain;
};
