/** One query on Athena, from start to its last row. It bills the bytes that a query reads. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetTableMetadataCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  type StartQueryExecutionCommandOutput,
  StopQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import Big from "big.js";
import type { Clock } from "../../../core/ports.ts";
import { interruption, unlessStopped } from "../../../core/stoppable.ts";
import { ChartctlError, messageOf } from "../../../errors.ts";
import { awsError, ofQuestion } from "../errors.ts";
import type { CurTable } from "./cur-table.ts";

export interface AthenaOptions {
  client: () => Promise<Pick<AthenaClient, "send">>;
  /** Whose report it is, for hints that can be typed. */
  tenantId: string;
  clock: Clock;
  workgroup: string;
  /** A result of the same query this old is as good; 0: none is. */
  reuseMinutes: number;
  interrupted: AbortSignal;
  /** Five minutes, where nothing is said. */
  longestWaitMilliseconds?: number;
}

type Row = (string | null)[];
interface QueryPrice {
  bytesScanned: number;
  reused: boolean;
  dollars: string;
}

const bytesPerTb = 1_024 ** 4;
const dollarsPerTb = 5;
/** Athena pricing: each query is charged for 10 MB at least. */
const leastBytes = 10 * 1_024 ** 2;
const scanDollars = (bytes: number): string => new Big(Math.max(bytes, leastBytes)).times(dollarsPerTb).div(bytesPerTb).round(6, Big.roundUp).toFixed();

const fiveMinutes = 5 * 60_000;
const firstWaitMilliseconds = 200;
const waitMilliseconds = 4_000;

/** Rows page by page, when the query has ended. Errors: `cur.*`, `aws.*`, `interrupted`. */
export async function askQuery(
  { client, tenantId, clock, workgroup, reuseMinutes, interrupted, longestWaitMilliseconds = fiveMinutes }: AthenaOptions,
  table: { database: string; table: string },
  { sql, parameters }: { sql: string; parameters: string[] },
): Promise<QueryPrice & { pages: AsyncIterable<Row[]> }> {
  const athena = await client();
  const reuse = reuseMinutes > 0 ? { Enabled: true, MaxAgeInMinutes: reuseMinutes } : { Enabled: false };
  const command = new StartQueryExecutionCommand({
    QueryString: sql,
    ExecutionParameters: parameters,
    WorkGroup: workgroup,
    QueryExecutionContext: { Catalog: "AwsDataCatalog", Database: table.database },
    ResultReuseConfiguration: { ResultReuseByAgeConfiguration: reuse },
  });
  // No signal for it: whether it started a query, its answer alone says, and a query that nobody knows of reads on.
  let starting: Promise<StartQueryExecutionCommandOutput> | undefined;
  const start = (): Promise<StartQueryExecutionCommandOutput> => {
    starting = athena.send(command);
    return starting;
  };
  const stop = async (): Promise<boolean> => {
    const started = starting?.catch(() => undefined); // one that wasn't started needs no stop
    return await answersInTime(
      started?.then(async (known) => known && (await athena.send(new StopQueryExecutionCommand({ QueryExecutionId: known.QueryExecutionId })))),
    );
  };
  const ask = async <T>(doing: string, call: (options: { abortSignal?: AbortSignal }) => Promise<T>): Promise<T> => {
    try {
      return await answered(doing, () => unlessStopped(interrupted, queryStopped, call));
    } catch (error) {
      if (interrupted.aborted && starting && !(await stop())) throw queryNotStopped();
      throw error;
    }
  };
  const { QueryExecutionId } = await ask("ask the Cost and Usage Report", start);
  const giveUpAt = clock.now().getTime() + longestWaitMilliseconds;
  for (let wait = firstWaitMilliseconds; ; wait = Math.min(wait * 1.6, waitMilliseconds)) {
    const look = new GetQueryExecutionCommand({ QueryExecutionId });
    const execution = (await ask("look at the query", (options) => athena.send(look, options))).QueryExecution ?? {};
    const state = execution.Status?.State;
    if (state === "SUCCEEDED") return { pages: pagesOf(athena, QueryExecutionId, interrupted), ...scanned(execution) };
    if (state === "FAILED" || state === "CANCELLED") throw queryFailed(execution, { ...table, tenantId });
    if (clock.now().getTime() > giveUpAt) {
      await stop();
      throw new ChartctlError({
        kind: "external",
        code: "cur.slow",
        message: `Athena had no answer after ${longestWaitMilliseconds / 1_000} seconds; the query was stopped`,
        hint: "ask for a shorter time, or ask Cost Explorer: chartctl costs --source ce",
      });
    }
    await clock.sleep(wait, interrupted);
  }
}

/** The first one begins with the columns' names. */
async function* pagesOf(athena: Pick<AthenaClient, "send">, QueryExecutionId: string | undefined, interrupted: AbortSignal): AsyncGenerator<Row[]> {
  let NextToken: string | undefined;
  let header = 1;
  do {
    const command = new GetQueryResultsCommand({ QueryExecutionId, NextToken, MaxResults: 1_000 });
    const page = await answered("read the query's result", () => unlessStopped(interrupted, resultStopped, (options) => athena.send(command, options)));
    yield (page.ResultSet?.Rows ?? []).slice(header).map(({ Data = [] }) => Data.map(({ VarCharValue = null }) => VarCharValue));
    header = 0;
    NextToken = page.NextToken || undefined;
  } while (NextToken !== undefined);
}

