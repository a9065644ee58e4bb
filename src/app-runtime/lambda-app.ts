/** `chartctl/app` on Lambda: the project's DynamoDB table. */
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { awsClient } from "./aws.ts";
import type { Item, Query, Table } from "./table.ts";
import { defaultLimit } from "./table.ts";

const { client, endpoint, region } = awsClient("dynamodb");

/** DynamoDB's low-level JSON API, protocol version 20120810. Its errors say what the request was refused for. */
async function call(action: string, input: object): Promise<Record<string, unknown>> {
  const answer = await client.fetch(`${endpoint ?? `https://dynamodb.${region}.amazonaws.com`}/`, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `DynamoDB_20120810.${action}` },
    body: JSON.stringify({ TableName: process.env.TABLE_NAME, ...input }),
  });
  const body = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Error(`DynamoDB ${action}: ${String(body.__type ?? answer.status).replace(/^.*#/, "")}: ${body.message ?? body.Message ?? ""}`);
  return body;
}

const itemOf = (attributes: unknown): Item => unmarshall(attributes as Parameters<typeof unmarshall>[0]) as Item;

/** Either end may be open: one key condition for each case, because DynamoDB takes one for the sort key. */
function range({ from, to }: Query): [string, Record<string, string>] {
  if (from !== undefined && to !== undefined) return [" AND #sk BETWEEN :from AND :to", { ":from": from, ":to": to }];
  if (from !== undefined) return [" AND #sk >= :from", { ":from": from }];
  return to === undefined ? ["", {}] : [" AND #sk <= :to", { ":to": to }];
}

export const table: Table = {
  put: async (item) => void (await call("PutItem", { Item: marshall(item, { removeUndefinedValues: true }) })),
  get: async (pk, sk) => {
    const { Item: found } = await call("GetItem", { Key: marshall({ pk, sk }), ConsistentRead: true });
    return found ? itemOf(found) : undefined;
  },
  query: async (pk, query = {}) => {
    const { limit = defaultLimit, from, to } = query;
    const found: Item[] = [];
    if (from !== undefined && to !== undefined && Buffer.compare(Buffer.from(from), Buffer.from(to)) > 0) return found; // DynamoDB refuses it
    const [condition, values] = range(query);
    let start: unknown;
    do {
      const page = await call("Query", {
        KeyConditionExpression: `#pk = :pk${condition}`,
        ExpressionAttributeNames: { "#pk": "pk", ...(condition ? { "#sk": "sk" } : {}) },
        ExpressionAttributeValues: marshall({ ":pk": pk, ...values }),
        ScanIndexForward: !query.newestFirst,
        ConsistentRead: true,
        Limit: limit - found.length,
        ...(start ? { ExclusiveStartKey: start } : {}),
      });
      found.push(...((page.Items ?? []) as unknown[]).map(itemOf));
      start = page.LastEvaluatedKey;
    } while (start && found.length < limit);
    return found;
  },
  delete: async (pk, sk) => void (await call("DeleteItem", { Key: marshall({ pk, sk }) })),
};
