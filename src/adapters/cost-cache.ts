/** Answers about costs, kept: Cost Explorer is paid by the request, and AWS has news a few times a day. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { CostSource, KeptCosts } from "../core/costs/actual/cost-source.ts";
import { lineKinds } from "../core/costs/actual/cost-source.ts";
import { writePrivateJson } from "./json-file.ts";

const answerSchema = z.object({
  source: z.enum(["ce", "cur"]),
  amounts: z.array(
    z.object({
      period: z.string(),
      key: z.string().nullable(),
      kind: z.enum(lineKinds),
      currency: z.string(),
      amount: z.string().regex(/^-?\d+(\.\d+)?$/),
      used: z.object({ type: z.string(), quantity: z.string().regex(/^-?\d+(\.\d+)?$/) }).optional(),
    }),
  ),
  estimatedFrom: z.string().nullable(),
  price: z.object({ requests: z.number(), dollars: z.string(), bytesScanned: z.number(), reused: z.boolean() }),
  askedAt: z.iso.datetime(),
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

export const keptCosts = (source: CostSource, { folder, scope, refresh, now }: CacheOptions): KeptCosts => ({
  costs: async (query) => {
    const name = createHash("sha256")
      .update(JSON.stringify([scope, Object.entries(query).sort()]))
      .digest("hex");
    const file = join(folder, `${name}.json`);
    const kept = refresh ? undefined : read(file);
    const age = kept ? now().getTime() - Date.parse(kept.askedAt) : Number.POSITIVE_INFINITY;
    if (kept && age >= 0 && age < freshMilliseconds) return { answer: kept, kept: true };
    const answer = { ...(await source.costs(query)), askedAt: now().toISOString() };
    writePrivateJson(file, answer);
    forget(folder, now());
    return { answer, kept: false };
  },
});

/** What can't be read, or isn't what was written, is asked again. */
function read(file: string): z.infer<typeof answerSchema> | undefined {
  try {
    return answerSchema.parse(JSON.parse(readFileSync(file, "utf8")));
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
