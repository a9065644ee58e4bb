/** Answers about costs, kept: Cost Explorer is paid by the request, and AWS has news a few times a day. */
import { createHash } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { collectedAmounts } from "../core/costs/actual/collect.ts";
import type { CostSource, KeptCosts } from "../core/costs/actual/cost-source.ts";
import type { KeptHead } from "./cost-answer-file.ts";
import { answerDraft, readAnswer } from "./cost-answer-file.ts";

/** Cost Explorer is renewed every 24 hours at least, and up to three times a day. */
const freshMilliseconds = 6 * 3_600_000;
const forgottenMilliseconds = 7 * 86_400_000;

interface CacheOptions {
  folder: string;
  /** Whom the answers are about, and who asked: nobody is given another's. */
  scope: readonly unknown[];
  refresh: boolean;
  now(): Date;
  note(message: string): void;
}

export function keptCosts(source: CostSource, { folder, scope, refresh, now, note }: CacheOptions): KeptCosts {
  const read: NonNullable<KeptCosts["read"]> = async (query, sink) => {
    const name = createHash("sha256")
      .update(JSON.stringify([scope, Object.entries(query).sort()]))
      .digest("hex");
    const file = join(folder, `${name}.jsonl`);
    const fresh = ({ askedAt }: KeptHead): boolean => {
      const age = now().getTime() - Date.parse(askedAt);
      return age >= 0 && age < freshMilliseconds;
    };
    // What can't be read, or isn't what was written, is asked again.
    const kept = refresh ? undefined : readAnswer(file, fresh, sink);
    if (kept) return { answer: kept, kept: true };
    const draft = answerDraft(file);
    const both = [draft, sink];
    try {
      const head = await source.read(query, {
        add: (amount) => {
          for (const each of both) each.add(amount);
        },
        clear: () => {
          for (const each of both) each.clear();
        },
      });
      const answer = { ...head, askedAt: now().toISOString() };
      if (!draft.finish(answer)) note(`The answer can't be kept in ${folder}: the same question is asked, and paid, again.`);
      forget(folder, now());
      return { answer, kept: false };
    } catch (error) {
      draft.remove();
      throw error;
    }
  };
  return {
    read,
    costs: async (query) => {
      const amounts = collectedAmounts();
      const { answer, kept } = await read(query, amounts);
      return { answer: { ...answer, amounts: amounts.amounts() }, kept };
    },
  };
}

function forget(folder: string, now: Date): void {
  for (const name of namesIn(folder)) {
    const file = join(folder, name);
    try {
      if (now.getTime() - statSync(file).mtimeMs > forgottenMilliseconds) rmSync(file, { force: true });
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
