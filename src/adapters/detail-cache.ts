/** The lines of a bill, kept: they were paid for, and a second file is made of the same. */
import { closeSync, fstatSync, openSync } from "node:fs";
import { z } from "zod";
import type { DetailLine, DetailSource } from "../core/costs/report/detail.ts";
import type { CacheOptions } from "./kept-answers.ts";
import { answerFile, isFresh, tellNotKept } from "./kept-answers.ts";
import { headIn, linesDraft, linesIn } from "./lines-file.ts";

const keptSchema = z.object({ askedAt: z.iso.datetime(), bytes: z.number().int().min(0) });
type Kept = z.infer<typeof keptSchema>;

/**
 * Whoever stops reading before the end leaves nothing to be kept, and what can't be kept is told all the same.
 * With `refresh`, lines that are older than this run are asked for again.
 */
export function keptDetail(source: DetailSource, options: CacheOptions): DetailSource {
  const { refresh, now } = options;
  const ofThisRun = new Set<string>();
  return {
    lines: async function* (query, paid) {
      const file = answerFile(options, query, "lines");
      const kept = !refresh || ofThisRun.has(file) ? openWhole(file, now()) : undefined;
      if (kept !== undefined) {
        try {
          for (const line of linesIn(kept)) yield lineOf(line);
        } finally {
          closeSync(kept);
        }
        return;
      }
      const draft = linesDraft(file);
      try {
        for await (const line of source.lines(query, paid)) {
          const { day, projectId, service, currency, amount } = line;
          draft.add([day, projectId, service, currency, amount]);
          yield line;
        }
        if (draft.finish(({ bytes }) => ({ askedAt: now().toISOString(), bytes }) satisfies Kept)) ofThisRun.add(file);
        else tellNotKept(options);
      } finally {
        draft.remove();
      }
    },
  };
}

/** What isn't whole, or isn't what was written, is asked again. */
function openWhole(file: string, now: Date): number | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const kept = keptSchema.parse(headIn(descriptor));
    if (isFresh(kept, now) && fstatSync(descriptor).size === kept.bytes) return descriptor;
  } catch {
    // As if it weren't there.
  }
  if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

function lineOf(text: string): DetailLine {
  const [day, projectId, service, currency, amount] = JSON.parse(text) as [string, string | null, string | null, string, string];
  return { day, projectId, service, currency, amount };
}
