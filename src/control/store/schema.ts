/** Which steps of the schema a store has, and the steps in its own dialect. */
import { ChartctlError } from "../../errors.ts";
import type { SqliteStep, Statement } from "./migrations.ts";
import { migrations } from "./migrations.ts";

export const newestSchema: number = migrations.length;

/** Steps that bring a store from a schema to the newest one; PostgreSQL's are all statements. Error `store.newer-schema` (failed). */
export function statementsFrom(version: number, dialect: "postgres"): string[];
export function statementsFrom(version: number, dialect: "sqlite" | "postgres"): (string | SqliteStep)[];
export function statementsFrom(version: number, dialect: "sqlite" | "postgres"): (string | SqliteStep)[] {
  if (version > newestSchema) {
    throw new ChartctlError({
      kind: "failed",
      code: "store.newer-schema",
      message: `The store has schema ${version}; this chartctl knows up to ${newestSchema}`,
      hint: "update chartctl: npm install -g chartctl@latest",
    });
  }
  return migrations
    .slice(version)
    .flat()
    .flatMap((statement) => inDialect(statement, dialect));
}

function inDialect(statement: Statement, dialect: "sqlite" | "postgres"): (string | SqliteStep)[] {
  if (typeof statement !== "string") return [statement[dialect]].flatMap((text) => text ?? []);
  if (dialect === "sqlite") return [statement.replaceAll("AUTONUMBER", "integer primary key")];
  // Bytes decide the order, as on SQLite, whatever the database's language.
  return [statement.replaceAll("AUTONUMBER", "bigint generated always as identity primary key").replace(/\btext\b/g, `text collate "C"`)];
}
