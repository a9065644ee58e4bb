/** Lists every version and delete marker of a bucket: page after page, and side by side where there are many. */
import type { ObjectIdentifier, S3Client } from "@aws-sdk/client-s3";
import { GetBucketVersioningCommand, ListObjectsV2Command, ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import pLimit from "p-limit";
import { objectPrefixes } from "../../../contract/app-manifest.ts";
import { isChartctlError } from "../../../errors.ts";
import { orAbsent } from "../errors.ts";

/** S3 lists at most 1,000 at once (API reference, ListObjectVersions). */
const pageSize = 1_000;
/** Parts listed at once; each holds a page in memory. */
const partsAtOnce = 8;
/** The keys of a site's files are hashes, in hex: as many begin with one digit as with another. */
const parts = [..."0123456789abcdef"].map((digit) => `${objectPrefixes.site}${digit}`);
const [firstPart = "", , , , fifthPart = ""] = parts;
/** Before every key that follows the hashes. */
const afterParts = `${objectPrefixes.site}g`;

/** Where a page begins, and whether it is one of a part. */
interface From {
  Prefix?: string;
  KeyMarker?: string | undefined;
  VersionIdMarker?: string | undefined;
}

export interface Listing {
  s3: S3Client;
  Bucket: string;
  signal: AbortSignal;
  /** Given what a page has, if anything; the next page waits for it. */
  take(found: ObjectIdentifier[]): Promise<void>;
}

/** Everything from there on, in order. */
export async function listInOrder(listing: Listing, from: From = {}): Promise<void> {
  for (let at: From | undefined = from; at; ) at = await takePage(listing, at);
}

/** Side by side where many are left; that may miss keys of nobody's layout, such as `site/X`: a look in order must follow. */
export async function listQuickly(listing: Listing): Promise<void> {
  for (let at: From | undefined = {}; at; ) {
    at = await takePage(listing, at);
    if (!at || !hasManyLeft(at)) continue;
    const limit = pLimit(partsAtOnce);
    await Promise.all(restOf(at).map((part) => limit(() => listInOrder(listing, part))));
    return;
  }
}

/** Of a bucket that never kept versions: objects are all that it has, and a list of them costs the store less. */
export async function listObjects({ s3, Bucket, signal, take }: Listing): Promise<void> {
  let ContinuationToken: string | undefined;
  do {
    signal.throwIfAborted();
    const command = new ListObjectsV2Command({ Bucket, MaxKeys: pageSize, ContinuationToken });
    const page = await orAbsent(`list what ${Bucket} holds`, () => s3.send(command, { abortSignal: signal }));
    const found = (page?.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [{ Key, VersionId: "null" }]));
    if (found.length > 0) await take(found);
    ContinuationToken = page?.IsTruncated ? page.NextContinuationToken : undefined;
  } while (ContinuationToken);
}

/** False when it never did. Whoever may not ask looks for versions. */
export async function keepsVersions({ s3, Bucket, signal }: Omit<Listing, "take">): Promise<boolean> {
  signal.throwIfAborted();
  try {
    const answer = await orAbsent(`ask whether ${Bucket} keeps versions`, () => s3.send(new GetBucketVersioningCommand({ Bucket }), { abortSignal: signal }));
    return answer?.Status !== undefined;
  } catch (error) {
    if (isChartctlError(error) && error.code === "aws.access-denied") return true;
    throw error;
  }
}

/** Where the next page begins; undefined after the last. A bucket that isn't there has none. */
async function takePage({ s3, Bucket, signal, take }: Listing, from: From): Promise<From | undefined> {
  signal.throwIfAborted();
  const page = await orAbsent(`list what ${Bucket} holds`, () =>
    s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: pageSize, ...from }), { abortSignal: signal }),
  );
  const found = [...(page?.Versions ?? []), ...(page?.DeleteMarkers ?? [])].flatMap(({ Key, VersionId = "null" }) =>
    Key === undefined ? [] : [{ Key, VersionId }],
  );
  if (found.length > 0) await take(found);
  return page?.IsTruncated ? { ...from, KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
}

/** A page that ends in the first quarter of the hashes says so, as far as no other keys came before: worth a request for each part. */
const hasManyLeft = ({ KeyMarker = "" }: From): boolean => KeyMarker >= firstPart && KeyMarker < fifthPart;

/** The part that the page ended in, those behind it, and what follows them all. */
const restOf = ({ KeyMarker = "", VersionIdMarker }: From): From[] => [
  ...parts
    .filter((Prefix) => Prefix >= KeyMarker.slice(0, Prefix.length))
    .map((Prefix) => (KeyMarker.startsWith(Prefix) ? { Prefix, KeyMarker, VersionIdMarker } : { Prefix })),
  { KeyMarker: afterParts },
];
