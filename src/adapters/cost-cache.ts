/** Answers about costs, kept: Cost Explorer is paid by the request, and AWS has news a few times a day. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { CostSource, KeptCosts } from "../core/costs/actual/cost-source.ts";
import { lineKinds } from "../core/costs/actual/cost-source.ts";
import type { ForecastSource, KeptForecasts } from "../core/costs/forecast/forecast-source.ts";
import { writePrivateJson } from "./json-file.ts";

const decimal = z.string().regex(/^-?\d+(\.\d+)?$/);
const price = z.object({ requests: z.number(), dollars: z.string(), bytesScanned: z.number(), reused: z.boolean() });
const askedAt = z.iso.datetime();
const answerSchema = z.object({
  source: z.enum(["ce", "cur"]),
  amounts: z.array(z.object({ period: z.string(), key: z.string().nullable(), kind: z.enum(lineKinds), currency: z.string(), amount: decimal })),
  estimatedFrom: z.string().nullable(),
  price,
  askedAt,
});
const forecastSchema = z.object({
  currency: z.string(),
  days: z.array(z.object({ day: z.string(), mean: decimal, low: decimal, high: decimal })),
  level: z.number(),
  price,
  askedAt,
});

/** Cost Explorer is renewed every 24 hours at least, and up to three times a day. */
const freshMilliseconds = 6 * 3_600_000;
const forgottenMilliseconds = 7 * 86_400_000;

interface CacheOptions {
  folder: string;
  /** Whom the answers are about, and who asked: nobody is given another's. */
  scope: readonly unknown[];
  refresh: boolean;
  now(): Date;
}

export const keptCosts = (source: CostSource, options: CacheOptions): KeptCosts => ({
  costs: async (query) => await kept(options, [query], answerSchema, async () => await source.costs(query)),
});
export const keptForecasts = (source: ForecastSource, options: CacheOptions): KeptForecasts => ({
  forecast: async (query) => await kept(options, [query, "forecast"], forecastSchema, async () => await source.forecast(query)),
});

/** `question`: the query, and what tells its kind from others. */
async function kept<T extends object>(
  { folder, scope, refresh, now }: CacheOptions,
  [query, ...kind]: [object, ...string[]],
  schema: z.ZodType<T & { askedAt: string }>,
  ask: () => Promise<T>,
): Promise<{ answer: T & { askedAt: string }; kept: boolean }> {
  const name = createHash("sha256")
    .update(JSON.stringify([scope, Object.entries(query).sort(), ...kind]))
    .digest("hex");
  const file = join(folder, `${name}.json`);
  const known = refresh ? undefined : read(file, schema);
  const age = known ? now().getTime() - Date.parse(known.askedAt) : Number.POSITIVE_INFINITY;
  if (known && age >= 0 && age < freshMilliseconds) return { answer: known, kept: true };
  const answer = { ...(await ask()), askedAt: now().toISOString() };
  writePrivateJson(file, answer);
  forget(folder, now());
  return { answer, kept: false };
}

/** What can't be read, or isn't what was written, is asked again. */
function read<T>(file: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

function forget(folder: string, now: Date): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    try {
      if (now.getTime() - statSync(file).mtimeMs > forgottenMilliseconds) rmSync(file, { force: true });
    } catch {
      // Another process was first.
    }
  }
}
