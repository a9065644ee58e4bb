/** The application's objects in the project's bucket: listed, and uploaded side by side. */
import { setMaxListeners } from "node:events";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import pLimit from "p-limit";
import type { AppObject } from "../../core/app-ports.ts";
import type { CredentialSource } from "../../core/ports.ts";
import type { AwsEnvironment } from "./clients.ts";
import { clientSettings, usesPathStyle } from "./clients.ts";
import { translated } from "./errors.ts";
import { allPages } from "./pages.ts";

/** Requests side by side: enough to hide a round trip, few enough for one process. */
const sideBySide = 48;

/** A client for many small calls: connections are kept, and only what S3 asks for is computed. */
export function bulkS3(env: AwsEnvironment, region: string, credentials: CredentialSource): S3Client {
  const settings = clientSettings(env, "S3", region, () => credentials.get());
  const agents = {
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets: sideBySide }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: sideBySide }),
  };
  const s3 = new S3Client({
    ...settings,
    requestHandler: { ...settings.requestHandler, ...agents },
    forcePathStyle: usesPathStyle(env),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  // It copies every list to mask it for a log that nobody keeps.
  s3.middlewareStack.removeByTag("LOGGER");
  return s3;
}

/** Keys of everything that deploys have uploaded: they alone write to the bucket. */
export async function storedKeys(s3: S3Client, Bucket: string): Promise<Set<string>> {
  const listed = await allPages(`list ${Bucket}`, async (ContinuationToken) => {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    return { items: page.Contents, next: page.NextContinuationToken };
  });
  return new Set(listed.flatMap(({ Key }) => Key ?? []));
}

/**
 * In the order given, as far as that matters: what comes `last` is sent when everything before it is there.
 * Stops at the first error, and when the signal aborts.
 */
export async function uploadAll(
  s3: S3Client,
  bucket: string,
  objects: AppObject[],
  options: { isLast(object: AppObject): boolean; done(object: AppObject): void; signal: AbortSignal },
): Promise<void> {
  const stopped = new AbortController();
  const signal = AbortSignal.any([options.signal, stopped.signal]);
  setMaxListeners(0, signal); // one for each request on its way
  const limit = pLimit(sideBySide);
  const send = async (object: AppObject): Promise<void> => {
    signal.throwIfAborted();
    const { key, type, cache, gzip, read } = object;
    const Body = await read();
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body,
      ContentType: type,
      CacheControl: cache,
      ...(gzip ? { ContentEncoding: "gzip" } : {}),
    });
    await translated(`upload ${key}`, () => s3.send(command, { abortSignal: signal }));
    options.done(object);
  };
  const all = async (some: AppObject[]): Promise<void> => {
    try {
      await Promise.all(some.map((object) => limit(() => send(object))));
    } catch (error) {
      stopped.abort();
      limit.clearQueue();
      throw error;
    }
  };
  await all(objects.filter((object) => !options.isLast(object)));
  await all(objects.filter(options.isLast));
}
