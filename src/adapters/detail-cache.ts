/** The lines of a bill, kept: they were paid for, and a second file is made of the same. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import { z } from "zod";
import type { DetailLine, DetailSource } from "../core/costs/report/detail.ts";
import { makePrivateFolder } from "../private-folder.ts";
import { readJson, writePrivateJson } from "./json-file.ts";

const keptSchema = z.object({ askedAt: z.iso.datetime(), bytes: z.number().int().min(0) });
const freshMilliseconds = 6 * 3_600_000;

interface CacheOptions {
  folder: string;
  /** Whom the lines are about, and who asked. */
  scope: readonly unknown[];
  /** Older ones than this run's are asked for again. */
  refresh: boolean;
  now(): Date;
}

/** Whoever stops reading before the end leaves nothing to be kept. */
export function keptDetail(source: DetailSource, { folder, scope, refresh, now }: CacheOptions): DetailSource {
  const ofThisRun = new Set<string>();
  return {
    lines: async function* (query, paid) {
      const name = createHash("sha256")
        .update(JSON.stringify(["detail", scope, Object.entries(query).sort()]))
        .digest("hex");
      const file = join(folder, `${name}.lines`);
      const facts = join(folder, `${name}.json`);
      if ((!refresh || ofThisRun.has(name)) && isWhole(file, facts, now())) {
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
        ofThisRun.add(name);
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
    const { askedAt, bytes } = keptSchema.parse(readJson(facts));
    const age = now.getTime() - Date.parse(askedAt);
    return age >= 0 && age < freshMilliseconds && statSync(file).size === bytes;
  } catch {
    return false;
  }
}

function lineOf(text: string): DetailLine {
  const [day, projectId, service, currency, amount] = JSON.parse(text) as [string, string | null, string | null, string, string];
  return { day, projectId, service, currency, amount };
}
