/** The lines of a bill, kept: they were paid for, and a second file is made of the same. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from "node:fs";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import { z } from "zod";
import type { DetailLine, DetailSource } from "../core/costs/report/detail.ts";
import { makePrivateFolder } from "../private-folder.ts";
import { readJson, writePrivateJson } from "./json-file.ts";
import type { CacheOptions } from "./kept-answers.ts";
import { answerFile, isFresh } from "./kept-answers.ts";

const keptSchema = z.object({ askedAt: z.iso.datetime(), bytes: z.number().int().min(0) });

/** Whoever stops reading before the end leaves nothing to be kept. */
/** With `refresh`, lines that are older than this run are asked for again. */
export function keptDetail(source: DetailSource, options: Omit<CacheOptions, "note">): DetailSource {
  const { folder, refresh, now } = options;
  const ofThisRun = new Set<string>();
  return {
    lines: async function* (query, paid) {
      const file = answerFile(options, query, "lines");
      const facts = answerFile(options, query, "lines.json");
      if ((!refresh || ofThisRun.has(file)) && isWhole(file, facts, now())) {
        for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) yield lineOf(line);
        return;
      }
      makePrivateFolder(folder);
      const draft = `${file}.${randomBytes(6).toString("hex")}`;
      const stream = createWriteStream(draft, { mode: 0o600, flags: "wx" });
      try {
        for await (const line of source.lines(query, paid)) {
          const { day, projectId, service, currency, amount } = line;
          if (!stream.write(`${JSON.stringify([day, projectId, service, currency, amount])}\n`)) await once(stream, "drain");
          yield line;
        }
        stream.end();
        await finished(stream);
        renameSync(draft, file);
        writePrivateJson(facts, { askedAt: now().toISOString(), bytes: stream.bytesWritten });
        ofThisRun.add(file);
      } finally {
        stream.destroy();
        rmSync(draft, { force: true });
      }
    },
  };
}

/** What isn't whole, or isn't what was written, is asked again. */
function isWhole(file: string, facts: string, now: Date): boolean {
  try {
    const kept = keptSchema.parse(readJson(facts));
    return isFresh(kept, now) && statSync(file).size === kept.bytes;
  } catch {
    return false;
  }
}

function lineOf(text: string): DetailLine {
  const [day, projectId, service, currency, amount] = JSON.parse(text) as [string, string | null, string | null, string, string];
  return { day, projectId, service, currency, amount };
}
