/** Emptying against the emulator, with what S3 and DynamoDB say inside a 200. */
import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emptyBucket } from "../../../src/adapters/aws/emptying/bucket.ts";
import { clearTable } from "../../../src/adapters/aws/emptying/table.ts";
import { bulkS3 } from "../../../src/adapters/aws/objects.ts";
import type { Emptied } from "../../../src/core/app-ports.ts";
import type { AwsProxy } from "../../support/aws-proxy.ts";
import { proxyAws } from "../../support/aws-proxy.ts";
import type { TestEmulator } from "../../support/emulator.ts";
import { startEmulator } from "../../support/emulator.ts";

let emulator: TestEmulator;
let proxy: AwsProxy;
let s3: S3Client;
let direct: S3Client;
const credentials = { get: async () => ({ accessKeyId: "test", secretAccessKey: "test" }) };
const signal = new AbortController().signal;

beforeAll(async () => {
  emulator = await startEmulator();
  proxy = await proxyAws(emulator.url);
  s3 = bulkS3({ AWS_ENDPOINT_URL: proxy.url }, "us-east-1", credentials);
  direct = new S3Client({ endpoint: emulator.url, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" }, forcePathStyle: true });
}, 60_000);
afterAll(async () => {
  await proxy.close();
  await emulator.stop();
});

async function bucket(name: string, lock = false): Promise<string> {
  await direct.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: lock }));
  if (!lock) await direct.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: "Enabled" } }));
  return name;
}
const put = (Bucket: string, Key: string) => direct.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
const putAll = async (Bucket: string, keys: string[]) => {
  const waiting = [...keys];
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await put(Bucket, key);
    }),
  );
};
/** Keys as the site's files have them, all beginning with the same digit. */
const siteKeys = (digit: string, count: number) => Array.from({ length: count }, (_, at) => `site/${digit}${String(at).padStart(63, "0")}.json`);
const left = async (Bucket: string) => {
  const { Versions = [], DeleteMarkers = [] } = await direct.send(new ListObjectVersionsCommand({ Bucket }));
  return [...Versions, ...DeleteMarkers].map(({ Key }) => Key);
};
const empty = async (name: string) => {
  const told: Emptied[] = [];
  return { emptied: await emptyBucket(s3, name, (emptied) => void told.push(emptied), signal), told };
};

