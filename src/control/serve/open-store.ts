/** The hosted store: PostgreSQL, or SQLite's file where no database is named. */
import { ChartctlError } from "../../errors.ts";
import type { Db } from "../store/database.ts";
import { storeFile } from "../store/file.ts";
import { openPostgres, postgresError } from "../store/postgres.ts";
import { newestSchema } from "../store/schema.ts";
import { openSqlite, storeError } from "../store/sqlite.ts";
import type { HostConfig } from "./config.ts";
import type { Log } from "./log.ts";

export interface OpenedStore {
  db: Db;
  pool?: ReturnType<typeof openPostgres>["pool"];
  schema(): Promise<{ found: number; needed: number }>;
  translate(error: unknown): unknown;
}

const connectTries = 10;

/** Errors: `store.*`. */
export async function openStore(
  { config, dataDir, log }: { config: HostConfig; dataDir: string; log: Log },
  onError: (error: unknown) => void,
): Promise<OpenedStore> {
  if (!config.databaseUrl) {
    const file = storeFile(dataDir);
    const db = openSqlite(file);
    return { db, schema: async () => ({ found: newestSchema, needed: newestSchema }), translate: (error) => storeError(error, file) };
  }
  const postgres = openPostgres({ url: config.databaseUrl, poolSize: config.poolSize, ca: config.databaseCa, onIdleError: onError });
  try {
    await whenReachable(log, postgres.migrate);
  } catch (error) {
    await postgres.db.destroy();
    throw error;
  }
  return { db: postgres.db, pool: postgres.pool, schema: postgres.schema, translate: postgresError };
}

/** A process may start while its database does. */
export async function whenReachable<T>(log: Log, open: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await open();
    } catch (thrown) {
      const error = postgresError(thrown);
      if (!(error instanceof ChartctlError && error.code === "store.unavailable" && tried < connectTries)) throw error;
      log.error({ message: "the database can't be reached; trying again", error });
      await new Promise((resolve) => setTimeout(resolve, Math.min(500 * tried, 3_000)));
    }
  }
}
