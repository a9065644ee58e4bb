/** A tenant's role, tried through the real adapter against policies that are evaluated. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { awsCredentials } from "../../../src/adapters/aws/credentials.ts";
import { awsRoleProbe } from "../../../src/adapters/aws/role-probe.ts";
import type { Verification } from "../../../src/contract/platform-endpoints.ts";
import type { Tenant } from "../../../src/contract/resources.ts";
import type { CredentialRequest } from "../../../src/core/ports.ts";
import { tenantRoleArn, tenantRolePolicy, tenantTrustPolicy } from "../../../src/core/tenants/tenant-role.ts";
import { verifyConnection } from "../../../src/core/tenants/verify.ts";
import type { StandInAws } from "../../support/sts.ts";
import { startStandInAws } from "../../support/sts.ts";

const accountId = "111122223333";
const tenantId = "acme";
const roleArn = tenantRoleArn({ accountId, tenantId });
const [current, next, wrong] = ["a".repeat(32), "b".repeat(32), "f".repeat(32)];
const policy = tenantRolePolicy({ partition: "aws", accountId, tenantId, regions: ["us-east-1"] });

let aws: StandInAws;
beforeAll(async () => {
  aws = await startStandInAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  aws.asked.length = 0;
  aws.throttled = 0;
  aws.caller = "arn:aws:iam::999988887777:user/operator";
  stands(trusting(current));
});

const trusting = (...externalIds: string[]) => tenantTrustPolicy({ principalArn: aws.caller, externalIds, tenantId });
const stands = (trust: object, rights: object = policy, arn = roleArn): void => {
  aws.roles.clear();
  aws.roles.set(arn, { trust, policy: rights });
};
/** The good trust policy, changed. */
const changed = (change: (statements: Record<string, unknown>[]) => unknown): object => {
  const trust = structuredClone(trusting(current));
  change(trust.Statement);
  return trust;
};
const verify = (asked: Partial<Parameters<typeof verifyConnection>[1]> = {}): Promise<Verification> =>
  verifyConnection(awsRoleProbe(aws.env), {
    tenantId,
    roleArn,
    accountId,
    externalId: current,
    nextExternalId: null,
    billing: null,
    others: [],
    wrongId: wrong,
    now: new Date(),
    ...asked,
  });
const failed = ({ checks }: Verification): string[] => checks.filter(({ result }) => result === "fail").map(({ name, found }) => `${name}: ${found}`);

test("the template's role passes, whole", async () => {
  const verified = await verify();
  expect(verified).toMatchInlineSnapshot(`
    {
      "accepts": [
        "current",
      ],
      "checks": [
        {
          "found": "no other tenant's",
          "name": "role and account",
          "result": "ok",
        },
        {
          "found": "accepted",
          "name": "external ID",
          "result": "ok",
        },
        {
          "found": "refused",
          "name": "wrong external ID",
          "result": "ok",
        },
        {
          "found": "refused",
          "name": "missing external ID",
          "result": "ok",
        },
        {
          "found": "accepted",
          "name": "session tags",
          "result": "ok",
        },
        {
          "found": "refused",
          "name": "other tenant's tag",
          "result": "ok",
        },
        {
          "found": "111122223333",
          "name": "account",
          "result": "ok",
        },
        {
          "found": "the platform alone",
          "name": "trusted principals",
          "result": "ok",
        },
        {
          "found": "as needed (18 rights by IAM's own simulation, 8 reads)",
          "name": "permissions",
          "result": "ok",
        },
        {
          "found": "not more (18 rights by IAM's own simulation, 8 reads)",
          "name": "permissions",
          "result": "ok",
        },
      ],
      "ok": true,
      "roleArn": "arn:aws:iam::111122223333:role/chartctl/tenants/chartctl-acme",
      "tenantId": "acme",
      "trustPolicy": null,
    }
  `);
});

test("nothing but reads is asked, and one session alone has no session policy", async () => {
  await verify();
  expect([...new Set(aws.asked.map(({ action }) => action))].sort()).toEqual([
    "dynamodb:DescribeTable",
    "dynamodb:ListTables",
    "iam:GetRole",
    "iam:ListRoles",
    "iam:ListUsers",
    "iam:SimulatePrincipalPolicy",
    "lambda:ListFunctions",
    "logs:DescribeLogGroups",
    "logs:FilterLogEvents",
    "s3:ListAllMyBuckets",
    "sts:AssumeRole",
    "sts:GetCallerIdentity",
  ]);
  expect(aws.asked.filter(({ action, policy }) => action === "sts:AssumeRole" && policy === undefined)).toHaveLength(1);
});