describe("a bucket", () => {
  it("loses every version, delete marker and unfinished upload, whatever its keys look like; progress counts up", async () => {
    const name = await bucket("empty-all");
    const keys = ["a", "a", "ä b&c<d>.txt", "x/../y", "quote\"'.json", "emoji 🎉", "percent%20"];
    for (const key of keys) await put(name, key);
    await direct.send(new DeleteObjectCommand({ Bucket: name, Key: "a" }));
    await direct.send(new CreateMultipartUploadCommand({ Bucket: name, Key: "half" }));
    const { emptied, told } = await empty(name);
    expect(emptied).toEqual({ objects: 8, uploads: 1, items: 0 });
    expect(told.at(-1)).toEqual(emptied);
    expect(await left(name)).toEqual([]);
    expect((await direct.send(new ListMultipartUploadsCommand({ Bucket: name }))).Uploads ?? []).toEqual([]);
    expect((await empty(name)).emptied).toEqual({ objects: 0, uploads: 0, items: 0 });
  });

  it("of more than a page", async () => {
    const name = await bucket("empty-pages");
    await putAll(
      name,
      Array.from({ length: 1_100 }, (_, at) => `key-${at}`),
    );
    expect((await empty(name)).emptied.objects).toBe(1_100);
    expect(await left(name)).toEqual([]);
  });

  it("of many is listed side by side: parts of several pages, versions and markers, and keys beside, between and behind the parts", async () => {
    const name = await bucket("empty-parts");
    const ours = [...siteKeys("0", 1_050), ...siteKeys("7", 1_050), ...siteKeys("f", 3)];
    const odd = [
      "!",
      "code/0a.zip",
      "site/",
      "site/9",
      "site/:",
      "site/Z/ä b&c<d>.txt",
      "site/`",
      "site/f🎉",
      "site/g",
      "site/g1",
      "site0",
      "zz/percent%20",
      "ｆull",
    ];
    await putAll(name, [...ours, ...odd]);
    await putAll(name, [...siteKeys("7", 5), "site/Z/ä b&c<d>.txt"]);
    for (const Key of [...siteKeys("f", 2), "site/g1"]) await direct.send(new DeleteObjectCommand({ Bucket: name, Key }));
    const refused = proxy.refuse(/GET \/empty-parts\/.*prefix=site%2F7/, 403, "<Error><Code>AccessDenied</Code><Message>not this part</Message></Error>");
    let told = 0;
    await expect(emptyBucket(s3, name, () => void told++, signal)).rejects.toMatchObject({ code: "aws.access-denied" });
    refused();
    const before = told;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(told).toBe(before); // nothing goes on behind the error
    expect(await left(name)).not.toEqual([]);
    await empty(name);
    expect(await left(name)).toEqual([]);
  });

  it("counts each of many once", async () => {
    const name = await bucket("empty-counted");
    await putAll(name, [...siteKeys("1", 1_020), ...siteKeys("2", 20), ...siteKeys("c", 20), "site/X", "site/z"]);
    expect((await empty(name)).emptied).toEqual({ objects: 1_062, uploads: 0, items: 0 });
    expect(await left(name)).toEqual([]);
  });

  it("that never kept versions is listed by its objects; one that did once, or may not say, by its versions", async () => {
    const listedFrom = async (name: string): Promise<string[]> => {
      const before = proxy.seen.length;
      await empty(name);
      return proxy.seen.slice(before).filter((what) => what.includes("list-type=2"));
    };
    const plain = "empty-plain";
    await direct.send(new CreateBucketCommand({ Bucket: plain }));
    await putAll(plain, siteKeys("0", 1_010));
    expect(await listedFrom(plain)).toHaveLength(2);
    expect(await left(plain)).toEqual([]);

    const suspended = await bucket("empty-suspended");
    await putAll(suspended, ["a", "b"]);
    await direct.send(new PutBucketVersioningCommand({ Bucket: suspended, VersioningConfiguration: { Status: "Suspended" } }));
    await putAll(suspended, ["b", "c"]);
    expect(await listedFrom(suspended)).toEqual([]);
    expect(await left(suspended)).toEqual([]);

    const silent = await bucket("empty-silent");
    await putAll(silent, ["a"]);
    const refused = proxy.refuse(/GET \/empty-silent\/?\?versioning/, 403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    expect(await listedFrom(silent)).toEqual([]);
    refused();
    expect(await left(silent)).toEqual([]);
  });

  it("that isn't there is empty", async () => {
    expect((await empty("never-made")).emptied.objects).toBe(0);
  });

  it("reads the refusals inside a 200: what passes is asked again, what stays is named", async () => {
    const name = await bucket("refusals");
    await put(name, "busy.txt");
    const inside = (code: string) => `<DeleteResult><Error><Key>busy.txt</Key><Code>${code}</Code><Message>not now</Message></Error></DeleteResult>`;
    const busy = proxy.refuse(/POST \/refusals\/?\?delete/, 200, inside("SlowDown"));
    setTimeout(busy, 300);
    await expect(empty(name)).resolves.toBeDefined();
    await put(name, "busy.txt");
    const stays = proxy.refuse(/POST \/refusals\/?\?delete/, 200, inside("AccessDenied"));
    await expect(empty(name)).rejects.toMatchObject({
      kind: "refused",
      code: "purge.locked",
      message: expect.stringContaining("busy.txt (not now)"),
      details: { count: 1, objects: [{ key: "busy.txt", code: "AccessDenied" }] },
    });
    stays();
    expect((await empty(name)).emptied.objects).toBe(1);
  });

  it("says what is locked, and until when, when everything else is gone", async () => {
    const name = await bucket("locked", true);
    for (const key of ["free.txt", "kept.txt", "held.txt"]) await put(name, key);
    const RetainUntilDate = new Date("2031-05-06T07:08:00Z");
    await direct.send(new PutObjectRetentionCommand({ Bucket: name, Key: "kept.txt", Retention: { Mode: "COMPLIANCE", RetainUntilDate } }));
    await direct.send(new PutObjectLegalHoldCommand({ Bucket: name, Key: "held.txt", LegalHold: { Status: "ON" } }));
    // The emulator keeps a retention, and can't tell it.
    const retention = `<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>${RetainUntilDate.toISOString()}</RetainUntilDate></Retention>`;
    const telling = proxy.refuse(/GET .*kept\.txt\?.*retention/, 200, retention);
    const error = await empty(name).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: "refused", code: "purge.locked" });
    telling();
    const { message } = error as Error;
    expect(message).toContain("held.txt (under a legal hold, until it is lifted)");
    expect(message).toContain("kept.txt (locked until 2031-05-06 07:08 UTC)");
    expect(message).not.toContain("free.txt");
    expect(await left(name)).not.toContain("free.txt");
  });

  it("stops when it is told to", async () => {
    const name = await bucket("stopped");
    await put(name, "a");
    const stopped = AbortSignal.abort(new Error("enough"));
    await expect(emptyBucket(s3, name, () => {}, stopped)).rejects.toThrow("enough");
    expect(await left(name)).toEqual(["a"]);
  });
});

describe("a table", () => {
  it("loses every item, also those that DynamoDB leaves for later", async () => {
    const dynamodb = new DynamoDBClient({ endpoint: emulator.url, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
    const TableName = "items";
    await dynamodb.send(
      new CreateTableCommand({
        TableName,
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
    for (let batch = 0; batch < 4; batch++)
      await dynamodb.send(
        new BatchWriteItemCommand({
          RequestItems: { [TableName]: Array.from({ length: 25 }, (_, at) => ({ PutRequest: { Item: { pk: { S: `p${batch}` }, sk: { S: `s${at}` } } } })) },
        }),
      );
    const later = proxy.refuse(
      /BatchWriteItem/,
      200,
      JSON.stringify({ UnprocessedItems: { [TableName]: [{ DeleteRequest: { Key: { pk: { S: "p0" }, sk: { S: "s0" } } } }] } }),
    );
    setTimeout(later, 150);
    const env = { AWS_ENDPOINT_URL: proxy.url };
    const emptied = await clearTable(env, "us-east-1", credentials, TableName, () => {}, signal);
    expect(emptied.items).toBeGreaterThan(0);
    await clearTable(env, "us-east-1", credentials, TableName, () => {}, signal);
    expect((await dynamodb.send(new ScanCommand({ TableName }))).Count).toBe(0);
    expect((await clearTable(env, "us-east-1", credentials, "never-made", () => {}, signal)).items).toBe(0);
  });
});
