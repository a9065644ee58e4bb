/** A form's fields against the contract's schema of the same request. */
import type { z } from "zod";
import { ChartctlError } from "../../errors.ts";

/** Error `request.invalid` (usage), in words for whoever filled the form in. */
export function checked<Schema extends z.ZodType>(schema: Schema, fields: Record<string, string>): z.output<Schema> {
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0] ?? "form");
  const why = fields[field] === "" ? "is missing" : (issue?.message ?? "is not valid");
  throw new ChartctlError({ kind: "usage", code: "request.invalid", message: `The ${field} ${why}` });
}
