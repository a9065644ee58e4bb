/** The embedded store: one SQLite file, safe for several processes at once. */
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseConnection, Dialect, SqliteDatabase } from "kysely";
import { Kysely, SqliteAdapter, SqliteDriver, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import Libsql from "libsql";
import { ChartctlError, messageOf } from "../../errors.ts";
import { makePrivateFolder } from "../../private-folder.ts";
import type { Database, Db } from "./database.ts";
import { newestSchema, statementsFrom } from "./schema.ts";

/** How long a writer waits for another one. */
const busyMilliseconds = 15_000;

type Connection = InstanceType<typeof Libsql>;

/** Opens the file, makes it when missing, brings its schema up to date. Errors: `store.*` (kind `failed`). */
export function openSqlite(file: string): Db {
  try {
    makePrivateFolder(dirname(file));
    closeSync(openSync(file, "a", 0o600)); // SQLite gives its -wal and -shm the same mode
    const connection = new Libsql(file, { timeout: busyMilliseconds });
    connection.exec(`pragma busy_timeout = ${busyMilliseconds}`);
    // FULL: a booking that was answered survives a power cut, not just a kill.
    connection.exec("pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on");
    migrate(connection);
    return new Kysely<Database>({ dialect: immediateDialect(connection) });
  } catch (error) {
    throw storeError(error, file);
  }
}

function migrate(connection: Connection): void {
  if (versionOf(connection) === newestSchema) return;
  connection.exec("begin immediate");
  try {
    // Read again: another process may have been first.
    for (const statement of statementsFrom(versionOf(connection), "sqlite")) {
      if (typeof statement === "string") connection.exec(statement);
      else statement(connection);
    }
    connection.exec(`pragma user_version = ${newestSchema}`);
    connection.exec("commit");
  } catch (error) {
    // A full disk has rolled back by itself, and "no transaction is active" would hide it.
    if (connection.inTransaction) connection.exec("rollback");
    throw error;
  }
}

const versionOf = (connection: Connection): number => (connection.prepare("pragma user_version").get() as { user_version: number }).user_version;

/** Kysely's own dialect with one difference: a transaction takes the write lock at once, so that what it reads holds. */
function immediateDialect(connection: Connection): Dialect {
  class ImmediateDriver extends SqliteDriver {
    override async beginTransaction(running: DatabaseConnection): Promise<void> {
      await running.executeQuery({
        sql: "begin immediate",
        parameters: [],
        query: { kind: "RawNode", sqlFragments: [], parameters: [] },
        queryId: { queryId: "begin" },
      });
    }
    override async rollbackTransaction(running: DatabaseConnection): Promise<void> {
      // A full disk has rolled back by itself: a second rollback's error would hide the first.
      if (connection.inTransaction) await super.rollbackTransaction(running);
    }
  }
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new ImmediateDriver({ database: preparingOnce(connection) }),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** The store asks a few dozen questions again and again; each is prepared once. */
function preparingOnce(connection: Connection): SqliteDatabase {
  const prepared = new Map<string, ReturnType<Connection["prepare"]>>();
  return {
    close: () => connection.close(),
    prepare: (sql) => {
      const statement = prepared.get(sql) ?? connection.prepare(sql);
      prepared.set(sql, statement);
      return statement as unknown as ReturnType<SqliteDatabase["prepare"]>;
    },
  };
}

const known: [RegExp, string, (file: string) => string, string][] = [
  [
    /not a database|malformed|corrupt/i,
    "store.corrupt",
    (file) => `The store ${file} is damaged`,
    "nothing in AWS is lost; move the file aside, then look: chartctl doctor",
  ],
  [
    /disk is full|ENOSPC/i,
    "store.disk-full",
    (file) => `The disk with ${file} is full`,
    "free some space and run the command again; it goes on where it stopped",
  ],
  [
    /readonly|EACCES|EPERM|EROFS|ENOENT|ENOTDIR|EEXIST|unable to open/i,
    "store.unwritable",
    (file) => `The store ${file} can't be written`,
    "make the folder writable, or set CHARTCTL_HOME to another one",
  ],
  [
    /disk I\/O error/i, // also what a full disk gives for the -shm file
    "store.io",
    (file) => `The store ${file} can't be read or written: the disk fails or is full`,
    "look at the disk, then run the command again; it goes on where it stopped",
  ],
  [/locked|busy/i, "store.busy", (file) => `The store ${file} is held by other processes`, "run the command again"],
];

/** SQLite's and the file system's words, as ours; anything unknown is passed on. */
export function storeError(error: unknown, file: string): unknown {
  if (error instanceof ChartctlError) return error;
  const text = messageOf(error);
  const match = known.find(([pattern]) => pattern.test(text));
  if (!match) return error;
  const [, code, message, hint] = match;
  return new ChartctlError({ kind: "failed", code, message: message(file), hint, cause: error });
}
