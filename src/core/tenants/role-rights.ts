/** What a tenant's role must be able to do, and must not, one case for each kind of thing; asked of IAM, never done. */
import { boundaryArn } from "../lifecycle/boundary-policy.ts";
import { iamPath, namePrefix } from "../names.ts";
import type { RightsCase } from "./role-probe.ts";

export function rightsCases(
  { tenantId, accountId }: { tenantId: string; accountId: string },
  tags: Record<string, string> & { ProjectKey: string },
): (RightsCase & { wanted: boolean })[] {
  const session = { "aws:RequestedRegion": "us-east-1", ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value])) };
  const of = (name: string) => ({
    bucket: `arn:aws:s3:::${name}`,
    table: `arn:aws:dynamodb:us-east-1:${accountId}:table/${name}`,
    function: `arn:aws:lambda:us-east-1:${accountId}:function:${name}`,
    logs: `arn:aws:logs:us-east-1:${accountId}:log-group:/aws/lambda/${name}`,
    role: `arn:aws:iam::${accountId}:role${iamPath(tenantId)}${name}`,
  });
  const own = of(`${namePrefix(tags.ProjectKey)}verify`);
  const foreign = of(`${namePrefix("other00000")}verify`);
  const bounded = { "iam:PermissionsBoundary": boundaryArn(accountId) };
  const wants =
    (wanted: boolean) =>
    (action: string, resource: string, context: Record<string, string> = {}) => ({
      wanted,
      action,
      resource,
      context: { ...session, ...context },
    });
  const needs = wants(true);
  const refuses = wants(false);
  return [
    needs("s3:CreateBucket", own.bucket),
    needs("s3:PutObject", `${own.bucket}/index.html`),
    needs("s3:DeleteObjectVersion", `${own.bucket}/index.html`),
    needs("dynamodb:CreateTable", own.table),
    needs("lambda:CreateFunction", own.function),
    needs("lambda:UpdateFunctionCode", own.function),
    needs("logs:CreateLogGroup", own.logs),
    needs("iam:CreateRole", own.role, bounded),
    needs("iam:PassRole", own.role, { "iam:PassedToService": "lambda.amazonaws.com" }),
    refuses("s3:PutObject", `${foreign.bucket}/index.html`),
    refuses("s3:GetObject", "arn:aws:s3:::not-of-chartctl/file"),
    refuses("dynamodb:Scan", foreign.table),
    refuses("lambda:InvokeFunction", foreign.function),
    refuses("iam:CreateRole", own.role),
    refuses("iam:PassRole", own.role, { "iam:PassedToService": "ec2.amazonaws.com" }),
    refuses("iam:DeleteRolePermissionsBoundary", own.role),
    refuses("iam:CreateUser", `arn:aws:iam::${accountId}:user/chartctl`),
    refuses("sts:AssumeRole", `arn:aws:iam::${accountId}:role/not-of-chartctl`),
  ];
}
