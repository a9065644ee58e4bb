/**
 * The session policy of each AssumeRole: only this project's resources, only this operation's actions. What it allows
 * still has to be allowed by the role itself. AWS takes 2,048 characters at most ("packed size" apart), so verbs are
 * wildcards where a service has many of one harm (`s3:*Configuration`), and never where they would reach data: the tests
 * ask a policy simulator, for every purpose.
 */

import { billing } from "../costs/billing-names.ts";
import { iamPath, namePrefix } from "../names.ts";
import type { CredentialRequest } from "../ports.ts";
import { boundaryName } from "./boundary-policy.ts";

/** STS AssumeRole, parameter `Policy`. */
export const sessionPolicyMaxLength = 2_048;

export type Statement = Record<string, unknown>;
type Purpose = CredentialRequest["purpose"];

/** The account stands as a wildcard in ARNs: the names are unique to the project by their random key. */
export function sessionPolicy(request: CredentialRequest): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: sessionStatements(request) });
}

/** The tenant's role is made from the same statements (tenants/tenant-role.ts). */
export const sessionStatements = (request: CredentialRequest): Statement[] => statements[request.purpose](request);

const allow = (action: string[], resource: string | string[], condition?: object): Statement => ({
  Effect: "Allow",
  Action: action.length === 1 ? action[0] : action,
  Resource: resource,
  ...(condition ? { Condition: condition } : {}),
});

const bucket = (r: CredentialRequest): string => `arn:aws:s3:::${namePrefix(r.projectKey)}*`;
const lambda = (r: CredentialRequest): string => `arn:aws:lambda:${r.region}:*:function:${namePrefix(r.projectKey)}*`;
const table = (r: CredentialRequest): string => `arn:aws:dynamodb:${r.region}:*:table/${namePrefix(r.projectKey)}*`;
const logGroups = (r: CredentialRequest): string => `arn:aws:logs:${r.region}:*:log-group:/aws/*${namePrefix(r.projectKey)}*`;
/** With or without its path: IAM knows no path of a role that isn't there, and would deny the question instead of answering "no such role". */
const role = (r: CredentialRequest): string => `arn:aws:iam::*:role/*${namePrefix(r.projectKey)}*`;
const roleInPath = (r: CredentialRequest): string => `arn:aws:iam::*:role${iamPath(r.tenantId)}${namePrefix(r.projectKey)}*`;
const apiGateway = (r: CredentialRequest, path: string): string => `arn:aws:apigateway:${r.region}::${path}`;

/** One statement for all services: an action only ever meets resources of its own service, and a list costs length. */
const own = (r: CredentialRequest, action: string[]): Statement =>
  allow([...action, "apigateway:GET"], [bucket(r), lambda(r), table(r), logGroups(r), role(r), apiGateway(r, "/apis*")]);

/** What can't be narrowed to one resource: AWS names no resource type for them. (`List*s`: not ListTagsOfResource.) */
const lists = ["s3:ListAll*", "dynamodb:List*s", "logs:Describe*", "iam:ListRoles", "iam:ListPolicies", "tag:Get*"];

/** Configuration and tags; no object, item, log line. (`lambda:GetFunction` also links to the code.) */
const configuration = [
  "s3:GetBucket*",
  "s3:Get*Configuration",
  "s3:ListBucket*",
  "lambda:Get*",
  "lambda:List*",
  "dynamodb:Describe*",
  "dynamodb:ListTag*",
  "logs:ListTag*",
  "iam:GetRole*",
  "iam:List*",
];

/** Never `iam:DeleteRole*`, which would take the permissions boundary away. */
const removal = ["lambda:Delete*", "lambda:*Permission", "iam:DeleteRole", "iam:DeleteRolePolicy"];

const versions = ["lambda:GetFunction*", "lambda:GetAlias", "lambda:ListVersionsByFunction"];

const resourceTag = (r: CredentialRequest) => ({ "aws:ResourceTag/ProjectKey": r.projectKey });
const requestTag = (r: CredentialRequest) => ({ "aws:RequestTag/ProjectKey": r.projectKey });

/**
 * API ids are random, so an API and its stages are ours by the tags that they are made with. Routes and integrations
 * can't be tagged, and AWS promises inherited tags for REST APIs only (API Gateway developer guide, "API Gateway resources
 * that can be tagged"): they are refused where another project's tag is seen, and allowed where none is.
 */
const apiParts = (r: CredentialRequest): string[] => [apiGateway(r, "/apis/*/routes*"), apiGateway(r, "/apis/*/integrations*")];

