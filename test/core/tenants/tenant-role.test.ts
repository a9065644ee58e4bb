/** The role of a tenant's account: who gets in, and how far each session of it goes. */
import { describe, expect, test } from "vitest";
import { sessionPolicy } from "../../../src/core/lifecycle/session-policy.ts";
import type { CredentialRequest } from "../../../src/core/ports.ts";
import { tenantRoleArn, tenantRolePolicy, tenantTrustPolicy } from "../../../src/core/tenants/tenant-role.ts";
import { mayAssume, maySession } from "../../support/iam.ts";
import { request, tables } from "../lifecycle/session-policy-cases.ts";
import type { Asked } from "../lifecycle/simulate.ts";
import { accountId } from "../lifecycle/simulate.ts";

const regions = ["us-east-1", "us-west-2"];
const arn = tenantRoleArn({ accountId, tenantId: "acme" });
const policy = tenantRolePolicy({ partition: "aws", accountId, tenantId: "acme", regions });
const role = { arn, policy };
const tagsOf = (key = request.projectKey, tenantId = "acme"): Record<string, string> => ({
  TenantId: tenantId,
  UserId: "ann",
  ProjectId: "sales",
  ProjectKey: key,
});
const text = ({ action, resource, context }: Asked): string => `${action} ${resource}${context ? ` ${JSON.stringify(context)}` : ""}`;

/** Those that are not answered as wanted. */
const wrongly = async (cases: Asked[], wanted: boolean, how: { tags?: Record<string, string>; sessionPolicy?: object; policy?: object }): Promise<string[]> => {
  const answers = await Promise.all(
    cases.map(async (asked) => {
      const session = { role: { arn, policy: how.policy ?? policy }, tags: how.tags ?? tagsOf(), sessionPolicy: how.sessionPolicy };
      return (await maySession({ ...session, ...asked })) === wanted ? [] : [text(asked)];
    }),
  );
  return answers.flat();
};

const purposes = (Object.keys(tables) as CredentialRequest["purpose"][]).filter((purpose) => purpose !== "boundary");

describe.each(purposes)("a session to %s", (purpose) => {
  const { allowed, denied } = tables[purpose];
  const session = JSON.parse(sessionPolicy({ ...request, purpose })) as object;

  test("does what the operation does", async () => {
    expect(await wrongly(allowed, true, { sessionPolicy: session })).toEqual([]);
  });
  test("does nothing else that was thought of", async () => {
    expect(await wrongly(denied, false, { sessionPolicy: session })).toEqual([]);
  });
});

