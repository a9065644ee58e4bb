/**
 * The session policy of each AssumeRole: only this project's resources, only this operation's actions. What it allows
 * still has to be allowed by the role itself. AWS takes 2,048 characters at most ("packed size" apart), so verbs are
 * wildcards where a service has many of one harm (`s3:GetBucket*`), and never where they would reach data.
 */
import type { CredentialRequest } from "../ports.ts";
import { iamPath, namePrefix } from "../names.ts";
import { boundaryName } from "./boundary-policy.ts";

/** STS AssumeRole, parameter `Policy`. */
export const sessionPolicyMaxLength = 2_048;

type Statement = Record<string, unknown>;

/** `partition` and account stand as wildcards in ARNs: the names are unique to the project by their random key. */
export function sessionPolicy(request: CredentialRequest): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements[request.purpose](request) });
}

const allow = (action: string[], resource: string | string[], condition?: object): Statement => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
  ...(condition ? { Condition: condition } : {}),
});

const bucket = (r: CredentialRequest): string => `arn:aws:s3:::${namePrefix(r.projectKey)}*`;
const lambda = (r: CredentialRequest): string => `arn:aws:lambda:${r.region}:*:function:${namePrefix(r.projectKey)}*`;
const table = (r: CredentialRequest): string => `arn:aws:dynamodb:${r.region}:*:table/${namePrefix(r.projectKey)}*`;
const logGroups = (r: CredentialRequest): string => `arn:aws:logs:${r.region}:*:log-group:/aws/*/${namePrefix(r.projectKey)}*`;
const role = (r: CredentialRequest): string => `arn:aws:iam::*:role${iamPath(r.tenantId)}${namePrefix(r.projectKey)}*`;
const apis = (r: CredentialRequest): string => `arn:aws:apigateway:${r.region}::/*`;

/** One statement for all services: an action only ever meets resources of its own service, and a list costs length. */
const own = (r: CredentialRequest, action: string[]): Statement => allow(action, [bucket(r), lambda(r), table(r), logGroups(r), role(r)]);

/** What lists can't be narrowed to one resource: AWS names no resource type for them. */
const lists = ["s3:ListAllMyBuckets", "dynamodb:ListTables", "dynamodb:ListBackups", "logs:DescribeLogGroups", "iam:ListRoles", "iam:ListPolicies", "tag:GetResources"];

/** Configuration and tags; no object, item, log line. (`lambda:GetFunction` also links to the code.) */
const configuration = [
  "s3:GetBucket*",
  "s3:Get*Configuration",
  "s3:ListBucket*",
  "lambda:Get*",
  "lambda:List*",
  "dynamodb:Describe*",
  "dynamodb:ListTagsOfResource",
  "logs:ListTag*",
  "iam:GetRole*",
  "iam:List*",
];

/** API ids are random, and sub-resources carry no tags of their own: reads are open, changes need the project's tag. */
const readApis = (r: CredentialRequest): Statement => allow(["apigateway:GET"], apis(r));
const tagged = (r: CredentialRequest, where: "aws:ResourceTag" | "aws:RequestTag") => ({ StringEquals: { [`${where}/ProjectKey`]: r.projectKey } });

const removal = ["s3:DeleteBucket*", "lambda:Delete*", "lambda:RemovePermission", "dynamodb:DeleteTable", "logs:DeleteLogGroup", "iam:DeleteRole*"];

const statements: Record<CredentialRequest["purpose"], (r: CredentialRequest) => Statement[]> = {
  read: (r) => [allow(lists, "*"), own(r, configuration), readApis(r)],
  destroy: (r) => [
    allow(lists, "*"),
    // Terraform takes a bucket's settings away by writing empty ones.
    own(r, [...configuration, ...removal, "s3:PutBucket*", "s3:Put*Configuration"]),
    readApis(r),
    allow(["apigateway:DELETE"], apis(r), tagged(r, "aws:ResourceTag")),
  ],
  provision: (r) => [
    // HTTP API access logs: AWS's page "Configure logging for HTTP APIs" asks for these on every resource.
    allow([...lists, "logs:*LogDelivery", "logs:*ResourcePolic*"], "*"),
    own(r, [
      ...configuration.filter((action) => !/ListTag/.test(action)), // within *Tag* below
      ...removal,
      "s3:CreateBucket",
      "s3:PutBucket*",
      "s3:Put*Configuration",
      "lambda:Create*",
      "lambda:Update*",
      "lambda:Publish*",
      "lambda:AddPermission",
      "lambda:*Tag*",
      "dynamodb:*Tag*",
      "dynamodb:CreateTable",
      "dynamodb:Update*",
      "logs:CreateLogGroup",
      "logs:PutRetentionPolicy",
      "logs:*Tag*",
      "iam:*TagRole",
    ]),
    allow(["iam:CreateRole", "iam:PutRolePolicy"], role(r), { StringLike: { "iam:PermissionsBoundary": `arn:aws:iam::*:policy/${boundaryName}` } }),
    allow(["iam:PassRole"], role(r), { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } }),
    readApis(r),
    allow(["apigateway:POST", "apigateway:PUT"], apis(r), tagged(r, "aws:RequestTag")),
    allow(["apigateway:*"], apis(r), tagged(r, "aws:ResourceTag")),
  ],
  purge: (r) => [
    allow(["s3:ListBucket*", "s3:GetBucketVersioning"], bucket(r)),
    allow(["s3:DeleteObject*", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"], `${bucket(r)}/*`),
    allow(["dynamodb:DescribeTable", "dynamodb:Scan", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem"], table(r)),
    allow(["lambda:GetFunction*", "lambda:GetAlias", "lambda:UpdateFunctionCode", "lambda:UpdateAlias", "lambda:PublishVersion"], lambda(r)),
  ],
  deploy: (r) => [
    allow(["s3:ListBucket*", "s3:GetBucketVersioning"], bucket(r)),
    allow(["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"], `${bucket(r)}/*`),
    allow(["lambda:GetFunction*", "lambda:GetAlias", "lambda:ListVersionsByFunction", "lambda:UpdateFunctionCode", "lambda:UpdateAlias", "lambda:PublishVersion"], lambda(r)),
    allow(["logs:FilterLogEvents", "logs:StartLiveTail"], logGroups(r)),
  ],
  boundary: () => [allow(["iam:GetPolicy", "iam:CreatePolicy", "iam:TagPolicy"], `arn:aws:iam::*:policy/${boundaryName}`)],
};
