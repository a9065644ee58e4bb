/** One PostgreSQL server for all test files of a run; each test makes a database of its own. */

import pg from "pg";
import type { TestProject } from "vitest/node";
import type { PostgresServer } from "../../scripts/postgres.mjs";
import { startPostgres } from "../../scripts/postgres.mjs";
import { openPostgres } from "../../src/control/store/postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Of the server's own database; undefined where tests run on SQLite. */
    postgresUrl: string;
  }
}

/** Databases are copied from this one: the schema is made once. */
export const templateDatabase = "chartctl_template";

let server: PostgresServer | undefined;

export async function setup(project: TestProject): Promise<void> {
  // Nothing here is to survive a crash; the tests of crashes start a server of their own.
  server = await startPostgres({ settings: { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } });
  const admin = new pg.Client(server.url());
  await admin.connect();
  await admin.query(`create database ${templateDatabase}`);
  await admin.end();
  const template = openPostgres({ url: server.url(templateDatabase), poolSize: 1, onIdleError: () => {} });
  await template.migrate();
  await template.db.destroy();
  project.provide("postgresUrl", server.url());
}

export const teardown = async (): Promise<void> => await server?.stop();
