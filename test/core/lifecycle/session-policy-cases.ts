/** What each purpose's session must be able to do, and must not: the calls of Terraform's AWS provider 5 and of the inventory. */
import type { CredentialRequest } from "../../../src/core/ports.ts";
import type { Asked } from "./simulate.ts";
import { accountId } from "./simulate.ts";

export const request: Omit<CredentialRequest, "purpose"> = {
  tenantId: "acme",
  userId: "ann",
  projectId: "sales",
  projectKey: "abc123defg",
  region: "us-east-1",
  sessionName: "operation",
};
const ownKey = request.projectKey;
const otherKey = "zyx987wvut";

const things = (key: string, region = "us-east-1", tenant = "acme") => ({
  bucket: `arn:aws:s3:::chart-${key}-sales-site`,
  object: `arn:aws:s3:::chart-${key}-sales-site/index.html`,
  function: `arn:aws:lambda:${region}:${accountId}:function:chart-${key}-sales-app`,
  alias: `arn:aws:lambda:${region}:${accountId}:function:chart-${key}-sales-app:live`,
  version: `arn:aws:lambda:${region}:${accountId}:function:chart-${key}-sales-app:3`,
  table: `arn:aws:dynamodb:${region}:${accountId}:table/chart-${key}-sales-data`,
  functionLogs: `arn:aws:logs:${region}:${accountId}:log-group:/aws/lambda/chart-${key}-sales-app`,
  apiLogs: `arn:aws:logs:${region}:${accountId}:log-group:/aws/apigateway/chart-${key}-sales-api`,
  role: `arn:aws:iam::${accountId}:role/chartctl/${tenant}/chart-${key}-sales-app`,
  rootRole: `arn:aws:iam::${accountId}:role/chart-${key}-sales-app`,
});
type Thing = keyof ReturnType<typeof things>;
const own = things(ownKey);
const other = things(otherKey);
const elsewhere = things(ownKey, "us-west-2");

const on = (thing: Thing | readonly Thing[], actions: string, context?: Asked["context"], set = own): Asked[] =>
  [thing].flat().flatMap((name) => actions.split(" ").map((action) => ({ action, resource: set[name as Thing], ...(context ? { context } : {}) })));
const anywhere = (actions: string): Asked[] => actions.split(" ").map((action) => ({ action, resource: "*" }));
const gateway = (path: string, actions: string, context: Record<string, string> = {}, region = "us-east-1"): Asked[] =>
  actions.split(" ").map((action) => ({ action: `apigateway:${action}`, resource: `arn:aws:apigateway:${region}::${path}`, context }));
const made = (key: string) => ({ "aws:RequestTag/ProjectKey": key });
const tagged = (key: string) => ({ "aws:ResourceTag/ProjectKey": key });
const boundary = (name = "chartctl-boundary") => ({ "iam:PermissionsBoundary": `arn:aws:iam::${accountId}:policy/${name}` });

const asks = (actions: string, name: string): Asked[] =>
  actions.split(" ").map((action) => ({ action: `athena:${action}`, resource: `arn:aws:athena:us-east-1:${accountId}:${name}` }));

const inventory: Asked[] = [
  ...anywhere("s3:ListAllMyBuckets dynamodb:ListTables dynamodb:ListBackups logs:DescribeLogGroups iam:ListRoles iam:ListPolicies tag:GetResources"),
  ...on(
    "bucket",
    "s3:ListBucket s3:ListBucketVersions s3:ListBucketMultipartUploads s3:GetBucketTagging s3:GetBucketPublicAccessBlock s3:GetBucketVersioning s3:GetEncryptionConfiguration s3:GetBucketOwnershipControls s3:GetLifecycleConfiguration s3:GetBucketPolicy",
  ),
  ...on("function", "lambda:GetFunction lambda:GetPolicy lambda:GetAlias"),
  ...on("table", "dynamodb:DescribeTable dynamodb:ListTagsOfResource"),
  ...on(["functionLogs", "apiLogs"], "logs:ListTagsForResource"),
  ...on(["role", "rootRole"], "iam:GetRole iam:ListRolePolicies"),
  ...gateway("/apis", "GET"),
  ...["stages", "integrations", "routes"].flatMap((part) => gateway(`/apis/a1b2c3/${part}`, "GET")),
];

