/** How jobs reach workers: an existing queue on PostgreSQL; a short list in this process on SQLite. */
import { setTimeout as sleep } from "node:timers/promises";
import { CompiledQuery } from "kysely";
import type pg from "pg";
import PgBoss from "pg-boss";
import type { Tx } from "../store/database.ts";

export interface Queue {
  /** In the caller's transaction: a worker sees the job when it commits, and never when it doesn't. */
  enqueue(tx: Tx, jobId: string): Promise<void>;
  /** Hands out again what nobody works on; twice is harmless, because a job is claimed in the books. */
  offer(jobId: string): Promise<void>;
  /** Runs `work` for each job, so many at once. A `work` that throws is an accident; its job is offered again by the sweep. */
  consume(concurrency: number, work: (jobId: string) => Promise<void>): Promise<void>;
  /** Runs `work` at most once at a time over all workers, about every so many minutes. */
  every(name: string, minutes: number, work: () => Promise<void>): Promise<void>;
  /** Takes no more, and waits for what runs: telling it to end is the caller's. */
  stop(): Promise<void>;
  /** Error when the queue can't be reached. */
  check(): Promise<void>;
}

const jobs = "chartctl-jobs";
/** pg-boss gives an active job up after this; the books' own lease is far shorter and renewed. */
const expireInHours = 12;
const pollSeconds = 0.5;
const pollOthersSeconds = 5;

/** One lock for making queues, among those of other programs on the same server. */
const creationLock = 7_241_130_419;

/** pg-boss's own creation runs into itself when several processes start on a new database at once: one after the other. */
async function alone(pool: pg.Pool, make: () => Promise<void>): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("select pg_advisory_lock($1)", [creationLock]);
    await make();
    await client.query("select pg_advisory_unlock($1)", [creationLock]);
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    client.release(broken); // closed after an error, and its lock with it
  }
}

/** `worker`: also takes jobs and keeps the queue's own house. Both share the store's pool. */
export async function postgresQueue(pool: pg.Pool, options: { worker: boolean; onError(error: unknown): void }): Promise<Queue> {
  const { onError } = options;
  /** One creation at a time in this process, too: each holds one connection and needs another, and the pool may have two. */
  let creating = Promise.resolve();
  const create = (make: () => Promise<void>): Promise<void> => {
    const made = creating.then(() => alone(pool, make));
    creating = made.catch(() => {});
    return made;
  };
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schema: "chartctl_queue",
    supervise: options.worker,
    schedule: false,
    migrate: true,
  });
  boss.on("error", onError);
  await create(async () => {
    await boss.start();
    // `short`: a job waits in the queue once, however often it is offered.
    await boss.createQueue(jobs, { name: jobs, policy: "short" });
  });
  const settings = { singletonKey: "", retryLimit: 0, expireInHours } as const;
  const stopping = new AbortController();
  /**
   * Instead of pg-boss's `work` (and its schedules, which use that): it doesn't wait for the write that a job is done, and
   * where the database is away at that moment, the rejection that nobody handles ends the process, and all that it runs.
   */
  const takers: Promise<void>[] = [];
  const take = async <Data>(queue: string, seconds: number, before: () => Promise<void>, work: (data: Data) => Promise<void>): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await before();
        const [job] = await boss.fetch<Data>(queue);
        if (job) {
          await work(job.data).finally(() => boss.complete(queue, job.id));
          continue;
        }
      } catch (error) {
        onError(error);
      }
      await sleep(seconds * 1_000, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  return {
    enqueue: async (tx, jobId) => {
      const db = {
        executeSql: async (text: string, values: unknown[]) => {
          const { rows } = await tx.executeQuery(CompiledQuery.raw(text, values));
          return { rows: rows as unknown[] };
        },
      };
      await boss.send(jobs, { jobId }, { ...settings, singletonKey: jobId, db });
    },
    offer: async (jobId) => {
      await boss.send(jobs, { jobId }, { ...settings, singletonKey: jobId });
    },
    consume: async (concurrency, work) => {
      for (let at = 0; at < concurrency; at++)
        takers.push(
          take<{ jobId: string }>(
            jobs,
            pollSeconds,
            async () => {},
            ({ jobId }) => work(jobId),
          ),
        );
    },
    every: async (name, minutes, work) => {
      const queue = `chartctl-${name}`;
      let made = false;
      const due = async (): Promise<void> => {
        if (!made) await create(() => boss.createQueue(queue, { name: queue, policy: "stately", expireInMinutes: 15, retryLimit: 0 }));
        made = true;
        // Of all that workers send within the time, the queue keeps one.
        await boss.send(queue, {}, { singletonSeconds: minutes * 60, retryLimit: 0 });
      };
      takers.push(take(queue, pollOthersSeconds, due, work));
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(takers);
      await boss.stop({ graceful: true, wait: false, close: false });
    },
    check: async () => {
      await boss.getQueueSize(jobs);
    },
  };
}

/** For a server on SQLite, which is one process: its own memory is the queue, and the sweep finds what a death left. */
export function localQueue(options: { onError(error: unknown): void }): Queue {
  const waiting: string[] = [];
  const timers: NodeJS.Timeout[] = [];
  const running = new Set<Promise<void>>();
  const run = async (work: () => Promise<void>): Promise<void> => {
    const doing = work().catch(options.onError);
    running.add(doing);
    await doing;
    running.delete(doing);
  };
  let wake = (): void => {};
  let stopped = false;
  const add = (jobId: string): void => {
    if (!waiting.includes(jobId)) waiting.push(jobId);
    wake();
  };
  return {
    // After the commit: whoever claims it earlier finds nothing, and the sweep offers it again.
    enqueue: async (_, jobId) => {
      setTimeout(() => add(jobId), 50).unref();
    },
    offer: async (jobId) => add(jobId),
    consume: async (concurrency, work) => {
      let taken = 0;
      wake = () => {
        while (!stopped && taken < concurrency && waiting.length > 0) {
          const jobId = waiting.shift() as string;
          taken++;
          void run(() => work(jobId)).then(() => {
            taken--;
            wake();
          });
        }
      };
      wake();
    },
    every: async (_, minutes, work) => {
      let busy = false;
      timers.push(
        setInterval(() => {
          if (busy || stopped) return;
          busy = true;
          void run(work).then(() => {
            busy = false;
          });
        }, minutes * 60_000).unref(),
      );
    },
    stop: async () => {
      stopped = true;
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running);
    },
    check: async () => {},
  };
}
