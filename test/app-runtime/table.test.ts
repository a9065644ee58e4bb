/** `chartctl/app` is the same on AWS and in a preview: one test, both tables. */
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Table } from "../../types/app.d.ts";
import type { TestEmulator } from "../support/emulator.ts";
import { startEmulator } from "../support/emulator.ts";

let emulator: TestEmulator;
const tables: Record<string, Table> = {};
const before = { ...process.env };

beforeAll(async () => {
  emulator = await startEmulator();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-east-1",
    TABLE_NAME: "data",
  });
  await new DynamoDBClient({}).send(
    new CreateTableCommand({
      TableName: "data",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
    }),
  );
  tables.DynamoDB = (await import("../../src/app-runtime/lambda-app.ts")).table;
  tables.memory = (await import("../../src/app-runtime/local-app.ts")).table;
}, 60_000);
afterAll(async () => {
  process.env = before;
  await emulator.stop();
});

describe.each(["DynamoDB", "memory"])("%s", (name) => {
  const table = (): Table => tables[name] as Table;

  it("gives back what was put, of any JSON type, and nothing for what wasn't", async () => {
    const item = { pk: "a", sk: "1", text: "ä", number: 1.5, list: [1, "x", null], map: { deep: true }, empty: "" };
    await table().put(item);
    expect(await table().get("a", "1")).toEqual(item);
    expect(await table().get("a", "2")).toBeUndefined();
    await table().put({ pk: "a", sk: "1", text: "new" });
    expect(await table().get("a", "1")).toEqual({ pk: "a", sk: "1", text: "new" });
    await table().delete("a", "1");
    await table().delete("a", "1");
    expect(await table().get("a", "1")).toBeUndefined();
  });

  it("orders by the bytes of the sort key, and takes ranges, limits and both directions", async () => {
    const keys = ["10", "2", "Z", "a", "é", "\u{1f600}", "\uffee"];
    for (const sk of keys) await table().put({ pk: "order", sk });
    await table().put({ pk: "other", sk: "x" });
    const sks = async (...query: Parameters<Table["query"]> extends [unknown, ...infer R] ? R : never) =>
      (await table().query("order", ...query)).map(({ sk }) => sk);
    const ordered = ["10", "2", "Z", "a", "é", "\uffee", "\u{1f600}"];
    expect(await sks()).toEqual(ordered);
    expect(await sks({ newestFirst: true })).toEqual([...ordered].reverse());
    expect(await sks({ from: "2", to: "a" })).toEqual(["2", "Z", "a"]);
    expect(await sks({ from: "a" })).toEqual(ordered.slice(3));
    expect(await sks({ to: "2" })).toEqual(["10", "2"]);
    expect(await sks({ limit: 2 })).toEqual(["10", "2"]);
    expect(await sks({ limit: 2, newestFirst: true })).toEqual([...ordered].reverse().slice(0, 2));
    expect(await sks({ from: "z", to: "a" })).toEqual([]);
    expect(await table().query("none")).toEqual([]);
  });

  it("refuses an item without its keys", async () => {
    await expect(table().put({ pk: "a" } as never)).rejects.toThrow();
    await expect(table().put({ pk: "a", sk: "" })).rejects.toThrow();
  });
});
