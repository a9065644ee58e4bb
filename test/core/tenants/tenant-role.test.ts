/** The role of a tenant's account: who gets in, and how far each session of it goes. */
import { describe, expect, test } from "vitest";
import { sessionPolicy } from "../../../src/core/lifecycle/session-policy.ts";
import type { CredentialRequest } from "../../../src/core/ports.ts";
import { tenantRoleArn, tenantRolePolicy, tenantTrustPolicy } from "../../../src/core/tenants/tenant-role.ts";
import { mayAssume, maySession } from "../../support/iam.ts";
import { request, tables } from "../lifecycle/session-policy-cases.ts";
import type { Asked } from "../lifecycle/simulate.ts";
import { accountId } from "../lifecycle/simulate.ts";
import { named, never, strangers, tagsOf } from "./role-cases.ts";

const regions = ["us-east-1", "us-west-2"];
const arn = tenantRoleArn({ accountId, tenantId: "acme" });
const policy = tenantRolePolicy({ partition: "aws", accountId, tenantId: "acme", regions });
const role = { arn, policy };
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

  test.each(never)("never does $action on $resource", async (asked) => {
    expect(await maySession({ role, tags: tagsOf(), ...asked })).toBe(false);
  });
  test("may ask what it may do", async () => {
    expect(await maySession({ role, tags: tagsOf(), action: "iam:SimulatePrincipalPolicy", resource: arn })).toBe(true);
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
  test.each(strangers)("refuses %s", async (_, changed) => {
    expect(await mayAssume(trust, { ...good, ...changed })).toBe(false);
  });
  test("refuses a missing external ID", async () => {
    expect(await mayAssume(trust, { ...good, externalId: undefined })).toBe(false);
  });
});
