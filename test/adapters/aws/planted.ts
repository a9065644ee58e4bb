/** One of everything that serverless-web makes, planted with the SDK alone. */
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  DeleteApiCommand,
} from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient, CreateLogGroupCommand, DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, DeleteRoleCommand, DeleteRolePolicyCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { AddPermissionCommand, CreateAliasCommand, CreateFunctionCommand, DeleteFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { zipSync } from "fflate";
import { iamPath, projectTags, resourceName } from "../../../src/core/names.ts";
import type { StackIdentity } from "../../../src/core/ports.ts";

export const identity: StackIdentity = {
  tenantId: "acme",
  userId: "ann",
  projectId: "sales",
  projectKey: "abc123defg",
  region: "us-east-1",
  environment: "development",
  createdAt: "2026-11-21T00:00:00.000Z",
  accountId: "123456789012",
};

export const clients = (endpoint: string) => {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const config = { endpoint, region: identity.region, credentials: { accessKeyId: "planter", secretAccessKey: "planter" } };
  return {
    s3: new S3Client({ ...config, forcePathStyle: true }),
    lambda: new LambdaClient(config),
    dynamodb: new DynamoDBClient(config),
    logs: new CloudWatchLogsClient(config),
    iam: new IAMClient(config),
    apis: new ApiGatewayV2Client(config),
  };
};
export type Clients = ReturnType<typeof clients>;

const name = (purpose: Parameters<typeof resourceName>[1]) => resourceName(identity, purpose);
export const names = {
  bucket: name("site"),
  function: name("app"),
  role: name("app"),
  table: name("data"),
  api: name("api"),
  functionLogs: `/aws/lambda/${name("app")}`,
  apiLogs: `/aws/apigateway/${name("api")}`,
};

export interface Planted {
  apiId: string;
  integrationId: string;
  routeId: string;
}

/** `tags`: the project's own, another's, or none at all. */
export async function plantAll({ s3, lambda, dynamodb, logs, iam, apis }: Clients, tags: Record<string, string> = projectTags(identity)): Promise<Planted> {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const Bucket = names.bucket;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (list.length > 0) await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: list } }));
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] },
    }),
  );
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] } }));
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement: [] }) }));

  const role = await plantRole(iam, names.role, iamPath(identity.tenantId), list);
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: names.role,
      PolicyName: "app",
      PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] }),
    }),
  );
  await logs.send(new CreateLogGroupCommand({ logGroupName: names.functionLogs, tags }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: names.apiLogs, tags }));
  await dynamodb.send(
    new CreateTableCommand({
      TableName: names.table,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      ...(list.length > 0 ? { Tags: list } : {}),
    }),
  );
  await plantFunction(lambda, names.function, role, tags);
  await lambda.send(new CreateAliasCommand({ FunctionName: names.function, Name: "live", FunctionVersion: "$LATEST" }));
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: names.function,
      Qualifier: "live",
      StatementId: "api",
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
    }),
  );

  const { ApiId = "" } = await apis.send(new CreateApiCommand({ Name: names.api, ProtocolType: "HTTP", Tags: tags }));
  const { IntegrationId = "" } = await apis.send(
    new CreateIntegrationCommand({
      ApiId,
      IntegrationType: "AWS_PROXY",
      IntegrationUri: "arn:aws:lambda:us-east-1:123456789012:function:x",
      PayloadFormatVersion: "2.0",
    }),
  );
  const { RouteId = "" } = await apis.send(new CreateRouteCommand({ ApiId, RouteKey: "$default", Target: `integrations/${IntegrationId}` }));
  await apis.send(new CreateStageCommand({ ApiId, StageName: "$default", Tags: tags }));
  return { apiId: ApiId, integrationId: IntegrationId, routeId: RouteId };
}

/** The role's ARN. */
export async function plantRole(iam: IAMClient, RoleName: string, Path: string, Tags: { Key: string; Value: string }[] = []): Promise<string> {
  const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }] };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument: JSON.stringify(trust), Tags }));
  return Role?.Arn ?? "";
}

export const plantFunction = async (lambda: LambdaClient, FunctionName: string, Role: string, Tags: Record<string, string> = {}): Promise<unknown> =>
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Role,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Code: { ZipFile: zipSync({ "index.mjs": new Uint8Array() }) },
      Tags,
    }),
  );

export async function removeAll({ s3, lambda, dynamodb, logs, iam, apis }: Clients, { apiId }: Planted): Promise<void> {
  await s3.send(new DeleteBucketCommand({ Bucket: names.bucket }));
  await apis.send(new DeleteApiCommand({ ApiId: apiId }));
  await lambda.send(new DeleteFunctionCommand({ FunctionName: names.function }));
  await iam.send(new DeleteRolePolicyCommand({ RoleName: names.role, PolicyName: "app" }));
  await iam.send(new DeleteRoleCommand({ RoleName: names.role }));
  await logs.send(new DeleteLogGroupCommand({ logGroupName: names.functionLogs }));
  await logs.send(new DeleteLogGroupCommand({ logGroupName: names.apiLogs }));
  await dynamodb.send(new DeleteTableCommand({ TableName: names.table }));
}
