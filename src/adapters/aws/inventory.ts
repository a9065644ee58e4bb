/** Direct reads of AWS for everything that a blueprint makes, or that its use can leave behind. */
import { projectTags } from "../../core/names.ts";
import type { AwsCredentials, Adoption, DeclaredResource, Inventory, StackIdentity } from "../../core/ports.ts";
import type { AwsEnvironment } from "./clients.ts";
import { readApis } from "./kinds/apis.ts";
import { readBuckets } from "./kinds/buckets.ts";
import { readFunctions } from "./kinds/functions.ts";
import { readLogGroups } from "./kinds/log-groups.ts";
import { readRoles } from "./kinds/roles.ts";
import { readTables } from "./kinds/tables.ts";
import { readTagged } from "./kinds/tagged.ts";

/** What a reader of one kind is given. */
export interface KindContext {
  env: AwsEnvironment;
  identity: StackIdentity;
  credentials: AwsCredentials;
  /** The blueprint's resources of a Terraform type. */
  declared(type: string): DeclaredResource[];
  now(): string;
}

/** One kind, or a few that are read through each other; each makes its own calls and its own `InventoryRead`s. */
export type ReadKind = (context: KindContext) => Promise<Awaited<ReturnType<Inventory["read"]>>>;

/** Every Terraform type that can be found again after a crash. A blueprint may use no other: a test says so. */
export const readableTypes = [
  "aws_s3_bucket",
  "aws_s3_bucket_public_access_block",
  "aws_s3_bucket_versioning",
  "aws_s3_bucket_server_side_encryption_configuration",
  "aws_s3_bucket_ownership_controls",
  "aws_s3_bucket_lifecycle_configuration",
  "aws_s3_bucket_policy",
  "aws_dynamodb_table",
  "aws_cloudwatch_log_group",
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_lambda_function",
  "aws_lambda_alias",
  "aws_lambda_permission",
  "aws_apigatewayv2_api",
  "aws_apigatewayv2_integration",
  "aws_apigatewayv2_route",
  "aws_apigatewayv2_stage",
] as const;

const kinds: ReadKind[] = [readBuckets, readTables, readLogGroups, readRoles, readFunctions, readApis, readTagged];

/** All kinds at once; an error of any of them is thrown, because absence is never assumed. */
export const awsInventory = (env: AwsEnvironment): Inventory => ({
  read: async ({ identity, resources }, source) => {
    const context: KindContext = {
      env,
      identity,
      credentials: await source.get(),
      declared: (type) => resources.filter((resource) => resource.type === type),
      now: () => new Date().toISOString(),
    };
    return (await Promise.all(kinds.map((kind) => kind(context)))).flat();
  },
});

/** The declared resource whose attribute has this value, as something to adopt under this import id. */
export function adoptionOf(declared: DeclaredResource[], attribute: string, value: string, importId: string): { adoption?: Adoption } {
  const match = declared.find(({ attributes }) => attributes[attribute] === value);
  return match ? { adoption: { address: match.address, importId } } : {};
}

/** The first declared resource of a kind that exists once under its parent. */
export const onlyAdoption = (declared: DeclaredResource[], importId: string): { adoption?: Adoption } =>
  declared[0] ? { adoption: { address: declared[0].address, importId } } : {};

/**
 * Ours by its tags; without any tags, by the random key in its name (the provider tags a bucket in a second request).
 * Never ours with another project's tags.
 */
export function isOurs(identity: StackIdentity, tags: Record<string, string | undefined>): boolean {
  if (tags.ProjectKey === undefined && tags.Project === undefined) return true;
  const expected = projectTags(identity);
  return tags.ProjectKey === identity.projectKey && tags.TenantId === identity.tenantId && tags.Project === expected.Project;
}

/** `[{Key, Value}]`, as most services list tags. */
export const tagMap = (tags: { Key?: string | undefined; Value?: string | undefined }[] | undefined): Record<string, string | undefined> =>
  Object.fromEntries((tags ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value]])));
