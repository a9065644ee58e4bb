/** Answers that are as good for the next one who asks. */

/** One look answers all who ask at about the same time; after an error the next one looks again. */
export function keptFor<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let kept: { answer: Promise<T>; until: number } | undefined;
  return () => {
    if (!kept || kept.until < Date.now()) {
      const answer = ask();
      kept = { answer, until: Date.now() + milliseconds };
      answer.catch(() => {
        if (kept?.answer === answer) kept = undefined;
      });
    }
    return kept.answer;
  };
}
