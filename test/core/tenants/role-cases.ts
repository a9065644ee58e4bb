/** What the templates' roles, trusts and bucket must let through, and what not: as CloudFormation makes them. */
import { runSimulation } from "@cloud-copilot/iam-simulate";
import type { CredentialRequest } from "../../../src/core/ports.ts";
import { tenantRoleArn } from "../../../src/core/tenants/tenant-role.ts";
import { maySession } from "../../support/iam.ts";
import type { Subject } from "../lifecycle/mutants.ts";
import { request, tables } from "../lifecycle/session-policy-cases.ts";
import type { Asked } from "../lifecycle/simulate.ts";
import { accountId, allowedByTrust } from "../lifecycle/simulate.ts";
import { made, platform } from "./made.ts";

export const tagsOf = (key = request.projectKey, tenantId = "acme"): Record<string, string> => ({
  TenantId: tenantId,
  UserId: "ann",
  ProjectId: "sales",
  ProjectKey: key,
});
const arn = tenantRoleArn({ accountId, tenantId: "acme" });
const text = (asked: object): string => JSON.stringify(asked);

/** What names a project: an ARN with its key, or its tag. Lists, and API Gateway's untagged parts, name none. */
export const named = (Object.keys(tables) as CredentialRequest["purpose"][])
  .filter((purpose) => purpose !== "boundary")
  .flatMap((purpose) => tables[purpose].allowed)
  .filter(({ resource, context }) => JSON.stringify([resource, context]).includes(request.projectKey));

const own = `arn:aws:iam::${accountId}:role/chartctl/acme/chart-${request.projectKey}-sales-app`;
const boundary = (account: string) => ({ "iam:PermissionsBoundary": `arn:aws:iam::${account}:policy/chartctl-boundary` });
export const never: Asked[] = [
  { action: "iam:CreateRole", resource: own },
  { action: "iam:CreateRole", resource: own, context: boundary("999988887777") },
  { action: "iam:CreateRole", resource: own.replace("/acme/", "/globex/"), context: boundary(accountId) },
  { action: "iam:CreateRole", resource: `arn:aws:iam::${accountId}:role/admin`, context: boundary(accountId) },
  { action: "iam:PassRole", resource: own, context: { "iam:PassedToService": "ec2.amazonaws.com" } },
  { action: "iam:PassRole", resource: `arn:aws:iam::${accountId}:role/admin`, context: { "iam:PassedToService": "lambda.amazonaws.com" } },
  { action: "iam:CreatePolicy", resource: `arn:aws:iam::${accountId}:policy/chartctl-boundary` },
  { action: "iam:CreatePolicyVersion", resource: `arn:aws:iam::${accountId}:policy/chartctl-boundary` },
  { action: "iam:DeleteRolePermissionsBoundary", resource: own },
  { action: "iam:UpdateAssumeRolePolicy", resource: arn },
  { action: "iam:PutRolePolicy", resource: arn, context: boundary(accountId) },
  { action: "iam:SimulatePrincipalPolicy", resource: `arn:aws:iam::${accountId}:role/admin` },
  { action: "iam:ListUsers", resource: "*" },
  { action: "sts:AssumeRole", resource: `arn:aws:iam::${accountId}:role/admin` },
  { action: "s3:ListBucket", resource: "arn:aws:s3:::accounts-of-acme" },
  { action: "s3:GetObject", resource: "arn:aws:s3:::accounts-of-acme/2026.csv" },
  { action: "dynamodb:DescribeTable", resource: `arn:aws:dynamodb:us-east-1:${accountId}:table/accounts` },
  { action: "ec2:RunInstances", resource: `arn:aws:ec2:us-east-1:${accountId}:instance/*` },
];
const elsewhere: Asked = {
  action: "s3:CreateBucket",
  resource: `arn:aws:s3:::chart-${request.projectKey}-x`,
  context: { "aws:RequestedRegion": "eu-central-1" },
};

export const strangers: [string, { externalId?: string; principalArn?: string; tags?: Record<string, string> }][] = [
  ["a wrong external ID", { externalId: "guessed" }],
  ["an empty external ID", { externalId: "" }],
  ["another role of the platform's account", { principalArn: "arn:aws:iam::999988887777:role/developer" }],
  ["another tenant's tag", { tags: tagsOf(undefined, "globex") }],
  ["a fifth tag", { tags: { ...tagsOf(), Admin: "yes" } }],
  ["no project", { tags: { TenantId: "acme" } }],
  ["no tags", { tags: {} }],
];

type Cases = Subject["cases"];
const asked = (list: readonly Asked[], wanted: boolean, may: (policy: object, one: Asked) => Promise<boolean>): Cases =>
  list.map((one) => ({ wanted, told: text(one), run: (policy) => may(policy, one) }));

const tagContext = (tags: Record<string, string>): Record<string, string | string[]> => ({
  ...(Object.keys(tags).length > 0 ? { "aws:TagKeys": Object.keys(tags) } : {}),
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
});

