/** S3: the project's buckets, their settings, and what they hold. */
import {
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { namePrefix } from "../../../core/names.ts";
import type { Finding, InventoryRead } from "../../../core/ports.ts";
import { clientSettings, usesPathStyle } from "../clients.ts";
import { orAbsent } from "../errors.ts";
import { adoptionOf, declaredUnder, isOurs, onlyAdoption, tagMap } from "../finding.ts";
import { allPages } from "../pages.ts";
import type { KindContext, ReadKind } from "./kind.ts";

export const readBuckets: ReadKind = async (context) => {
  const { env, identity, credentials, now } = context;
  const s3 = new S3Client({ ...clientSettings(env, "S3", identity.region, credentials), forcePathStyle: usesPathStyle(env) });
  const declared = context.declared("aws_s3_bucket");
  const prefix = namePrefix(identity.projectKey);

  const at = now();
  const heads = await Promise.all(
    declared.map(async ({ attributes }) => {
      const name = String(attributes.bucket);
      const head = await orAbsent(`look for the bucket ${name}`, () => s3.send(new HeadBucketCommand({ Bucket: name })));
      return head ? [name] : [];
    }),
  );
  const listed = await allPages("list buckets", async (ContinuationToken) => {
    const page = await s3.send(new ListBucketsCommand({ Prefix: prefix, MaxBuckets: 1_000, ContinuationToken }));
    return { items: page.Buckets, next: page.ContinuationToken };
  });
  const names = new Set([...heads.flat(), ...listed.flatMap(({ Name }) => (Name?.startsWith(prefix) ? [Name] : []))]);
  const found = await Promise.all([...names].map((name) => readBucket(s3, context, name)));
  const reads: InventoryRead[] = [
    {
      kind: "S3 bucket",
      asked: [...declared.map(({ attributes }) => `s3:HeadBucket ${String(attributes.bucket)}`), `s3:ListBuckets ${prefix}*`].join(", "),
      at,
      findings: found.flatMap(({ bucket }) => bucket),
    },
  ];
  return [...reads, { kind: "S3 bucket settings", asked: `s3:GetBucket* of ${names.size} buckets`, at, findings: found.flatMap(({ settings }) => settings) }];
};

async function readBucket(s3: S3Client, context: KindContext, name: string): Promise<{ bucket: Finding[]; settings: Finding[] }> {
  const doing = `read the bucket ${name}`;
  const Bucket = name;
  const ask = <T>(call: () => Promise<T>): Promise<T | undefined> => orAbsent(doing, call);
  const [tags, versions, uploads] = await Promise.all([
    ask(() => s3.send(new GetBucketTaggingCommand({ Bucket }))),
    ask(() => s3.send(new ListObjectVersionsCommand({ Bucket }))),
    ask(() => s3.send(new ListMultipartUploadsCommand({ Bucket }))),
  ]);
  if (!versions) return { bucket: [], settings: [] }; // went away between two reads
  const ours = isOurs(context.identity, tagMap(tags?.TagSet));
  const count = (versions.Versions?.length ?? 0) + (versions.DeleteMarkers?.length ?? 0);
  const detail = [counted(count, versions.IsTruncated, "object version"), counted(uploads?.Uploads?.length ?? 0, uploads?.IsTruncated, "unfinished upload")]
    .filter(Boolean)
    .join(", ");
  const declared = context.declared("aws_s3_bucket").filter(({ attributes }) => attributes.bucket === name);
  const bucket: Finding = { kind: "S3 bucket", name, ours, ...(detail ? { detail } : {}), ...adoptionOf(declared, "bucket", name, name) };
  if (declared.length === 0) return { bucket: [bucket], settings: [] };

  const settings: [string, () => Promise<unknown>][] = [
    ["aws_s3_bucket_public_access_block", () => s3.send(new GetPublicAccessBlockCommand({ Bucket }))],
    ["aws_s3_bucket_versioning", async () => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status],
    ["aws_s3_bucket_server_side_encryption_configuration", () => s3.send(new GetBucketEncryptionCommand({ Bucket }))],
    ["aws_s3_bucket_ownership_controls", () => s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))],
    ["aws_s3_bucket_policy", () => s3.send(new GetBucketPolicyCommand({ Bucket }))],
  ];
  const set = await Promise.all(
    settings.map(
      async ([type, get]): Promise<Finding[]> =>
        (await ask(get)) ? [{ kind: type, name, ours, ...onlyAdoption(declaredUnder(context.declared(type), "bucket", name, declared), name) }] : [],
    ),
  );
  return { bucket: [bucket], settings: set.flat() };
}

/** `3 object versions`; of a list's first page, when there is more. */
const counted = (count: number, more: boolean | undefined, what: string): string =>
  count === 0 ? "" : `${count}${more ? " or more" : ""} ${what}${count === 1 ? "" : "s"}`;
