/** Which workers there are, and which are alive. */
import type { Db } from "./database.ts";

/** A worker says that it lives every few seconds; three times missed is dead. */
export const workerBeatMilliseconds = 5_000;
const aliveMilliseconds = 3 * workerBeatMilliseconds;
const forgottenMilliseconds = 24 * 3_600_000;

export async function beat(db: Db, worker: Omit<Worker, "seenAt" | "alive">, now: Date): Promise<void> {
  const { machine, version, terraform, startedAt, running } = worker;
  const row = { machine, version, terraform, started_at: startedAt, seen_at: now.toISOString(), running };
  await db
    .insertInto("workers")
    .values({ id: worker.id, ...row })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
    .execute();
}

export const leave = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom("workers").where("id", "=", id).execute();
};

/** A worker that is killed can't leave, and its next life has another id. */
export const forgetWorkers = async (db: Db, now: Date): Promise<void> => {
  await db.deleteFrom("workers").where("seen_at", "<=", forgottenSince(now)).execute();
};

const forgottenSince = (now: Date): string => new Date(now.getTime() - forgottenMilliseconds).toISOString();

export interface Worker {
  id: string;
  machine: string;
  version: string;
  /** As it found it when it started; null when none runs there. */
  terraform: string | null;
  startedAt: string;
  seenAt: string;
  running: number;
  alive: boolean;
}

/** Dead ones are shown for a day. */
export async function listWorkers(db: Db, now: Date): Promise<Worker[]> {
  const alive = new Date(now.getTime() - aliveMilliseconds).toISOString();
  const rows = await db.selectFrom("workers").selectAll().where("seen_at", ">", forgottenSince(now)).orderBy("started_at").execute();
  return rows.map((row) => ({
    id: row.id,
    machine: row.machine,
    version: row.version,
    terraform: row.terraform,
    startedAt: row.started_at,
    seenAt: row.seen_at,
    running: row.running,
    alive: row.seen_at > alive,
  }));
}
