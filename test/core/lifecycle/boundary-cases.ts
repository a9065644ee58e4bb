/** What a project's function may do with its own project's things alone, and what no function may ever do. */
import type { Asked } from "./simulate.ts";
import { accountId } from "./simulate.ts";

const key = "abc123defg";
const as = (projectKey: string | undefined): Record<string, string> => (projectKey === undefined ? {} : { "aws:PrincipalTag/ProjectKey": projectKey });
const bucket = `arn:aws:s3:::chart-${key}-sales-site`;
const table = `arn:aws:dynamodb:us-east-1:${accountId}:table/chart-${key}-sales-data`;
const logs = `arn:aws:logs:us-east-1:${accountId}:log-group:/aws/lambda/chart-${key}-sales-app`;
const role = `arn:aws:iam::${accountId}:role/chartctl/acme/chart-${key}-sales-app`;

const data: [string, string][] = [
  ["s3:GetObject", `${bucket}/index.html`],
  ["s3:ListBucket", bucket],
  ["dynamodb:GetItem", table],
  ["dynamodb:PutItem", table],
  ["dynamodb:Query", `${table}/index/by-date`],
  ["logs:CreateLogStream", `${logs}:log-stream:2026/11/21`],
  ["logs:PutLogEvents", `${logs}:log-stream:2026/11/21`],
];
const never: [string, string][] = [
  ["iam:CreateRole", role],
  ["iam:DeleteRolePermissionsBoundary", role],
  ["sts:AssumeRole", role],
  ["lambda:UpdateFunctionCode", `arn:aws:lambda:us-east-1:${accountId}:function:chart-${key}-sales-app`],
  ["s3:DeleteBucket", bucket],
  ["s3:PutBucketPolicy", bucket],
  ["dynamodb:DeleteTable", table],
  // A late log line must not make a deleted log group again.
  ["logs:CreateLogGroup", logs],
];

export const boundaryCases: (Asked & { allowed: boolean })[] = [
  ...data.flatMap(([action, resource]) => [key, "zyx987wvut", undefined].map((of) => ({ action, resource, context: as(of), allowed: of === key }))),
  ...never.map(([action, resource]) => ({ action, resource, context: as(key), allowed: false })),
];
