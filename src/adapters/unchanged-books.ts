/**
 * What the embedded books answered, kept while nobody has written to them: opening them takes longer than all else that a
 * command needs when AWS isn't asked.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { writePrivateJson } from "./json-file.ts";
import { forgetOldAnswers } from "./kept-answers.ts";

/** The answer is plain JSON, and depends on the books and the question alone: on no clock, and on no setting that the question lacks. */
type UnchangedBooks = <T>(question: readonly unknown[], ask: () => Promise<T>) => Promise<T>;

interface Options {
  /** The store's file. */
  database: string;
  folder: string;
  /** Of the program: another one may answer in another shape. */
  version: string;
  now(): Date;
}

/**
 * A file system's clock has steps: what was written just before the answer may be followed by a write within the same one.
 * Such an answer isn't kept.
 */
const settledMilliseconds = 2_000;

export const unchangedBooks =
  ({ database, folder, version, now }: Options): UnchangedBooks =>
  async (question, ask) => {
    const before = standOf(database);
    if (!before) return await ask();
    const name = createHash("sha256")
      .update(JSON.stringify([version, database, ...question]))
      .digest("hex");
    const file = join(folder, `${name}.books.json`);
    const kept = read(file, before.stand);
    if (kept) return kept.answer as Awaited<ReturnType<typeof ask>>;
    const asked = now().getTime();
    const answer = await ask();
    if (standOf(database)?.stand !== before.stand || asked - before.changedAt <= settledMilliseconds) return answer;
    keep(file, { stand: before.stand, answer });
    forgetOldAnswers({ folder, now });
    return answer;
  };

/** SQLite writes into the store's file and its log; undefined: there is no store yet. */
function standOf(database: string): { stand: string; changedAt: number } | undefined {
  const [store, log] = [database, `${database}-wal`].map((file) => statSync(file, { bigint: true, throwIfNoEntry: false }));
  if (!store) return undefined;
  // An empty log is there while a store is open, and says as little as none.
  const files = [store, ...(log && log.size > 0n ? [log] : [])];
  return {
    // No ctime: opening a log as root sets its owner again.
    stand: files.map(({ dev, ino, size, mtimeNs }) => [dev, ino, size, mtimeNs].join(" ")).join(", "),
    changedAt: Math.max(...files.map(({ mtimeMs }) => Number(mtimeMs))),
  };
}

/** What can't be read, or is of other books, is asked again. */
function read(file: string, stand: string): { answer: unknown } | undefined {
  try {
    const kept = JSON.parse(readFileSync(file, "utf8")) as { stand?: unknown; answer?: unknown } | null;
    return kept?.stand === stand && "answer" in kept ? { answer: kept.answer } : undefined;
  } catch {
    return undefined;
  }
}

function keep(file: string, kept: { stand: string; answer: unknown }): void {
  try {
    writePrivateJson(file, kept);
  } catch {
    // A folder that can't be written, a full disk: the books answer the next time, too.
  }
}
