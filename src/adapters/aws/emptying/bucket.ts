/** Empties a bucket: every version, delete marker and unfinished upload, in batches side by side. */
import { setMaxListeners } from "node:events";
import type { DeletedObject, ObjectIdentifier, S3Client, _Error as S3Refusal } from "@aws-sdk/client-s3";
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  ListMultipartUploadsCommand,
} from "@aws-sdk/client-s3";
import pLimit from "p-limit";
import type { Emptied } from "../../../core/app-ports.ts";
import { ChartctlError } from "../../../errors.ts";
import { orAbsent, translated } from "../errors.ts";
import type { Listing } from "./versions.ts";
import { keepsVersions, listInOrder, listObjects, listQuickly } from "./versions.ts";

/** Batches on their way, each a page of the list: while they are deleted, the next are listed. */
const batches = 6;
/** Refused for a reason that passes: asked again. */
const passing = /^(InternalError|SlowDown|ServiceUnavailable|RequestTimeout|OperationAborted)$/;
const tries = 5;
/** So many of what may not go are named. */
const named = 10;

interface Refused {
  object: ObjectIdentifier;
  code: string;
  message: string;
}

/**
 * A bucket that isn't there is empty. S3 answers a batch with 200 and the refusals inside: they are read, the passing ones
 * asked again, and the rest named at the end, when everything else is gone. Error `purge.locked` (`refused`).
 */
export async function emptyBucket(s3: S3Client, Bucket: string, progress: (emptied: Emptied) => void, interrupt: AbortSignal): Promise<Emptied> {
  const stopped = new AbortController();
  const signal = AbortSignal.any([interrupt, stopped.signal]);
  setMaxListeners(0, signal); // one for each request on its way
  const emptied: Emptied = { objects: 0, uploads: 0, items: 0 };
  const told = (what: keyof Emptied, count: number): void => {
    emptied[what] += count;
    progress({ ...emptied });
  };
  const look = (list: typeof listInOrder) => sweep(list, s3, Bucket, signal, (count) => told("objects", count));
  const sweepAll = async (): Promise<Refused[]> => {
    await look((await keepsVersions({ s3, Bucket, signal })) ? listQuickly : listObjects);
    // From the start until nothing more goes: pages are cut while others are deleted, and writers may still write.
    for (;;) {
      const { deleted, refused } = await look(listInOrder);
      if (deleted === 0) return refused;
    }
  };
  try {
    const [refused] = await Promise.all([sweepAll(), abortUploads(s3, Bucket, signal, (count) => told("uploads", count))]);
    if (refused.length > 0) throw await locked(s3, Bucket, refused);
    return emptied;
  } catch (error) {
    stopped.abort(); // what goes on side by side deletes nothing more after the error is told
    throw error;
  }
}

/** Once through the list, deleting on the way; what was refused is found again by the next one. */
async function sweep(
  list: (listing: Listing) => Promise<void>,
  s3: S3Client,
  Bucket: string,
  signal: AbortSignal,
  told: (count: number) => void,
): Promise<{ deleted: number; refused: Refused[] }> {
  const refused: Refused[] = [];
  let deleted = 0;
  const pending = new Set<Promise<void>>();
  const remove = async (found: ObjectIdentifier[]): Promise<void> => {
    const left = await deleteBatch(s3, Bucket, found, signal);
    refused.push(...left);
    deleted += found.length - left.length;
    told(found.length - left.length);
  };
  const take = async (found: ObjectIdentifier[]): Promise<void> => {
    while (pending.size >= batches) await Promise.race(pending);
    const removing = remove(found);
    pending.add(removing);
    removing.then(
      () => pending.delete(removing),
      () => {}, // thrown by whoever waits next
    );
  };
  await list({ s3, Bucket, signal, take });
  await Promise.all(pending);
  return { deleted, refused };
}

