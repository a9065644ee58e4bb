/** Who was refused too often, for the operator to see. */
import type { Db } from "../store/database.ts";
import { noteLimited } from "../store/stats.ts";

const flushMilliseconds = 10_000;

/** Refused requests are many by nature: they are counted here, and written now and then. */
export function refusedCallers(db: Db, now: () => Date, onError: (error: unknown) => void): { count(caller: string): void; flush(): Promise<void> } {
  let counts = new Map<string, number>();
  const write = async (): Promise<void> => {
    const counted = counts;
    counts = new Map();
    for (const [caller, refused] of counted) await noteLimited(db, caller, refused, now());
  };
  const timer = setInterval(() => void write().catch(onError), flushMilliseconds).unref();
  return {
    count: (caller) => {
      if (counts.size < 10_000 || counts.has(caller)) counts.set(caller, (counts.get(caller) ?? 0) + 1);
    },
    flush: async () => {
      clearInterval(timer);
      await write().catch(onError);
    },
  };
}
