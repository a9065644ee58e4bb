/** The hosted store: PostgreSQL through one bounded pool. */
import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { Kysely, PostgresDialect, sql } from "kysely";
import type { PoolClient, PoolConfig } from "pg";
import pg from "pg";
import { ChartctlError, messageOf } from "../../errors.ts";
import type { Database, Db } from "./database.ts";
import { newestSchema, statementsFrom } from "./schema.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  url: string;
  /** Connections at most; a request waits for a free one. */
  poolSize: number;
  /** The certificate authority of the server, PEM; then its certificate is verified. */
  ca?: string | undefined;
  /** Told of connections that break while idle; the pool replaces them. */
  onIdleError(error: unknown): void;
}

export interface Postgres {
  db: Db;
  pool: pg.Pool;
  /** Makes or updates the schema; safe for many processes at once. Error `store.newer-schema`. */
  migrate(): Promise<void>;
  /** The schema that is there, and the one that this program needs. */
  schema(): Promise<{ found: number; needed: number }>;
}

/** A request should fail clearly before a router gives up on it (Heroku's: 30 s). */
const connectMilliseconds = 5_000;
const statementMilliseconds = 20_000;
const idleInTransactionMilliseconds = 30_000;
/** One lock for migrations, among those of other programs on the same server. */
const migrationLock = 7_241_130_418;

/** Opens the pool; connects when first asked. Error `store.url` (usage). */
export function openPostgres({ url, poolSize, ca, onIdleError }: PostgresOptions): Postgres {
  const pool = new pg.Pool({
    ...connectionOf(url, ca),
    max: poolSize,
    connectionTimeoutMillis: connectMilliseconds,
    statement_timeout: statementMilliseconds,
    idle_in_transaction_session_timeout: idleInTransactionMilliseconds,
    keepAlive: true,
    pipeline: true, // see `together`
    application_name: "chartctl",
    types: {
      getTypeParser: (oid, format) => (oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as "text")),
    } as pg.CustomTypesConfig,
  });
  pool.on("error", onIdleError);
  pool.on("connect", (client) => {
    // In use, too: a connection that breaks fails its query, and must not end the process besides.
    client.on("error", onIdleError);
    prepareOnce(client);
  });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    pool,
    migrate: async () => {
      await db.connection().execute(async (connection) => {
        await sql`select pg_advisory_lock(${migrationLock})`.execute(connection);
        try {
          await connection.transaction().execute(async (tx) => {
            for (const statement of statementsFrom(await versionOf(tx), "postgres")) await sql.raw(statement).execute(tx);
            await sql`delete from schema_version`.execute(tx);
            await sql`insert into schema_version (version) values (${newestSchema})`.execute(tx);
          });
        } finally {
          await sql`select pg_advisory_unlock(${migrationLock})`.execute(connection);
        }
      });
    },
    schema: async () => ({ found: await readVersion(db), needed: newestSchema }),
  };
}

async function versionOf(tx: Db): Promise<number> {
  await sql`create table if not exists schema_version (version integer not null)`.execute(tx);
  return await readVersion(tx);
}

async function readVersion(db: Db): Promise<number> {
  const { rows } = await sql<{ version: number }>`select version from schema_version`.execute(db);
  return rows[0]?.version ?? 0;
}

/**
 * `sslmode` as libpq means it: `require` encrypts without knowing the server (all that Heroku's own certificates allow),
 * `verify-full` checks it. Elsewhere than on this machine nothing goes unencrypted unless `disable` is asked for.
 */
function connectionOf(text: string, ca: string | undefined): Pick<PoolConfig, "connectionString" | "ssl"> {
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    throw new ChartctlError({
      kind: "usage",
      code: "store.url",
      message: "DATABASE_URL is no PostgreSQL address",
      hint: "it looks like postgres://user:password@host:5432/database",
    });
  }
  const url = new URL(text);
  const local = url.searchParams.has("host") || ["localhost", "127.0.0.1", "[::1]", ""].includes(url.hostname);
  const mode = url.searchParams.get("sslmode") ?? (ca ? "verify-full" : local ? "disable" : "require");
  for (const name of ["sslmode", "sslrootcert", "sslcert", "sslkey"]) url.searchParams.delete(name);
  const verify = ca !== undefined || mode.startsWith("verify");
  return { connectionString: url.href, ssl: mode === "disable" ? false : { rejectUnauthorized: verify, ...(ca ? { ca } : {}) } };
}

/** The store asks a few dozen questions again and again: each connection prepares one once, by a name that follows from its text. */
function prepareOnce(client: PoolClient): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  const named = (...args: unknown[]): unknown => {
    // What is asked in one turn goes out in one write.
    stream.cork();
    process.nextTick(() => stream.uncork());
    const [text, values] = args;
    if (typeof text !== "string" || !Array.isArray(values) || !preparable.test(text)) return query(...args);
    return query({ name: nameOf(text), text, values }, ...args.slice(2));
  };
  client.query = named as typeof client.query;
}

/** Not with a list of values: that makes as many texts as it has lengths. */
const preparable = /^(?:select|insert|update|delete|with)\b(?!.* in \(\$)/s;
const names = new Map<string, string>();
function nameOf(text: string): string {
  const known = names.get(text);
  if (known) return known;
  const name = createHash("sha256").update(text).digest("hex").slice(0, 32);
  names.set(text, name);
  return name;
}

const unavailable = /^(08|57P0|53300|53400|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/;

/** PostgreSQL's words as ours; anything unknown is passed on. */
export function postgresError(error: unknown): unknown {
  if (error instanceof ChartctlError) return error;
  const code = (error as { code?: unknown }).code;
  const message = messageOf(error);
  if (
    (typeof code === "string" && unavailable.test(code)) ||
    /connection (terminated|timeout|ended)|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i.test(message)
  ) {
    return new ChartctlError({
      kind: "external",
      code: "store.unavailable",
      message: "The database can't be reached at the moment",
      hint: "send the request again in a moment, with the same idempotency key",
      cause: error,
    });
  }
  if (code === "22021") {
    return new ChartctlError({ kind: "usage", code: "request.invalid", message: "A text holds a character that can't be stored (U+0000)", cause: error });
  }
  if (code === "57014") {
    return new ChartctlError({
      kind: "external",
      code: "store.slow",
      message: `The database took longer than ${statementMilliseconds / 1_000} s`,
      hint: "send the request again",
      cause: error,
    });
  }
  return error;
}