describe("a hole is told, and the role refused", () => {
  test("no external ID is asked for", async () => {
    stands(
      changed(([platform]) => {
        (platform as { Condition: { StringEquals: Record<string, unknown> } }).Condition.StringEquals = {};
      }),
    );
    const verified = await verify();
    expect(verified.ok).toBe(false);
    expect(failed(verified)).toEqual([
      "wrong external ID: accepted: whoever the platform works for could reach this account",
      "missing external ID: accepted: whoever the platform works for could reach this account",
      "trusted principals: a statement asks for no external ID (StringEquals sts:ExternalId)",
    ]);
    expect(verified.trustPolicy).toEqual(trusting(current));
  });

  test("an external ID is asked for, if there is one (IfExists): a missing one passes", async () => {
    stands(
      changed(([platform]) => {
        (platform as { Condition: object }).Condition = { StringEqualsIfExists: { "sts:ExternalId": current } };
      }),
    );
    expect(failed(await verify())).toEqual([
      "missing external ID: accepted: whoever the platform works for could reach this account",
      "trusted principals: a statement asks for no external ID (StringEquals sts:ExternalId)",
    ]);
  });

  test("no external ID, and no session tags: the hole shows without tags", async () => {
    stands({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: aws.caller }, Action: "sts:AssumeRole" }] });
    expect(failed(await verify())).toEqual([
      "wrong external ID: accepted: whoever the platform works for could reach this account",
      "missing external ID: accepted: whoever the platform works for could reach this account",
      "session tags: refused",
    ]);
  });

  test.each([
    ["the platform's whole account", "arn:aws:iam::999988887777:root", /everybody in an account/],
    ["the same, by its number", "999988887777", /everybody in an account/],
    ["another role besides", ["arn:aws:iam::999988887777:user/operator", "arn:aws:iam::999988887777:role/developer"], /role\/developer may assume it/],
    ["everybody", "*", /everybody may assume it/],
  ])("it trusts %s", async (_, principal, found) => {
    stands(changed((statements) => statements.map((statement) => Object.assign(statement, { Principal: { AWS: principal } }))));
    const verified = await verify();
    expect(failed(verified)).toEqual([expect.stringMatching(found)]);
    expect(verified.trustPolicy).not.toBeNull();
  });

  test("it may do more than it needs", async () => {
    stands(trusting(current), { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });
    const [only, ...others] = failed(await verify());
    expect(others).toEqual([]);
    for (const one of [
      "iam:ListUsers",
      "lambda:ListFunctions",
      "dynamodb:DescribeTable",
      "logs:FilterLogEvents",
      "iam:CreateRole on",
      "iam:PassRole on",
      "sts:AssumeRole on",
    ]) {
      expect(only).toContain(one);
    }
  });
});

describe("a role that doesn't do", () => {
  test("has no sts:TagSession", async () => {
    stands(
      changed((statements) => {
        statements.splice(1);
        (statements[0] as { Condition: object }).Condition = { StringEquals: { "sts:ExternalId": current } };
      }),
    );
    expect(failed(await verify())).toEqual(["session tags: refused"]);
  });
  test("isn't there, or knows another external ID: the trust policy that it needs is told", async () => {
    stands(trusting(next));
    const verified = await verify();
    expect(failed(verified)).toEqual(["external ID: refused"]);
    expect(verified.trustPolicy).toEqual(trusting(current));
    aws.roles.clear();
    expect(failed(await verify())).toEqual(["external ID: refused"]);
  });
  test("lacks rights", async () => {
    const less = structuredClone(policy);
    less.Statement = less.Statement.filter(({ Action }) => !/iam:CreateRole|s3:ListAll/.test(JSON.stringify(Action ?? "")));
    stands(trusting(current), less);
    expect(failed(await verify())).toEqual([
      expect.stringMatching(/^permissions: missing: s3:ListAllMyBuckets, dynamodb:ListTables, logs:DescribeLogGroups, iam:ListRoles, iam:CreateRole on/),
    ]);
  });
  test("may not look at itself: reads alone decide, and it is said", async () => {
    const blind = structuredClone(policy);
    blind.Statement = blind.Statement.filter(({ Action }) => !/Simulate/.test(JSON.stringify(Action ?? "")));
    stands(trusting(current), blind);
    const { ok, checks } = await verify();
    expect(ok).toBe(true);
    expect(checks.filter(({ name }) => /permissions|principals/.test(name)).map(({ result, found }) => `${result} ${found}`)).toEqual([
      "warn can't be read",
      "ok as needed (by reads alone)",
      "ok not more (by reads alone)",
    ]);
  });
  test("accepts another tenant's tag: a warning", async () => {
    stands(
      changed((statements) => {
        for (const statement of statements)
          delete (statement as { Condition: { StringEquals: Record<string, unknown> } }).Condition.StringEquals["aws:RequestTag/TenantId"];
      }),
    );
    const { ok, checks } = await verify();
    expect([ok, checks.find(({ name }) => name === "other tenant's tag")?.result]).toEqual([true, "warn"]);
  });
});