/** What was refused, after the passing reasons were asked again. */
async function deleteBatch(s3: S3Client, Bucket: string, objects: ObjectIdentifier[], signal: AbortSignal): Promise<Refused[]> {
  let wanted = objects;
  for (let attempt = 1; ; attempt++) {
    const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects: wanted, Quiet: true } });
    const answer = await orAbsent(`delete from ${Bucket}`, () => s3.send(command, { abortSignal: signal }));
    const refusals = (answer?.Errors ?? []).filter(({ Code }) => Code !== "NoSuchKey" && Code !== "NoSuchVersion");
    if (refusals.length === 0) return [];
    if (attempt >= tries || !refusals.some(({ Code = "" }) => passing.test(Code))) return refusals.map(refusalOf);
    // Never without a version: that would make a delete marker.
    wanted = wanted.filter((object) =>
      refusals.some(({ Key, VersionId }) => Key === object.Key && (VersionId === undefined || VersionId === object.VersionId)),
    );
    await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** attempt));
    signal.throwIfAborted();
  }
}

const refusalOf = ({ Key = "", VersionId, Code = "", Message = "" }: S3Refusal & Pick<DeletedObject, "Key">): Refused => ({
  object: { Key, VersionId },
  code: Code,
  message: Message,
});

async function abortUploads(s3: S3Client, Bucket: string, signal: AbortSignal, done: (count: number) => void): Promise<void> {
  const limit = pLimit(batches);
  let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await orAbsent(`list unfinished uploads in ${Bucket}`, () =>
      s3.send(new ListMultipartUploadsCommand({ Bucket, ...marker }), { abortSignal: signal }),
    );
    await Promise.all(
      (page?.Uploads ?? []).map(({ Key, UploadId }) =>
        limit(async () => {
          await orAbsent(`end an upload in ${Bucket}`, () => s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal: signal }));
          done(1);
        }),
      ),
    );
    if (!page?.IsTruncated) return;
    marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
  }
}

/** Names what may not go, and until when, as far as AWS says it. */
async function locked(s3: S3Client, Bucket: string, refused: Refused[]): Promise<ChartctlError> {
  const some = await Promise.all(
    refused.slice(0, named).map(async ({ object, code, message }) => ({ ...object, code, message, until: await heldUntil(s3, Bucket, object) })),
  );
  const listed = some.map(({ Key, until, message, code }) => `${Key} (${until ?? (message || code)})`).join(", ");
  const more = refused.length > named ? ` and ${refused.length - named} more` : "";
  return new ChartctlError({
    kind: "refused",
    code: "purge.locked",
    message: `AWS refuses to delete ${refused.length} object ${refused.length === 1 ? "version" : "versions"} of ${Bucket}: ${listed}${more}`,
    hint: "wait until the lock ends, or have the hold or the policy removed; then purge again: everything else is gone",
    details: {
      count: refused.length,
      objects: some.map(({ Key, VersionId, code, until }) => ({ key: Key, versionId: VersionId ?? null, code, until: until ?? null })),
    },
  });
}

/** Object Lock's own words: a date, or a legal hold, which has none. */
async function heldUntil(s3: S3Client, Bucket: string, { Key, VersionId }: ObjectIdentifier): Promise<string | undefined> {
  const ask = async <T>(call: () => Promise<T>): Promise<T | undefined> => await translated("ask", call).catch(() => undefined); // it only adds to the error
  const [retention, hold] = await Promise.all([
    ask(() => s3.send(new GetObjectRetentionCommand({ Bucket, Key, VersionId }))),
    ask(() => s3.send(new GetObjectLegalHoldCommand({ Bucket, Key, VersionId }))),
  ]);
  if (hold?.LegalHold?.Status === "ON") return "under a legal hold, until it is lifted";
  const until = retention?.Retention?.RetainUntilDate;
  return until ? `locked until ${until.toISOString().slice(0, 16).replace("T", " ")} UTC` : undefined;
}