const refresh: Asked[] = [
  ...on(
    "bucket",
    "s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketWebsite s3:GetBucketLogging s3:GetAccelerateConfiguration s3:GetBucketRequestPayment s3:GetReplicationConfiguration s3:GetBucketObjectLockConfiguration s3:GetBucketLocation",
  ),
  ...on("function", "lambda:ListVersionsByFunction lambda:GetFunctionCodeSigningConfig lambda:GetFunctionConfiguration lambda:ListTags"),
  ...on("table", "dynamodb:DescribeContinuousBackups dynamodb:DescribeTimeToLive"),
  ...on("role", "iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListInstanceProfilesForRole"),
  ...gateway("/apis/a1b2c3", "GET"),
  ...gateway("/apis/a1b2c3/stages/$default", "GET"),
];

const data: Asked[] = [
  ...on("object", "s3:GetObject s3:GetObjectVersion s3:PutObject s3:DeleteObject s3:DeleteObjectVersion"),
  ...on(
    "table",
    "dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:Query dynamodb:Scan dynamodb:BatchGetItem dynamodb:BatchWriteItem dynamodb:PartiQLSelect",
  ),
  ...on("functionLogs", "logs:FilterLogEvents logs:StartQuery logs:StartLiveTail"),
  ...on("function", "lambda:InvokeFunction"),
  ...anywhere("sts:GetFederationToken ssm:DescribeParameters secretsmanager:ListSecrets ec2:DescribeInstances"),
];

const escapes: Asked[] = [
  ...on("role", "iam:DeleteRolePermissionsBoundary iam:PutRolePermissionsBoundary iam:UpdateAssumeRolePolicy iam:AttachRolePolicy"),
  { action: "iam:CreateUser", resource: `arn:aws:iam::${accountId}:user/eve` },
  { action: "iam:ListAccessKeys", resource: `arn:aws:iam::${accountId}:user/eve` },
  { action: "iam:CreatePolicyVersion", resource: `arn:aws:iam::${accountId}:policy/chartctl-boundary` },
  ...anywhere("logs:DeleteResourcePolicy"),
  ...gateway("/apikeys", "GET"),
];

const creation: Asked[] = [
  ...on("bucket", "s3:CreateBucket s3:PutBucketPolicy s3:PutBucketTagging"),
  ...on(
    "function",
    "lambda:CreateFunction lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration lambda:PublishVersion lambda:CreateAlias lambda:AddPermission lambda:TagResource",
  ),
  ...on("table", "dynamodb:CreateTable dynamodb:UpdateTable dynamodb:UpdateContinuousBackups dynamodb:UpdateTimeToLive dynamodb:TagResource"),
  ...on(["functionLogs", "apiLogs"], "logs:CreateLogGroup logs:PutRetentionPolicy logs:TagResource"),
  ...on("role", "iam:CreateRole iam:PutRolePolicy", boundary()),
  ...on("role", "iam:TagRole", made(ownKey)),
  ...on("role", "iam:PassRole", { "iam:PassedToService": "lambda.amazonaws.com" }),
  ...anywhere("logs:CreateLogDelivery logs:UpdateLogDelivery logs:PutResourcePolicy"),
  ...gateway("/apis", "POST TagResource", made(ownKey)),
  ...gateway("/apis/a1b2c3/stages", "POST TagResource", made(ownKey)),
  ...gateway("/apis/a1b2c3/routes", "POST"),
  ...gateway("/apis/a1b2c3/integrations", "POST"),
];