/** Errors: `aws.*`, as a question has them. */
async function answered<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw ofQuestion(awsError(error, doing));
  }
}

const queryStopped = (): ChartctlError => interruption("Stopped, and Athena's query with it; nothing is kept. AWS bills what it had read by then");
const queryNotStopped = (): ChartctlError =>
  interruption("Stopped; nothing is kept. Athena didn't say that it has stopped the query, too: AWS may bill all that it reads");
const resultStopped = (): ChartctlError => interruption("Stopped; nothing is kept. AWS bills what the query read, and gives its result again");

/** Nobody who pressed Ctrl-C waits longer for Athena's word. */
const stopMilliseconds = 2_000;

async function answersInTime(call: Promise<unknown> | undefined): Promise<boolean> {
  const late = new AbortController();
  const answered = call?.then(
    () => true,
    () => false,
  );
  const inTime = await Promise.race([answered, sleep(stopMilliseconds, false, { signal: late.signal }).catch(() => false)]);
  late.abort();
  return inTime ?? false;
}

function scanned({ Statistics = {} }: QueryExecution): QueryPrice {
  const reused = Statistics.ResultReuseInformation?.ReusedPreviousResult ?? false;
  const bytesScanned = reused ? 0 : (Statistics.DataScannedInBytes ?? 0);
  return { bytesScanned, reused, dollars: reused ? "0" : scanDollars(bytesScanned) };
}

/** Athena's reasons begin with Trino's name of the error. */
function queryFailed({ Status = {} }: QueryExecution, { database, table, tenantId }: { database: string; table: string; tenantId: string }): ChartctlError {
  const why = Status.AthenaError?.ErrorMessage ?? Status.StateChangeReason ?? "it gave no reason";
  const name = `${database}.${table}`;
  const fail = (code: string, message: string, hint: string): ChartctlError =>
    new ChartctlError({ kind: "external", code, message, hint, details: { reason: why } });
  if (/TABLE_NOT_FOUND|SCHEMA_NOT_FOUND|does not exist/i.test(why)) return noTable(name, tenantId);
  if (/COLUMN_NOT_FOUND|cannot be resolved/i.test(why))
    return fail("cur.no-column", `The report ${name} lacks a column: ${why}`, "ask Cost Explorer instead: chartctl costs --source ce");
  if (/TYPE_MISMATCH|HIVE_BAD_DATA|HIVE_PARTITION_SCHEMA_MISMATCH|FUNCTION_NOT_FOUND/i.test(why))
    return fail("cur.wrong-data", `The table ${name} doesn't fit the files of the report: ${why}`, "make the table anew, or ask: chartctl costs --source ce");
  if (/bytes scanned limit|exceeded.*limit/i.test(why))
    return fail(
      "cur.limit",
      `The query would read more than the workgroup allows: ${why}`,
      "ask for a shorter time, or raise QueryLimitMegabytes of the template",
    );
  if (/access ?denied|not authorized|insufficient permission/i.test(why))
    return new ChartctlError({
      kind: "auth",
      code: "aws.access-denied",
      message: `Athena may not read the report ${name}: ${why}`,
      hint: "the tenant's role has to be allowed to: update its stack with the newest template (chartctl tenants connect)",
      details: { reason: why },
    });
  if (Status.State === "CANCELLED") return fail("cur.cancelled", `Somebody stopped the query: ${why}`, "ask again: chartctl costs");
  return fail("cur.query-failed", `Athena failed to answer: ${why}`, "ask again, or ask Cost Explorer: chartctl costs --source ce");
}

const noTable = (name: string, tenantId: string): ChartctlError =>
  new ChartctlError({
    kind: "not-found",
    code: "cur.no-table",
    message: `There is no Cost and Usage Report ${name} in this account`,
    hint: `connect one: chartctl tenants connect ${tenantId} --billing; or ask Cost Explorer: chartctl costs --source ce`,
  });

/** Errors: `cur.no-table`, `aws.*`. */
export async function describeTable(
  { client, tenantId, workgroup, interrupted }: AthenaOptions,
  { database, table }: { database: string; table: string },
): Promise<CurTable> {
  const athena = await client();
  const command = new GetTableMetadataCommand({ CatalogName: "AwsDataCatalog", DatabaseName: database, TableName: table, WorkGroup: workgroup });
  const stopped = () => interruption("Stopped before anything was asked");
  const { TableMetadata } = await unlessStopped(interrupted, stopped, (options) => athena.send(command, options)).catch((error: unknown) => {
    // Athena's word for a table that Glue doesn't have is MetadataException, for other failures of Glue, too.
    if (/EntityNotFound|not found|does not exist/i.test(`${(error as Error).name} ${messageOf(error)}`)) throw noTable(`${database}.${table}`, tenantId);
    const told = awsError(error, `describe the table ${database}.${table}`);
    if (told.code !== "aws.unavailable") throw ofQuestion(told);
    throw new ChartctlError({
      kind: "external",
      code: "cur.unavailable",
      message: `Athena doesn't answer what the table ${database}.${table} is (an emulator may not know how)`,
      hint: "ask again, or ask Cost Explorer: chartctl costs --source ce",
      cause: error,
    });
  });
  const named = (list: { Name: string | undefined; Type?: string | undefined }[] = []) =>
    list.map(({ Name = "", Type = "" }) => ({ name: Name.toLowerCase(), type: Type }));
  return { tenantId, database, table, columns: named(TableMetadata?.Columns), partitions: named(TableMetadata?.PartitionKeys) };
}
