/** S3: the project's buckets, their settings, and what they hold. */
import { namePrefix } from "../../../core/names.ts";
import type { Finding, InventoryRead } from "../../../core/ports.ts";
import { clientSettings, usesPathStyle } from "../clients.ts";
import { orAbsent, translated } from "../errors.ts";
import { adoptionOf, isOurs, onlyAdoption, tagMap } from "../inventory.ts";
import type { KindContext, ReadKind } from "../inventory.ts";

type S3 = typeof import("@aws-sdk/client-s3");

export const readBuckets: ReadKind = async (context) => {
  const sdk = await import("@aws-sdk/client-s3");
  const { env, identity, credentials, now } = context;
  const s3 = new sdk.S3Client({ ...clientSettings(env, "S3", identity.region, credentials), forcePathStyle: usesPathStyle(env) });
  const declared = context.declared("aws_s3_bucket");
  const prefix = namePrefix(identity.projectKey);

  const at = now();
  const heads = await Promise.all(
    declared.map(async ({ attributes }) => {
      const name = String(attributes.bucket);
      const head = await orAbsent(`look for the bucket ${name}`, () => s3.send(new sdk.HeadBucketCommand({ Bucket: name })));
      return head ? [name] : [];
    }),
  );
  const listed = await translated("list buckets", () => s3.send(new sdk.ListBucketsCommand({ Prefix: prefix })));
  const names = new Set([...heads.flat(), ...(listed.Buckets ?? []).flatMap(({ Name }) => (Name?.startsWith(prefix) ? [Name] : []))]);
  const found = await Promise.all([...names].map((name) => readBucket(sdk, s3, context, name)));
  const reads: InventoryRead[] = [
    { kind: "S3 bucket", asked: [...declared.map(({ attributes }) => `s3:HeadBucket ${String(attributes.bucket)}`), `s3:ListBuckets ${prefix}*`].join(", "), at, findings: found.flatMap(({ bucket }) => bucket) },
  ];
  return [...reads, { kind: "S3 bucket settings", asked: `s3:GetBucket* of ${names.size} buckets`, at, findings: found.flatMap(({ settings }) => settings) }];
};

async function readBucket(sdk: S3, s3: InstanceType<S3["S3Client"]>, context: KindContext, name: string): Promise<{ bucket: Finding[]; settings: Finding[] }> {
  const doing = `read the bucket ${name}`;
  const Bucket = name;
  const ask = <T>(call: () => Promise<T>): Promise<T | undefined> => orAbsent(doing, call);
  const [tags, versions, uploads] = await Promise.all([
    ask(() => s3.send(new sdk.GetBucketTaggingCommand({ Bucket }))),
    ask(() => s3.send(new sdk.ListObjectVersionsCommand({ Bucket }))),
    ask(() => s3.send(new sdk.ListMultipartUploadsCommand({ Bucket }))),
  ]);
  if (!versions) return { bucket: [], settings: [] }; // went away between two reads
  const ours = isOurs(context.identity, tagMap(tags?.TagSet));
  const count = (versions.Versions?.length ?? 0) + (versions.DeleteMarkers?.length ?? 0);
  const more = versions.IsTruncated ? "or more " : "";
  const detail = [count > 0 && `${count} ${more}object versions`, uploads?.Uploads?.length && `${uploads.Uploads.length} unfinished uploads`].filter(Boolean).join(", ");
  const declared = context.declared("aws_s3_bucket").filter(({ attributes }) => attributes.bucket === name);
  const bucket: Finding = { kind: "S3 bucket", name, ours, ...(detail ? { detail } : {}), ...adoptionOf(declared, "bucket", name, name) };
  if (declared.length === 0) return { bucket: [bucket], settings: [] };

  const settings: [string, () => Promise<unknown>][] = [
    ["aws_s3_bucket_public_access_block", () => s3.send(new sdk.GetPublicAccessBlockCommand({ Bucket }))],
    ["aws_s3_bucket_versioning", async () => (await s3.send(new sdk.GetBucketVersioningCommand({ Bucket }))).Status],
    ["aws_s3_bucket_server_side_encryption_configuration", () => s3.send(new sdk.GetBucketEncryptionCommand({ Bucket }))],
    ["aws_s3_bucket_ownership_controls", () => s3.send(new sdk.GetBucketOwnershipControlsCommand({ Bucket }))],
    ["aws_s3_bucket_lifecycle_configuration", () => s3.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket }))],
    ["aws_s3_bucket_policy", () => s3.send(new sdk.GetBucketPolicyCommand({ Bucket }))],
  ];
  const set = await Promise.all(
    settings.map(async ([type, get]): Promise<Finding[]> => ((await ask(get)) ? [{ kind: type, name, ours, ...onlyAdoption(context.declared(type), name) }] : [])),
  );
  return { bucket: [bucket], settings: set.flat() };
}
