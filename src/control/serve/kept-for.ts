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

/** The same for each of a few questions. */
export function keptForEach<Question, Answer>(milliseconds: number, ask: (question: Question) => Promise<Answer>): (question: Question) => Promise<Answer> {
  const kept = new Map<Question, () => Promise<Answer>>();
  return (question) => {
    const known = kept.get(question) ?? keptFor(milliseconds, () => ask(question));
    kept.set(question, known);
    return known();
  };
}
