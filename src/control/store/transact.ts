/** Transactions that do the same on SQLite and PostgreSQL. */
import type { Compilable, SelectQueryBuilder } from "kysely";
import { SqliteAdapter, sql } from "kysely";
import type { Database, Db, Tx } from "./database.ts";

/** Serialization failure, deadlock, and a unique key that a rival's commit took between our look and our insert. */
const worthRepeating = new Set(["40001", "40P01", "23505"]);
const tries = 4;

/**
 * Runs `work` in one transaction, or in the one that is open already. PostgreSQL may end a transaction in favour of a
 * rival: it is begun again from its first read, so `work` must have no effect outside of the database.
 */
export async function transact<T>(db: Db | Tx, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (db.isTransaction) return await work(db as Tx);
  for (let left = tries - 1; ; left--) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (left === 0 || !worthRepeating.has((error as { code?: string }).code ?? "")) throw error;
    }
  }
}

export const onPostgres = (db: Db | Tx): boolean => !(db.getExecutor().adapter instanceof SqliteAdapter);

/** Questions that are answered from one state of the books, whatever is written meanwhile. */
export const ofOneState = async <T>(db: Db | Tx, ask: (tx: Tx) => Promise<T>): Promise<T> =>
  db.isTransaction ? await ask(db as Tx) : await (onPostgres(db) ? db.transaction().setIsolationLevel("repeatable read") : db.transaction()).execute(ask);

/** Locks the rows until the commit. SQLite's write transactions exclude each other anyway, and it has no such words. */
export const forUpdate =
  (tx: Tx) =>
  <T extends keyof Database, O>(query: SelectQueryBuilder<Database, T, O>): SelectQueryBuilder<Database, T, O> =>
    onPostgres(tx) ? query.forUpdate() : query;

/** No other transaction writes to the table until the commit; readers go on. SQLite's exclude each other anyway. */
export async function excludeWriters(tx: Tx, table: keyof Database): Promise<void> {
  if (onPostgres(tx)) await sql`lock table ${sql.table(table)} in share row exclusive mode`.execute(tx);
}

type Rows<Q extends readonly Compilable[]> = { -readonly [K in keyof Q]: Q[K] extends Compilable<infer Row> ? Row[] : never };

/**
 * Several questions in one round trip, answered in their order: what each one locks holds for those after it. On SQLite
 * they simply follow each other. The first one's error is thrown, when all have been answered.
 */
export async function together<const Q extends readonly Compilable[]>(tx: Tx, ...queries: Q): Promise<Rows<Q>> {
  const answers = await tx
    .getExecutor()
    .provideConnection((connection) => Promise.allSettled(queries.map((query) => connection.executeQuery(query.compile()))));
  return answers.map((answer) => {
    if (answer.status === "rejected") throw answer.reason;
    return answer.value.rows;
  }) as Rows<Q>;
}
