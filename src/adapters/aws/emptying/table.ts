/** Clears a table: every item, by its keys alone. */
import { setMaxListeners } from "node:events";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { BatchWriteItemCommand, DescribeTableCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Emptied } from "../../../core/app-ports.ts";
import type { CredentialSource } from "../../../core/ports.ts";
import type { AwsEnvironment } from "../clients.ts";
import { clientSettings } from "../clients.ts";
import { orAbsent } from "../errors.ts";

/** DynamoDB takes at most 25 writes a batch (API reference, BatchWriteItem). */
const batchSize = 25;
const segments = 4;

type Key = Record<string, AttributeValue>;

/** A table that isn't there is clear. */
export async function clearTable(
  env: AwsEnvironment,
  region: string,
  credentials: CredentialSource,
  TableName: string,
  progress: (emptied: Emptied) => void,
  signal: AbortSignal,
): Promise<Emptied> {
  setMaxListeners(0, signal); // one for each request on its way
  const dynamodb = new DynamoDBClient(clientSettings(env, "DYNAMODB", region, () => credentials.get()));
  const emptied: Emptied = { objects: 0, uploads: 0, items: 0 };
  const doing = `clear the table ${TableName}`;
  const described = await orAbsent(doing, () => dynamodb.send(new DescribeTableCommand({ TableName })));
  const names = described?.Table?.KeySchema?.flatMap(({ AttributeName }) => AttributeName ?? []) ?? [];
  if (names.length === 0) return emptied;
  const projection = {
    ProjectionExpression: names.map((_, at) => `#k${at}`).join(", "),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, at) => [`#k${at}`, name])),
  };

  const clear = async (Segment: number): Promise<void> => {
    let ExclusiveStartKey: Key | undefined;
    do {
      signal.throwIfAborted();
      const page = await orAbsent(doing, () =>
        dynamodb.send(new ScanCommand({ TableName, Segment, TotalSegments: segments, ConsistentRead: true, ...projection, ExclusiveStartKey }), {
          abortSignal: signal,
        }),
      );
      const keys = page?.Items ?? [];
      for (let at = 0; at < keys.length; at += batchSize) {
        const batch = keys.slice(at, at + batchSize);
        await deleteBatch(dynamodb, doing, TableName, batch, signal);
        emptied.items += batch.length;
        progress({ ...emptied });
      }
      ExclusiveStartKey = page?.LastEvaluatedKey;
    } while (ExclusiveStartKey);
  };
  await Promise.all(Array.from({ length: segments }, (_, segment) => clear(segment)));
  return emptied;
}

/** What DynamoDB leaves unprocessed is sent again, a little later each time. */
async function deleteBatch(dynamodb: DynamoDBClient, doing: string, TableName: string, keys: Key[], signal: AbortSignal): Promise<void> {
  let wanted = keys.map((Key) => ({ DeleteRequest: { Key } }));
  for (let attempt = 0; wanted.length > 0; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(50 * 2 ** attempt, 5_000)));
    signal.throwIfAborted();
    const answer = await orAbsent(doing, () => dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: wanted } }), { abortSignal: signal }));
    wanted = (answer?.UnprocessedItems?.[TableName] ?? []) as typeof wanted;
  }
}