const removal: Asked[] = [
  ...on(
    "bucket",
    "s3:DeleteBucket s3:DeleteBucketPolicy s3:PutBucketOwnershipControls s3:PutBucketPublicAccessBlock s3:PutBucketVersioning s3:PutEncryptionConfiguration s3:PutLifecycleConfiguration",
  ),
  ...on(["function", "alias"], "lambda:DeleteFunction lambda:RemovePermission"),
  ...on("function", "lambda:DeleteAlias"),
  ...on("table", "dynamodb:DeleteTable"),
  ...on(["functionLogs", "apiLogs"], "logs:DeleteLogGroup"),
  ...on("role", "iam:DeleteRole iam:DeleteRolePolicy"),
  ...anywhere("logs:DeleteLogDelivery logs:GetLogDelivery logs:ListLogDeliveries"),
  ...gateway("/apis/a1b2c3", "DELETE", tagged(ownKey)),
  ...gateway("/apis/a1b2c3/stages/$default", "DELETE", tagged(ownKey)),
  ...gateway("/apis/a1b2c3/routes/r1", "DELETE"),
  ...gateway("/apis/a1b2c3/integrations/i1", "DELETE"),
];

/** Everything above, asked of another project's things, or of this project's name in another region. */
const foreign = (cases: Asked[]): Asked[] =>
  cases.flatMap((asked) => {
    const moved = [
      [own, other],
      [own, elsewhere],
    ].flatMap(([from, to]) =>
      Object.entries(from as typeof own).flatMap(([name, arn]) =>
        arn === asked.resource && to?.[name as Thing] !== arn ? [{ ...asked, resource: (to as typeof own)[name as Thing] }] : [],
      ),
    );
    return moved;
  });

/** Another project's APIs, told by their tags; and an API of nobody's, which carries none. */
const foreignApis: Asked[] = [
  ...gateway("/apis/f9e8d7", "DELETE PATCH", tagged(otherKey)),
  ...gateway("/apis/f9e8d7", "DELETE PATCH"),
  ...gateway("/apis/f9e8d7/stages/$default", "DELETE PATCH", tagged(otherKey)),
  ...gateway("/apis/f9e8d7/stages/$default", "DELETE PATCH"),
  ...gateway("/apis/f9e8d7/routes/r1", "DELETE PATCH", tagged(otherKey)),
  ...gateway("/apis/f9e8d7/routes", "POST", tagged(otherKey)),
  ...gateway("/apis/f9e8d7/integrations/i1", "DELETE PATCH", tagged(otherKey)),
  ...gateway("/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2Ff9e8d7", "POST PUT DELETE TagResource", made(ownKey)),
  ...gateway("/apis", "POST", made(ownKey), "us-west-2"),
];

interface Table {
  allowed: Asked[];
  denied: Asked[];
}

const boundaryArn = `arn:aws:iam::${accountId}:policy/chartctl-boundary`;