describe("the role itself, without a session policy", () => {
  /** What names a project: an ARN with its key, or its tag. Lists, and API Gateway's untagged parts, name none. */
  const named = purposes
    .flatMap((purpose) => tables[purpose].allowed)
    .filter(({ resource, context }) => JSON.stringify([resource, context]).includes(request.projectKey));

  test("reaches the project that the session is tagged with", async () => {
    expect(named.length).toBeGreaterThan(100);
    expect(await wrongly(named, true, {})).toEqual([]);
  });
  test.each([
    ["another project's session", tagsOf("zyx987wvut")],
    ["a session without tags", {}],
  ])("reaches nothing of it for %s", async (_, tags) => {
    expect(await wrongly(named, false, { tags })).toEqual([]);
  });
  test("reaches it in no other region", async () => {
    const moved = named
      .filter(({ resource }) => resource.includes(":us-east-1:"))
      .map((asked) => ({ ...asked, resource: asked.resource.replace("us-east-1", "eu-central-1") }));
    expect(moved.length).toBeGreaterThan(50);
    expect(await wrongly(moved, false, {})).toEqual([]);
    const bucket = { action: "s3:CreateBucket", resource: `arn:aws:s3:::chart-${request.projectKey}-sales-site` };
    expect(await wrongly([{ ...bucket, context: { "aws:RequestedRegion": "eu-central-1" } }], false, {})).toEqual([]);
    expect(await wrongly([{ ...bucket, context: { "aws:RequestedRegion": "us-west-2" } }], true, {})).toEqual([]);
  });

  const own = `arn:aws:iam::${accountId}:role/chartctl/acme/chart-${request.projectKey}-sales-app`;
  const boundary = (account: string) => ({ "iam:PermissionsBoundary": `arn:aws:iam::${account}:policy/chartctl-boundary` });
  const never: Asked[] = [
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
  test.each(never)("never does $action on $resource", async (asked) => {
    expect(await maySession({ role, tags: tagsOf(), ...asked })).toBe(false);
  });
  test("may ask what it may do", async () => {
    expect(await maySession({ role, tags: tagsOf(), action: "iam:SimulatePrincipalPolicy", resource: arn })).toBe(true);
  });

  test("has no condition that could be left out", async () => {
    const elsewhere: Asked = {
      action: "s3:CreateBucket",
      resource: `arn:aws:s3:::chart-${request.projectKey}-x`,
      context: { "aws:RequestedRegion": "eu-central-1" },
    };
    const cases = [...tables.provision.denied, ...never, elsewhere];
    const before = new Set(await wrongly(cases, false, {}));
    for (const [index, { Sid, Effect, Condition }] of policy.Statement.entries()) {
      for (const [operator, keys] of Object.entries((Condition ?? {}) as Record<string, object>)) {
        for (const key of Object.keys(keys)) {
          const looser = structuredClone(policy);
          const condition = looser.Statement[index]?.Condition as Record<string, Record<string, unknown>>;
          // Of a Deny, leaving out the condition would deny all: the statement goes.
          if (Effect === "Deny") looser.Statement.splice(index, 1);
          else delete condition[operator]?.[key];
          const after = await wrongly(cases, false, { policy: looser });
          expect(
            after.filter((one) => !before.has(one)),
            `without ${operator} ${key} in statement ${Sid ?? index}`,
          ).not.toEqual([]);
        }
      }
    }
  });

  test("fits into the 10,240 characters of a role's own policies, for the longest name", () => {
    const longest = tenantRolePolicy({ partition: "aws-us-gov", accountId, tenantId: "a".repeat(24), regions });
    expect(JSON.stringify(longest).length).toBeLessThan(10_240);
  });
});

describe("the role's trust", () => {
  const principalArn = "arn:aws:iam::999988887777:role/chartctl-broker";
  const trust = tenantTrustPolicy({ principalArn, externalIds: ["new", "old"], tenantId: "acme" });
  const good = { principalArn, roleArn: arn, externalId: "new", tags: tagsOf() };

  test("lets the platform in, with either external ID of an overlap", async () => {
    expect(await mayAssume(trust, good)).toBe(true);
    expect(await mayAssume(trust, { ...good, externalId: "old" })).toBe(true);
  });
  const strangers: [string, Partial<typeof good>][] = [
    ["a wrong external ID", { externalId: "guessed" }],
    ["an empty external ID", { externalId: "" }],
    ["another role of the platform's account", { principalArn: "arn:aws:iam::999988887777:role/developer" }],
    ["another tenant's tag", { tags: tagsOf(undefined, "globex") }],
    ["a fifth tag", { tags: { ...tagsOf(), Admin: "yes" } }],
    ["no project", { tags: { TenantId: "acme" } }],
    ["no tags", { tags: {} }],
  ];
  test.each(strangers)("refuses %s", async (_, changed) => {
    expect(await mayAssume(trust, { ...good, ...changed })).toBe(false);
  });
  test("refuses a missing external ID", async () => {
    expect(await mayAssume(trust, { ...good, externalId: undefined })).toBe(false);
  });
  test("has no condition that could be left out", async () => {
    for (const [index, { Condition }] of trust.Statement.entries()) {
      for (const [operator, keys] of Object.entries(Condition as Record<string, object>)) {
        for (const key of Object.keys(keys)) {
          // Both statements ask for the tenant's tag, each for itself: without one, the other still refuses.
          if (key === "aws:RequestTag/TenantId") continue;
          const looser = structuredClone(trust);
          const condition = looser.Statement[index]?.Condition as Record<string, Record<string, unknown>>;
          delete condition[operator]?.[key];
          const tried = [...strangers.map(([, changed]) => ({ ...good, ...changed })), { ...good, externalId: undefined }];
          const accepted = await Promise.all(tried.map((one) => mayAssume(looser, one)));
          expect(accepted, `without ${operator} ${key} in statement ${index}`).toContain(true);
        }
      }
    }
  });
});
