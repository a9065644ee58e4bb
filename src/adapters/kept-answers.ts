/** Where answers about costs are kept, how long they count, and when they are forgotten. */
import { createHash } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

export interface CacheOptions {
  folder: string;
  /** Whom the answers are about, and who asked: nobody is given another's. */
  scope: readonly unknown[];
  refresh: boolean;
  now(): Date;
  note(message: string): void;
}

/** Cost Explorer is renewed every 24 hours at least, and up to three times a day. */
const freshMilliseconds = 6 * 3_600_000;
const forgottenMilliseconds = 7 * 86_400_000;

/** `ending` tells apart kinds of questions; the query is data, in whichever order its parts stand. */
export function answerFile({ folder, scope }: Pick<CacheOptions, "folder" | "scope">, query: object, ending: string): string {
  const name = createHash("sha256")
    .update(JSON.stringify([scope, Object.entries(query).sort()]))
    .digest("hex");
  return join(folder, `${name}.${ending}`);
}

export function isFresh({ askedAt }: { askedAt: string }, now: Date): boolean {
  const age = now.getTime() - Date.parse(askedAt);
  return age >= 0 && age < freshMilliseconds;
}

const told = new Set<string>();

/** Once a run: each of its questions would say the same. */
export function tellNotKept({ folder, note }: CacheOptions): void {
  if (!told.has(folder)) note(`Answers can't be kept in ${folder}: the same question is asked, and paid, again.`);
  told.add(folder);
}

export function forgetOldAnswers({ folder, now }: Pick<CacheOptions, "folder" | "now">): void {
  for (const name of namesIn(folder)) {
    const file = join(folder, name);
    try {
      if (now().getTime() - statSync(file).mtimeMs > forgottenMilliseconds) rmSync(file, { force: true });
    } catch {
      // Another process was first.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing could be kept there
  }
}
