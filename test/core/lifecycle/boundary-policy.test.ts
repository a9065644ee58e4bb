import { expect, test } from "vitest";
import { boundaryArn, boundaryPolicy } from "../../../src/core/lifecycle/boundary-policy.ts";
import { accountId, allowedInBoundary } from "./simulate.ts";

const key = "abc123defg";
const as = (projectKey: string | undefined): Record<string, string> => (projectKey === undefined ? {} : { "aws:PrincipalTag/ProjectKey": projectKey });
const bucket = `arn:aws:s3:::chart-${key}-sales-site`;
const table = `arn:aws:dynamodb:us-east-1:${accountId}:table/chart-${key}-sales-data`;
const logs = `arn:aws:logs:us-east-1:${accountId}:log-group:/aws/lambda/chart-${key}-sales-app`;

const data: [string, string][] = [
  ["s3:GetObject", `${bucket}/index.html`],
  ["s3:ListBucket", bucket],
  ["dynamodb:GetItem", table],
  ["dynamodb:PutItem", table],
  ["dynamodb:Query", `${table}/index/by-date`],
  ["logs:CreateLogStream", `${logs}:log-stream:2026/11/21`],
  ["logs:PutLogEvents", `${logs}:log-stream:2026/11/21`],
];

test.each(data)("a function may %s on its own project's %s, and no other project's function may", async (action, resource) => {
  expect(await allowedInBoundary(boundaryPolicy(), { action, resource, context: as(key) })).toBe(true);
  expect(await allowedInBoundary(boundaryPolicy(), { action, resource, context: as("zyx987wvut") })).toBe(false);
  expect(await allowedInBoundary(boundaryPolicy(), { action, resource, context: as(undefined) })).toBe(false);
});

test.each([
  ["iam:CreateRole", `arn:aws:iam::${accountId}:role/chartctl/acme/chart-${key}-sales-app`],
  ["iam:DeleteRolePermissionsBoundary", `arn:aws:iam::${accountId}:role/chartctl/acme/chart-${key}-sales-app`],
  ["sts:AssumeRole", `arn:aws:iam::${accountId}:role/chartctl/acme/chart-${key}-sales-app`],
  ["lambda:UpdateFunctionCode", `arn:aws:lambda:us-east-1:${accountId}:function:chart-${key}-sales-app`],
  ["s3:DeleteBucket", bucket],
  ["s3:PutBucketPolicy", bucket],
  ["dynamodb:DeleteTable", table],
  // A late log line must not make a deleted log group again.
  ["logs:CreateLogGroup", logs],
])("no function may ever %s", async (action, resource) => {
  expect(await allowedInBoundary(boundaryPolicy(), { action, resource, context: as(key) })).toBe(false);
});

test("is named in the account that it limits", () => {
  expect(boundaryArn(accountId)).toBe("arn:aws:iam::111122223333:policy/chartctl-boundary");
});

test("fits into a managed policy's 6,144 characters", () => {
  expect(JSON.stringify(boundaryPolicy()).length).toBeLessThan(6_144);
});
