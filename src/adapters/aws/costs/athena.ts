/** One query on Athena, from start to its last row. It bills the bytes that a query reads. */
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  GetTableMetadataCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import Big from "big.js";
import type { Clock } from "../../../core/ports.ts";
import { ChartctlError, messageOf } from "../../../errors.ts";
import { awsError, translated } from "../errors.ts";
import type { CurTable } from "./cur-table.ts";

export interface AthenaOptions {
  client: () => Promise<Pick<AthenaClient, "send">>;
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
  { client, clock, workgroup, reuseMinutes, interrupted, longestWaitMilliseconds = fiveMinutes }: AthenaOptions,
  table: { database: string; table: string },
  { sql, parameters }: { sql: string; parameters: string[] },
): Promise<QueryPrice & { pages: AsyncIterable<Row[]> }> {
  const athena = await client();
  const reuse = reuseMinutes > 0 ? { Enabled: true, MaxAgeInMinutes: reuseMinutes } : { Enabled: false };
  const { QueryExecutionId } = await translated("ask the Cost and Usage Report", () =>
    athena.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        ExecutionParameters: parameters,
        WorkGroup: workgroup,
        QueryExecutionContext: { Catalog: "AwsDataCatalog", Database: table.database },
        ResultReuseConfiguration: { ResultReuseByAgeConfiguration: reuse },
      }),
    ),
  );
  const stop = (): Promise<unknown> => athena.send(new StopQueryExecutionCommand({ QueryExecutionId })).catch(() => {});
  const giveUpAt = clock.now().getTime() + longestWaitMilliseconds;
  for (let wait = firstWaitMilliseconds; ; wait = Math.min(wait * 1.6, waitMilliseconds)) {
    const execution = (await translated("look at the query", () => athena.send(new GetQueryExecutionCommand({ QueryExecutionId })))).QueryExecution ?? {};
    const state = execution.Status?.State;
    if (state === "SUCCEEDED") return { pages: pagesOf(athena, QueryExecutionId, interrupted), ...scanned(execution) };
    if (state === "FAILED" || state === "CANCELLED") throw queryFailed(execution, table);
    if (interrupted.aborted) {
      await stop();
      throw stopped();
    }
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
    if (interrupted.aborted) throw stopped();
    const page = await translated("read the query's result", () => athena.send(new GetQueryResultsCommand({ QueryExecutionId, NextToken, MaxResults: 1_000 })));
    yield (page.ResultSet?.Rows ?? []).slice(header).map(({ Data = [] }) => Data.map(({ VarCharValue = null }) => VarCharValue));
    header = 0;
    NextToken = page.NextToken || undefined;
  } while (NextToken !== undefined);
}

const stopped = (): ChartctlError =>
  new ChartctlError({ kind: "interrupted", code: "interrupted", message: "The query was stopped", hint: "ask again: chartctl costs" });

function scanned({ Statistics = {} }: QueryExecution): QueryPrice {
  const reused = Statistics.ResultReuseInformation?.ReusedPreviousResult ?? false;
  const bytesScanned = reused ? 0 : (Statistics.DataScannedInBytes ?? 0);
  return { bytesScanned, reused, dollars: reused ? "0" : scanDollars(bytesScanned) };
}

/** Athena's reasons begin with Trino's name of the error. */
function queryFailed({ Status = {} }: QueryExecution, { database, table }: { database: string; table: string }): ChartctlError {
  const why = Status.AthenaError?.ErrorMessage ?? Status.StateChangeReason ?? "it gave no reason";
  const name = `${database}.${table}`;
  const fail = (code: string, message: string, hint: string): ChartctlError =>
    new ChartctlError({ kind: "external", code, message, hint, details: { reason: why } });
  if (/TABLE_NOT_FOUND|SCHEMA_NOT_FOUND|does not exist/i.test(why)) return noTable(name);
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

const noTable = (name: string): ChartctlError =>
  new ChartctlError({
    kind: "not-found",
    code: "cur.no-table",
    message: `There is no Cost and Usage Report ${name} in this account`,
    hint: "connect one with templates/cloudformation/connect-aws-billing.yml, or ask: chartctl costs --source ce",
  });

/** Errors: `cur.no-table`, `aws.*`. */
export async function describeTable({ client, workgroup }: AthenaOptions, { database, table }: { database: string; table: string }): Promise<CurTable> {
  const athena = await client();
  const asked = { CatalogName: "AwsDataCatalog", DatabaseName: database, TableName: table, WorkGroup: workgroup };
  const { TableMetadata } = await athena.send(new GetTableMetadataCommand(asked)).catch((error: unknown) => {
    // Athena's word for a table that Glue doesn't have is MetadataException, for other failures of Glue, too.
    if (/EntityNotFound|not found|does not exist/i.test(`${(error as Error).name} ${messageOf(error)}`)) throw noTable(`${database}.${table}`);
    const told = awsError(error, `describe the table ${database}.${table}`);
    if (told.code !== "aws.unavailable") throw told;
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
  return { database, table, columns: named(TableMetadata?.Columns), partitions: named(TableMetadata?.PartitionKeys) };
}
