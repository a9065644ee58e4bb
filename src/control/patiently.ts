/** Writes that wait for a database which is away. */
import { isChartctlError } from "../errors.ts";
import { postgresError } from "./store/postgres.ts";

const retryMilliseconds = 500;

/**
 * The database may restart just when work has been done: its end is written when it is back, as long as the work can still be
 * ours. Each write is refused by itself once it is another's.
 */
export async function patiently<T>(write: () => Promise<T>, milliseconds: number, lost: AbortSignal): Promise<T> {
  for (const until = Date.now() + milliseconds; ; ) {
    try {
      return await write();
    } catch (thrown) {
      const error = postgresError(thrown);
      if (lost.aborted || Date.now() > until || !isChartctlError(error) || error.code !== "store.unavailable") throw error;
      await pause(retryMilliseconds, lost);
    }
  }
}

export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
