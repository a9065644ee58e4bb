/** The lines of a bill, kept: they were paid for, and a second file is made of the same. */
import { randomBytes } from "node:crypto";
import { closeSync, createReadStream, openSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { DetailLine, DetailSource } from "../core/costs/report/detail.ts";
import { makePrivateFolder } from "../private-folder.ts";
import { readJson, writePrivateJson } from "./json-file.ts";
import type { CacheOptions } from "./kept-answers.ts";
import { answerFile, isFresh, tellNotKept } from "./kept-answers.ts";

const keptSchema = z.object({ askedAt: z.iso.datetime(), bytes: z.number().int().min(0) });

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
      const facts = answerFile(options, query, "lines.json");
      if ((!refresh || ofThisRun.has(file)) && isWhole(file, facts, now())) {
        for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) yield lineOf(line);
        return;
      }
      const draft = linesDraft(file);
      try {
        for await (const line of source.lines(query, paid)) {
          draft.add(line);
          yield line;
        }
        const kept = draft.finish((bytes) => writePrivateJson(facts, { askedAt: now().toISOString(), bytes }));
        if (kept) ofThisRun.add(file);
        else tellNotKept(options);
      } finally {
        draft.remove();
      }
    },
  };
}

/** Written beside `file`, and in its place when it is whole. Nothing of it fails: a full disk loses no line that was paid for. */
function linesDraft(file: string): { add(line: DetailLine): void; finish(described: (bytes: number) => void): boolean; remove(): void } {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  let descriptor: number | undefined;
  let [pending, bytes] = ["", 0];
  const remove = (): void => {
    pending = "";
    try {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
      rmSync(draft, { force: true });
    } catch {
      // There was no folder for it.
    }
  };
  const unlessFailing = (work: () => void): boolean => {
    try {
      work();
      return true;
    } catch {
      remove();
      return false;
    }
  };
  const flush = (): void => {
    const piece = Buffer.from(pending);
    writeFileSync(descriptor as number, piece);
    [pending, bytes] = ["", bytes + piece.length];
  };
  unlessFailing(() => {
    makePrivateFolder(dirname(file));
    descriptor = openSync(draft, "wx", 0o600);
  });
  return {
    add: ({ day, projectId, service, currency, amount }) => {
      if (descriptor === undefined) return;
      pending += `${JSON.stringify([day, projectId, service, currency, amount])}\n`;
      if (pending.length >= pieceLength) unlessFailing(flush);
    },
    finish: (described) =>
      descriptor !== undefined &&
      unlessFailing(() => {
        flush();
        renameSync(draft, file);
        described(bytes);
      }),
    remove,
  };
}

const pieceLength = 65_536;

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
