/**
 * `serverless-web`: a private bucket for the site, a function, a table and an HTTP API, behind one HTTPS URL.
 * The function serves `/api/*` and the site's files alike: HTTP APIs have no integration with a private bucket, and a
 * CloudFront distribution takes minutes to make and longer to go.
 */
import { Apigatewayv2Api } from "@cdktf/provider-aws/lib/apigatewayv2-api";
import { Apigatewayv2Integration } from "@cdktf/provider-aws/lib/apigatewayv2-integration";
import { Apigatewayv2Route } from "@cdktf/provider-aws/lib/apigatewayv2-route";
import { Apigatewayv2Stage } from "@cdktf/provider-aws/lib/apigatewayv2-stage";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import type { TerraformElement, TerraformStack } from "cdktf";
import { TerraformOutput } from "cdktf";
import type { ServerlessWebParameters } from "../contract/blueprints.ts";
import { boundaryArn } from "../core/lifecycle/boundary-policy.ts";
import { iamPath, resourceName } from "../core/names.ts";
import type { StackIdentity } from "../core/ports.ts";

/** The function's zip, beside main.tf.json. */
export const placeholderFile = "placeholder.zip";

export function serverlessWeb(stack: TerraformStack, identity: StackIdentity, parameters: ServerlessWebParameters, { emulated }: { emulated: boolean }): void {
  const name = (purpose: Parameters<typeof resourceName>[1]) => resourceName(identity, purpose);
  const bucketArn = `arn:aws:s3:::${name("site")}`;
  const tableArn = `arn:aws:dynamodb:${identity.region}:${identity.accountId}:table/${name("data")}`;

  siteBucket(stack, name("site"), bucketArn, emulated);
  const table = named(
    "data",
    new DynamodbTable(stack, "table", {
      name: name("data"),
      billingMode: "PAY_PER_REQUEST",
      hashKey: "pk",
      rangeKey: "sk",
      attribute: [
        { name: "pk", type: "S" },
        { name: "sk", type: "S" },
      ],
      pointInTimeRecovery: { enabled: true },
    }),
  );

  const functionLogs = named(
    "app",
    new CloudwatchLogGroup(stack, "function_logs", { name: `/aws/lambda/${name("app")}`, retentionInDays: parameters.log_retention_days }),
  );
  const apiLogs = named(
    "api",
    new CloudwatchLogGroup(stack, "api_logs", { name: `/aws/apigateway/${name("api")}`, retentionInDays: parameters.log_retention_days }),
  );

  const role = named(
    "app",
    new IamRole(stack, "role", {
      name: name("app"),
      path: iamPath(identity.tenantId),
      permissionsBoundary: boundaryArn(identity.accountId),
      assumeRolePolicy: policy({ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }),
    }),
  );
  const rights = named(
    "app",
    new IamRolePolicy(stack, "rights", {
      name: "app",
      role: role.name,
      policy: policy(
        {
          Sid: "Logs",
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: `arn:aws:logs:${identity.region}:${identity.accountId}:log-group:/aws/lambda/${name("app")}:*`,
        },
        {
          Sid: "Data",
          Effect: "Allow",
          Action: [
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
          ],
          Resource: [tableArn, `${tableArn}/index/*`],
        },
        { Sid: "Site", Effect: "Allow", Action: "s3:GetObject", Resource: `${bucketArn}/*` },
        // Without ListBucket, S3 answers 403 instead of 404 for a file that isn't there.
        { Sid: "SiteList", Effect: "Allow", Action: "s3:ListBucket", Resource: bucketArn },
      ),
    }),
  );

  const app = named(
    "app",
    new LambdaFunction(stack, "function", {
      functionName: name("app"),
      role: role.arn,
      runtime: "nodejs22.x",
      handler: "index.handler",
      architectures: ["arm64"],
      filename: placeholderFile,
      memorySize: parameters.memory_mb,
      timeout: parameters.timeout_seconds,
      publish: true,
      environment: { variables: { SITE_BUCKET: name("site"), TABLE_NAME: table.name } },
      dependsOn: [functionLogs, rights],
      // Code is deploy-app's: provisioning again never rolls an application back.
      lifecycle: { ignoreChanges: ["filename", "source_code_hash", "s3_bucket", "s3_key", "s3_object_version", "handler", "publish"] },
    }),
  );
  const live = named(
    "live",
    new LambdaAlias(stack, "live", {
      name: "live",
      functionName: app.functionName,
      functionVersion: app.version,
      lifecycle: { ignoreChanges: ["function_version", "routing_config", "description"] },
    }),
  );

  const api = named("api", new Apigatewayv2Api(stack, "http_api", { name: name("api"), protocolType: "HTTP" }));
  const integration = named(
    "app",
    new Apigatewayv2Integration(stack, "integration", {
      apiId: api.id,
      integrationType: "AWS_PROXY",
      integrationMethod: "POST",
      integrationUri: live.invokeArn,
      payloadFormatVersion: "2.0",
    }),
  );
  named("default", new Apigatewayv2Route(stack, "route", { apiId: api.id, routeKey: "$default", target: `integrations/${integration.id}` }));
  named(
    "default",
    new Apigatewayv2Stage(stack, "stage", {
      apiId: api.id,
      name: "$default",
      autoDeploy: true,
      accessLogSettings: { destinationArn: apiLogs.arn, format: accessLogFormat },
      defaultRouteSettings: { throttlingBurstLimit: parameters.throttle_burst, throttlingRateLimit: parameters.throttle_rate },
    }),
  );
  named(
    "api",
    new LambdaPermission(stack, "permission", {
      statementId: "api",
      functionName: app.functionName,
      qualifier: live.name,
      action: "lambda:InvokeFunction",
      principal: "apigateway.amazonaws.com",
      sourceArn: `${api.executionArn}/*/*`,
    }),
  );

  const outputs = { url: api.apiEndpoint, api_id: api.id, site_bucket: name("site"), table_name: name("data"), function_name: name("app") };
  for (const [id, value] of Object.entries(outputs)) new TerraformOutput(stack, id, { value }).overrideLogicalId(id);
}

