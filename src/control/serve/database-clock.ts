/** One clock for all processes: the database's. */
import type { OpenedStore } from "./open-store.ts";

const clockMilliseconds = 60_000;

/** Leases and expiries count by the database's clock, which all processes share: this one's is corrected by it. */
export async function databaseClock(store: OpenedStore, own: () => Date, onError: (error: unknown) => void): Promise<{ now(): Date; stop(): void }> {
  let ahead = 0;
  const look = async (): Promise<void> => {
    if (!store.pool) return;
    const asked = own().getTime();
    const { rows } = await store.pool.query<{ now: Date }>("select clock_timestamp() as now");
    const answered = own().getTime();
    if (rows[0]) ahead = rows[0].now.getTime() - (asked + answered) / 2;
  };
  await look();
  const timer = setInterval(() => void look().catch(onError), clockMilliseconds).unref();
  return { now: () => new Date(own().getTime() + ahead), stop: () => clearInterval(timer) };
}