const statements: Record<Purpose, (r: CredentialRequest) => Statement[]> = {
  read: (r) => [allow(lists, "*"), own(r, configuration)],
  destroy: (r) => [
    allow([...lists, "logs:DeleteLogDelivery", "logs:GetLogDelivery", "logs:ListLogDeliveries"], "*"),
    own(r, [
      ...configuration,
      ...removal.filter((action) => action !== "lambda:*Permission"),
      "lambda:RemovePermission",
      "dynamodb:DeleteTable",
      "logs:DeleteLogGroup",
      "s3:DeleteBucket",
      "s3:DeleteBucketPolicy",
      // Taking these away has no right of its own in S3, and versioning can only be suspended.
      "s3:PutBucketOwnershipControls",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketVersioning",
      "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
    ]),
    allow(["apigateway:DELETE"], apiGateway(r, "/apis/*"), { StringEquals: resourceTag(r) }),
    allow(["apigateway:DELETE"], apiParts(r), { StringEqualsIfExists: resourceTag(r) }),
  ],
  provision: (r) => [
    // Log deliveries: developer guide, "Configure logging for HTTP APIs in API Gateway". They have no resource type.
    allow([...lists, "logs:*LogDeliver*", "logs:PutResourcePolicy"], "*"),
    own(r, [
      "s3:*Bucket*",
      "s3:*Configuration",
      ...configuration.filter((action) => !/^s3:|ListTag/.test(action)),
      ...removal,
      "lambda:Create*",
      "lambda:Publish*",
      "lambda:*Tag*",
      "lambda:Update*",
      "dynamodb:*Table",
      "dynamodb:*Tag*",
      // Not `Update*`: UpdateItem writes data, and can return it.
      "dynamodb:UpdateC*",
      "dynamodb:UpdateT*",
      "logs:*LogGroup",
      "logs:*Tag*",
      "logs:PutRetention*",
    ]),
    allow(["iam:CreateRole", "iam:PutRolePolicy"], roleInPath(r), { StringLike: { "iam:PermissionsBoundary": `*:policy/${boundaryName}` } }),
    allow(["iam:PassRole"], role(r), { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } }),
    // AWS asks for `TagResource` on the collection, or (seen until 2021) `POST` on `…/tags/`, when something is made with
    // tags. A role's own ProjectKey tag decides what its boundary lets it reach: it can't be another project's.
    allow(
      ["apigateway:POST", "apigateway:PATCH", "apigateway:DELETE", "apigateway:Tag*", "iam:TagRole"],
      [apiGateway(r, "/apis"), apiGateway(r, "/apis/*/stages"), ...apiParts(r), apiGateway(r, "/tags/"), role(r)],
      { StringEqualsIfExists: { ...resourceTag(r), ...requestTag(r) } },
    ),
    allow(["apigateway:*"], apiGateway(r, "*"), { StringEquals: resourceTag(r) }),
  ],
  purge: (r) => [
    allow(["s3:ListBucket*", "s3:GetBucketVersioning"], bucket(r)),
    allow(
      [
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:AbortMultipartUpload",
        // Until when AWS holds what it refuses to delete.
        "s3:GetObjectRetention",
        "s3:GetObjectLegalHold",
      ],
      `${bucket(r)}/*`,
    ),
    allow(["dynamodb:DescribeTable", "dynamodb:Scan", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem"], table(r)),
    allow([...versions, "lambda:UpdateFunctionCode", "lambda:UpdateAlias", "lambda:PublishVersion"], lambda(r)),
    // Of versions alone: the function itself has no qualifier.
    allow(["lambda:DeleteFunction"], `${lambda(r)}:*`),
  ],
  deploy: (r) => [
    allow(["s3:ListBucket"], bucket(r)),
    // Lambda reads the zip with the caller's rights.
    allow(["s3:PutObject", "s3:GetObject"], `${bucket(r)}/*`),
    allow([...versions, "lambda:UpdateFunctionCode", "lambda:UpdateAlias", "lambda:PublishVersion", "lambda:InvokeFunction"], lambda(r)),
  ],
  logs: (r) => [allow(["logs:FilterLogEvents"], logGroups(r))],
  // Costs have no project in their names: what a session may see of a shared account is decided by who asks (core/costs/actual).
  costs: () => [
    allow(["ce:GetCostAndUsage", "ce:GetCostForecast"], "*"),
    allow(
      ["athena:StartQueryExecution", "athena:StopQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"],
      `arn:aws:athena:${billing.region}:*:workgroup/${billing.workgroup}`,
    ),
    allow(["athena:GetTableMetadata"], `arn:aws:athena:${billing.region}:*:datacatalog/AwsDataCatalog`),
    allow(
      ["glue:GetDatabase", "glue:GetTable", "glue:GetPartitions"],
      ["catalog", `database/${billing.database}`, `table/${billing.database}/*`].map((name) => `arn:aws:glue:${billing.region}:*:${name}`),
    ),
    allow(["s3:GetBucketLocation", "s3:ListBucket"], `arn:aws:s3:::${billing.bucketPrefix}*`),
    // Athena reads the report and writes its results with the caller's rights.
    allow(["s3:GetObject"], `arn:aws:s3:::${billing.bucketPrefix}*/*`),
    allow(["s3:PutObject", "s3:AbortMultipartUpload"], `arn:aws:s3:::${billing.bucketPrefix}results-*/*`),
  ],
  "boundary-read": () => [allow(["iam:GetPolicy"], `arn:aws:iam::*:policy/${boundaryName}`)],
  boundary: () => [allow(["iam:GetPolicy", "iam:CreatePolicy", "iam:TagPolicy"], `arn:aws:iam::*:policy/${boundaryName}`)],
};
