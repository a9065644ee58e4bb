/** A step of an operation: a line in the journal before it and after it, and the same on the screen. */
import type { Books, OperationRef, Progress, Step } from "../ports.ts";

export type RunStep = <T>(step: Step, run: () => Promise<T>) => Promise<T>;

export function journalled(ports: { books: Pick<Books, "journal">; progress: Progress }, operation: OperationRef): RunStep {
  return async (step, run) => {
    await ports.books.journal(operation, { step, phase: "intent" });
    ports.progress({ type: "step", step, phase: "start" });
    try {
      const result = await run();
      await ports.books.journal(operation, { step, phase: "done" });
      ports.progress({ type: "step", step, phase: "done" });
      return result;
    } catch (error) {
      ports.progress({ type: "step", step, phase: "failed" });
      throw error;
    }
  };
}