describe("whose it is", () => {
  const other: Tenant = { id: "globex", roleArn: null, accountId: null, createdAt: "2026-01-01T00:00:00.000Z", rotatingSince: null, billing: null, version: 1 };
  test.each([
    ["another tenant's role", { ...other, roleArn, accountId }, /role .* is that of tenant globex/],
    ["another tenant's account", { ...other, accountId }, /account 111122223333 is that of tenant globex/],
  ])("%s is never tried", async (_, stranger, found) => {
    const verified = await verify({ others: [stranger] });
    expect(failed(verified)).toEqual([expect.stringMatching(found)]);
    expect(aws.asked.filter(({ action }) => action === "sts:AssumeRole")).toEqual([]);
  });
  test("itself is no stranger", async () => {
    expect((await verify({ others: [{ ...other, id: tenantId, roleArn, accountId }] })).ok).toBe(true);
  });
  test("the wrong account", async () => {
    expect(failed(await verify({ accountId: "444455556666" }))).toEqual(["account: the role is in 111122223333, and not in 444455556666"]);
  });
});

describe("an overlap of two external IDs", () => {
  test.each([
    ["before the stack is updated", [current], ["current"]],
    ["with both in the trust policy", [next, current], ["current", "next"]],
    ["after the old one has left it", [next], ["next"]],
  ])("%s", async (_, trusted, accepts) => {
    stands(trusting(...trusted));
    const verified = await verify({ nextExternalId: next });
    expect([verified.ok, verified.accepts]).toEqual([true, accepts]);
  });
  test("a wrong one is still refused", async () => {
    stands(trusting(next, current, wrong));
    expect(failed(await verify({ nextExternalId: next }))).toEqual(["wrong external ID: accepted: whoever the platform works for could reach this account"]);
  });

  const request: CredentialRequest = {
    tenantId,
    userId: "ann",
    projectId: "sales",
    projectKey: "abc123defg",
    region: "us-east-1",
    sessionName: "op-1",
    purpose: "provision",
  };
  const credentials = () =>
    awsCredentials({ connection: async () => ({ roleArn, accountId, externalId: current, nextExternalId: next }), env: aws.env, allowDirect: false });
  const tried = () => aws.asked.filter(({ action }) => action === "sts:AssumeRole").map(({ externalId }) => externalId);

  test("credentials are issued all through it: the new one first, the old one only after a refusal", async () => {
    await credentials().issue(request);
    expect(tried()).toEqual([next, current]);
    stands(trusting(next, current));
    aws.asked.length = 0;
    await credentials().issue(request);
    stands(trusting(next));
    await credentials().issue(request);
    expect(tried()).toEqual([next, next]);
    expect(aws.asked.every(({ policy }) => policy !== undefined)).toBe(true);
  });
  test("both refused is an error, once", async () => {
    stands(trusting(wrong));
    await expect(credentials().issue(request)).rejects.toMatchObject({
      kind: "auth",
      code: "aws.assume-role-refused",
      hint: expect.stringContaining("tenants verify acme"),
    });
    expect(tried()).toEqual([next, current]);
  });
  test("a throttled STS is no refusal: the old one isn't tried", async () => {
    aws.throttled = 100;
    await expect(credentials().issue(request)).rejects.toMatchObject({ kind: "external", code: "aws.throttled" });
    expect(new Set(tried())).toEqual(new Set([next]));
  });
});

test("a throttled STS proves nothing: neither accepted nor refused", async () => {
  aws.throttled = 100;
  await expect(verify()).rejects.toMatchObject({ kind: "external", code: "aws.throttled" });
});

describe("the platform's principal", () => {
  const principal = () => awsRoleProbe(aws.env).principal();
  test("is the user that works", async () => {
    expect(await principal()).toBe("arn:aws:iam::999988887777:user/operator");
  });
  test("is the role of a session, with its path", async () => {
    aws.caller = "arn:aws:sts::999988887777:assumed-role/chartctl-broker/someone";
    aws.roles.set("arn:aws:iam::999988887777:role/platform/chartctl-broker", { trust: {}, policy: {} });
    expect(await principal()).toBe("arn:aws:iam::999988887777:role/platform/chartctl-broker");
  });
  test("is never an account's root user", async () => {
    aws.caller = "arn:aws:iam::999988887777:root";
    await expect(principal()).rejects.toMatchObject({ kind: "refused", code: "aws.principal" });
  });
});
