/** Answers about costs, kept: Cost Explorer is paid by the request, and AWS has news a few times a day. */
import { collectedAmounts } from "../core/costs/actual/collect.ts";
import type { CostSource, KeptCosts } from "../core/costs/actual/cost-source.ts";
import { answerDraft, readAnswer } from "./cost-answer-file.ts";
import type { CacheOptions } from "./kept-answers.ts";
import { answerFile, forgetOldAnswers, isFresh, tellNotKept } from "./kept-answers.ts";

export function keptCosts(source: CostSource, options: CacheOptions): KeptCosts {
  const { refresh, now } = options;
  const read: NonNullable<KeptCosts["read"]> = async (query, sink) => {
    const file = answerFile(options, query, "jsonl");
    // What can't be read, or isn't what was written, is asked again.
    const kept = refresh ? undefined : readAnswer(file, (head) => isFresh(head, now()), sink);
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
      if (!draft.finish(answer)) tellNotKept(options);
      forgetOldAnswers(options);
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