export const tables: Record<CredentialRequest["purpose"], Table> = {
  read: {
    allowed: [...inventory, ...refresh],
    denied: [...data, ...escapes, ...creation, ...removal.filter(({ action }) => !/LogDeliver/.test(action)), ...foreign([...inventory, ...refresh])],
  },
  "boundary-read": {
    allowed: [{ action: "iam:GetPolicy", resource: boundaryArn }],
    denied: [
      ...["iam:CreatePolicy", "iam:TagPolicy", "iam:DeletePolicy", "iam:CreatePolicyVersion"].map((action) => ({ action, resource: boundaryArn })),
      { action: "iam:GetPolicy", resource: `arn:aws:iam::${accountId}:policy/anything` },
      ...data,
      ...escapes,
      ...creation,
    ],
  },
  provision: {
    allowed: [
      ...inventory,
      ...refresh,
      ...creation,
      ...removal,
      ...gateway("/apis/a1b2c3", "PATCH", tagged(ownKey)),
      ...gateway("/apis/a1b2c3/stages/$default", "PATCH", tagged(ownKey)),
      ...gateway("/apis/a1b2c3/routes/r1", "PATCH", tagged(ownKey)),
      ...gateway("/apis/a1b2c3/integrations/i1", "PATCH"),
      ...gateway("/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2Fa1b2c3", "POST PUT DELETE", tagged(ownKey)),
      { action: "apigateway:POST", resource: "arn:aws:apigateway:us-east-1::/tags/", context: made(ownKey) },
    ],
    denied: [
      ...data,
      ...escapes,
      ...foreign([...inventory, ...refresh, ...creation, ...removal]),
      ...foreignApis,
      ...on("role", "iam:CreateRole iam:PutRolePolicy"),
      ...on("role", "iam:CreateRole iam:PutRolePolicy", boundary("chartctl-boundary-of-mine")),
      ...on("rootRole", "iam:CreateRole", boundary()),
      ...on("role", "iam:CreateRole", boundary(), things(ownKey, "us-east-1", "other-tenant")),
      ...on("role", "iam:TagRole", made(otherKey)),
      ...on("role", "iam:PassRole", { "iam:PassedToService": "ec2.amazonaws.com" }),
      ...on("role", "iam:PassRole"),
      ...gateway("/apis", "POST", made(otherKey)),
      ...gateway("/apis/a1b2c3/stages", "POST", made(otherKey)),
    ],
  },
  destroy: {
    allowed: [...inventory, ...refresh, ...removal],
    denied: [
      ...data,
      ...escapes,
      ...creation,
      ...foreign([...inventory, ...refresh, ...removal]),
      ...foreignApis,
      { action: "dynamodb:DeleteBackup", resource: `${own.table}/backup/01600000000000-1a2b3c4d` },
    ],
  },
  purge: {
    allowed: [
      ...on("bucket", "s3:ListBucket s3:ListBucketVersions s3:ListBucketMultipartUploads s3:GetBucketVersioning"),
      ...on("object", "s3:DeleteObject s3:DeleteObjectVersion s3:AbortMultipartUpload s3:GetObjectRetention s3:GetObjectLegalHold"),
      ...on("table", "dynamodb:DescribeTable dynamodb:Scan dynamodb:BatchWriteItem dynamodb:DeleteItem"),
      ...on("function", "lambda:GetFunction lambda:GetAlias lambda:ListVersionsByFunction lambda:UpdateFunctionCode lambda:UpdateAlias lambda:PublishVersion"),
      ...on("version", "lambda:DeleteFunction"),
    ],
    denied: [
      ...on("function", "lambda:DeleteFunction lambda:DeleteAlias"),
      ...on("version", "lambda:DeleteFunction", undefined, other),
      ...on("object", "s3:GetObject s3:PutObject s3:PutObjectRetention s3:PutObjectLegalHold s3:BypassGovernanceRetention"),
      ...on("object", "s3:DeleteObject", undefined, other),
      ...on("table", "dynamodb:Scan dynamodb:DeleteItem", undefined, other),
      ...on("function", "lambda:UpdateFunctionCode", undefined, other),
      ...on("function", "lambda:InvokeFunction lambda:UpdateFunctionConfiguration"),
      ...on("table", "dynamodb:DeleteTable"),
      ...on("bucket", "s3:DeleteBucket"),
      ...escapes,
    ],
  },
  deploy: {
    allowed: [
      ...on("bucket", "s3:ListBucket"),
      ...on("object", "s3:PutObject s3:GetObject"),
      ...on(
        "function",
        "lambda:GetFunction lambda:GetFunctionConfiguration lambda:GetAlias lambda:ListVersionsByFunction lambda:UpdateFunctionCode lambda:UpdateAlias lambda:PublishVersion lambda:InvokeFunction",
      ),
    ],
    denied: [
      ...on("object", "s3:PutObject s3:GetObject", undefined, other),
      ...on("function", "lambda:UpdateFunctionCode", undefined, other),
      ...on("function", "lambda:UpdateFunctionConfiguration lambda:DeleteFunction lambda:AddPermission"),
      ...on("table", "dynamodb:GetItem dynamodb:PutItem"),
      ...on("object", "s3:DeleteObject s3:DeleteObjectVersion s3:PutObjectAcl s3:PutObjectRetention"),
      ...on("version", "lambda:DeleteFunction"),
      ...on("functionLogs", "logs:FilterLogEvents"),
      ...escapes,
    ],
  },
  logs: {
    allowed: on("functionLogs", "logs:FilterLogEvents"),
    denied: [
      ...on("functionLogs", "logs:FilterLogEvents", undefined, other),
      ...on("functionLogs", "logs:DeleteLogGroup logs:PutRetentionPolicy"),
      ...on("object", "s3:GetObject"),
      ...on("table", "dynamodb:Scan"),
      ...escapes,
    ],
  },
  costs: {
    allowed: [
      { action: "ce:GetCostAndUsage", resource: "*" },
      { action: "ce:GetCostForecast", resource: "*" },
      ...asks("StartQueryExecution StopQueryExecution GetQueryExecution GetQueryResults", "workgroup/chartctl-billing"),
      ...asks("GetTableMetadata", "datacatalog/AwsDataCatalog"),
      ...["catalog", "database/chartctl_billing", "table/chartctl_billing/cost_and_usage"].map((name) => ({
        action: "glue:GetTable",
        resource: `arn:aws:glue:us-east-1:${accountId}:${name}`,
      })),
      ...["glue:GetDatabase", "glue:GetPartitions"].map((action) => ({
        action,
        resource: `arn:aws:glue:us-east-1:${accountId}:${action === "glue:GetDatabase" ? "database/chartctl_billing" : "table/chartctl_billing/cost_and_usage"}`,
      })),
      ...["s3:GetBucketLocation", "s3:ListBucket"].map((action) => ({ action, resource: `arn:aws:s3:::chartctl-billing-${accountId}` })),
      { action: "s3:GetObject", resource: `arn:aws:s3:::chartctl-billing-${accountId}/cur/chartctl-cur/data/BILLING_PERIOD=2026-11/a.parquet` },
      ...["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"].map((action) => ({
        action,
        resource: `arn:aws:s3:::chartctl-billing-results-${accountId}/a.csv`,
      })),
    ],
    denied: [
      ...[
        "ce:UpdateCostAllocationTagsStatus",
        "ce:CreateAnomalyMonitor",
        "ce:GetUsageForecast",
        "ce:GetSavingsPlansPurchaseRecommendation",
        "budgets:ViewBudget",
      ].map((action) => ({
        action,
        resource: "*",
      })),
      ...asks("StartQueryExecution", "workgroup/primary"),
      ...asks("CreateNamedQuery DeleteWorkGroup", "workgroup/chartctl-billing"),
      ...["glue:GetTable", "glue:UpdateTable"].map((action) => ({ action, resource: `arn:aws:glue:us-east-1:${accountId}:table/sales/orders` })),
      { action: "glue:UpdateTable", resource: `arn:aws:glue:us-east-1:${accountId}:table/chartctl_billing/cost_and_usage` },
      ...["s3:PutObject", "s3:DeleteObject"].map((action) => ({ action, resource: `arn:aws:s3:::chartctl-billing-${accountId}/cur/a.parquet` })),
      ...on("object", "s3:GetObject s3:PutObject"),
      ...on("bucket", "s3:ListBucket"),
      ...data,
      ...escapes,
      ...creation,
    ],
  },
  boundary: {
    allowed: ["iam:GetPolicy", "iam:CreatePolicy", "iam:TagPolicy"].map((action) => ({
      action,
      resource: `arn:aws:iam::${accountId}:policy/chartctl-boundary`,
    })),
    denied: [
      { action: "iam:CreatePolicy", resource: `arn:aws:iam::${accountId}:policy/anything` },
      { action: "iam:DeletePolicy", resource: `arn:aws:iam::${accountId}:policy/chartctl-boundary` },
      ...on("bucket", "s3:CreateBucket"),
      ...escapes,
    ],
  },
};