/** Each of STS's two actions alone: together, one statement would hide what the other leaves open. */
function trustCases(role: string): Cases {
  const good = { principalArn: platform, externalId: "e1", tags: tagsOf() };
  const missing = { ...good, externalId: undefined };
  const refusedBy: Record<string, string[]> = {
    "sts:AssumeRole": [
      "a wrong external ID",
      "an empty external ID",
      "another role of the platform's account",
      "another tenant's tag",
      "no project",
      "no tags",
    ],
    "sts:TagSession": ["another role of the platform's account", "another tenant's tag", "a fifth tag"],
  };
  return Object.entries(refusedBy).flatMap(([action, whose]) => {
    const run =
      ({ principalArn, externalId, tags }: { principalArn: string; externalId: string | undefined; tags: Record<string, string> }) =>
      (policy: object) => {
        const id: Record<string, string> = action === "sts:AssumeRole" && externalId !== undefined ? { "sts:ExternalId": externalId } : {};
        return allowedByTrust(policy, principalArn, { action, resource: role, context: { ...id, ...tagContext(tags) } });
      };
    const refused: [string, object][] = [
      ...strangers.filter(([who]) => whose.includes(who)),
      ...(action === "sts:AssumeRole" ? [["a missing external ID", missing] as [string, object]] : []),
    ];
    return [
      { wanted: true, told: `${action}: the platform`, run: run(good) },
      ...refused.map(([who, changed]) => ({ wanted: false, told: `${action}: ${who}`, run: run({ ...good, ...changed }) })),
    ];
  });
}

/** A service that writes into a bucket, for some account and thing. */
const written = async (policy: object, { action, resource, context, service }: Asked & { service: string }): Promise<boolean> => {
  const result = await runSimulation(
    {
      request: { principal: service, action, resource: { resource, accountId }, contextVariables: { "aws:SecureTransport": "true", ...context } },
      identityPolicies: [],
      resourcePolicy: policy,
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (result.resultType === "error") throw new Error(JSON.stringify(result.errors));
  return result.overallResult === "Allowed";
};

function bucketCases(bucket: string): Cases {
  const exportOf = (account: string) => `arn:aws:bcm-data-exports:us-east-1:${account}:export/chartctl-cur`;
  const ours = { "aws:SourceAccount": accountId, "aws:SourceArn": exportOf(accountId) };
  const put = { service: "bcm-data-exports.amazonaws.com", action: "s3:PutObject", resource: `${bucket}/cur/a.parquet`, context: ours };
  const listed: [boolean, string, typeof put][] = [
    [true, "the account's own export", put],
    [true, "its look at the bucket's policy", { ...put, action: "s3:GetBucketPolicy", resource: bucket }],
    [false, "another account's export", { ...put, context: { ...ours, "aws:SourceArn": exportOf("999988887777") } }],
    [false, "an export for another account", { ...put, context: { ...ours, "aws:SourceAccount": "999988887777" } }],
    [false, "another service", { ...put, service: "cloudtrail.amazonaws.com" }],
    [false, "a read of what is there", { ...put, action: "s3:GetObject" }],
    [false, "plain HTTP", { ...put, context: { ...ours, "aws:SecureTransport": "false" } as typeof ours }],
  ];
  return listed.map(([wanted, told, one]) => ({ wanted, told, run: (policy) => written(policy, one) }));
}

/** Denied, of those that the role denies without a session policy, too. */
async function deniedAnyway(policy: object, list: readonly Asked[], may: (policy: object, one: Asked) => Promise<boolean>): Promise<Asked[]> {
  const allowed = await Promise.all(list.map((one) => may(policy, one)));
  return list.filter((_, at) => !allowed[at]);
}

export async function tenantSubjects(): Promise<Subject[]> {
  const { Role } = made("tenant-role");
  const { Role: BillingRole, DataBucketPolicy, DataBucket } = made("connect-aws-billing");
  const policyOf = (role: typeof Role): object => role?.Properties.Policies[0].PolicyDocument as object;
  const inRole = (policy: object, one: Asked) => maySession({ role: { arn, policy }, tags: tagsOf(), ...one });
  const billingArn = `arn:aws:iam::${accountId}:role/chartctl/tenants/chartctl-billing.acme`;
  const inBillingRole = (policy: object, one: Asked) => maySession({ role: { arn: billingArn, policy }, tags: tagsOf(), ...one });
  const denied = [...(await deniedAnyway(policyOf(Role), tables.provision.denied, inRole)), ...never, elsewhere];
  return [
    { name: "a tenant's role", policy: policyOf(Role), cases: [...asked(named, true, inRole), ...asked(denied, false, inRole)] },
    { name: "its trust", policy: Role?.Properties.AssumeRolePolicyDocument, cases: trustCases(arn) },
    {
      name: "the role for costs",
      policy: policyOf(BillingRole),
      cases: [...asked(tables.costs.allowed, true, inBillingRole), ...asked(tables.costs.denied, false, inBillingRole)],
    },
    { name: "the trust of the role for costs", policy: BillingRole?.Properties.AssumeRolePolicyDocument, cases: trustCases(billingArn) },
    {
      name: "the bucket of costs",
      policy: DataBucketPolicy?.Properties.PolicyDocument,
      cases: bucketCases(`arn:aws:s3:::${DataBucket?.Properties.BucketName}`),
    },
  ];
}