/**
 * Private, versioned, encrypted; refuses plain HTTP. No lifecycle rules: the provider waits for a header that emulators
 * don't send, and what a rule would tidy up, purge empties.
 */
function siteBucket(stack: TerraformStack, name: string, arn: string, emulated: boolean): void {
  const bucket = named("site", new S3Bucket(stack, "site", { bucket: name, forceDestroy: false }));
  const publicAccess = named(
    "site",
    new S3BucketPublicAccessBlock(stack, "site_public_access", {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    }),
  );
  named("site", new S3BucketVersioningA(stack, "site_versioning", { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } }));
  named(
    "site",
    new S3BucketServerSideEncryptionConfigurationA(stack, "site_encryption", {
      bucket: bucket.id,
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    }),
  );
  named("site", new S3BucketOwnershipControls(stack, "site_ownership", { bucket: bucket.id, rule: { objectOwnership: "BucketOwnerEnforced" } }));
  if (emulated) return; // an emulator speaks plain HTTP, which the policy refuses
  named(
    "site",
    new S3BucketPolicy(stack, "site_policy", {
      bucket: bucket.id,
      policy: policy({
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, `${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
      dependsOn: [publicAccess],
    }),
  );
}

/** What each request left in the access log: the fields that AWS's own JSON example names. */
const accessLogFormat = JSON.stringify({
  requestId: "$context.requestId",
  ip: "$context.identity.sourceIp",
  time: "$context.requestTime",
  method: "$context.httpMethod",
  path: "$context.path",
  status: "$context.status",
  length: "$context.responseLength",
  latency: "$context.responseLatency",
  error: "$context.integrationErrorMessage",
});

const policy = (...statements: Record<string, unknown>[]): string => JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** Gives an element its Terraform name; ids in the construct tree must differ, addresses of two types need not. */
function named<T extends TerraformElement>(logicalId: string, element: T): T {
  element.overrideLogicalId(logicalId);
  return element;
}
