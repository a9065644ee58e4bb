/** Direct reads of AWS for everything that a blueprint makes, or that its use can leave behind. */
import type { Inventory } from "../../core/ports.ts";
import type { AwsEnvironment } from "./clients.ts";
import type { KindContext, ReadKind } from "./kinds/kind.ts";

/** Every Terraform type that can be found again after a crash. A blueprint may use no other: a test says so. */
export const readableTypes = [
  "aws_s3_bucket",
  "aws_s3_bucket_public_access_block",
  "aws_s3_bucket_versioning",
  "aws_s3_bucket_server_side_encryption_configuration",
  "aws_s3_bucket_ownership_controls",
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

/** Loaded when AWS is read, which a first provision that goes well never needs. */
const kinds: (() => Promise<ReadKind>)[] = [
  async () => (await import("./kinds/buckets.ts")).readBuckets,
  async () => (await import("./kinds/tables.ts")).readTables,
  async () => (await import("./kinds/log-groups.ts")).readLogGroups,
  async () => (await import("./kinds/roles.ts")).readRoles,
  async () => (await import("./kinds/functions.ts")).readFunctions,
  async () => (await import("./kinds/apis.ts")).readApis,
  async () => (await import("./kinds/tagged.ts")).readTagged,
];

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
    return (await Promise.all(kinds.map(async (load) => (await load())(context)))).flat();
  },
});
