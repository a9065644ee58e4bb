/**
 * The role that chartctl assumes in a tenant's account (DESIGN section 3): who may assume it, and the most that any session
 * of it may do. Both are functions of names alone, so that the template, the platform's own set-up and the tests share them.
 */
import { boundaryArn, boundaryName } from "../lifecycle/boundary-policy.ts";
import type { Statement } from "../lifecycle/session-policy.ts";
import { sessionStatements } from "../lifecycle/session-policy.ts";
import type { CredentialRequest } from "../ports.ts";

/** The platform's own policy names this path and nothing else. No tenant is called `tenants`, so no project's role is in it. */
const tenantRolePath = "/chartctl/tenants/";
export const tenantRoleName = (tenantId: string): string => `chartctl-${tenantId}`;
export const tenantRoleArn = ({ partition = "aws", accountId, tenantId }: { partition?: string; accountId: string; tenantId: string }): string =>
  `arn:${partition}:iam::${accountId}:role${tenantRolePath}${tenantRoleName(tenantId)}`;

/** What every session is tagged with, and nothing besides. */
const sessionTagKeys = ["TenantId", "UserId", "ProjectId", "ProjectKey"] as const;

/** A CloudFormation parameter stands where a list isn't known yet. */
type List = readonly string[] | { Ref: string };

export interface Policy {
  Version: "2012-10-17";
  Statement: Statement[];
}
const policy = (...statements: Statement[]): Policy => ({ Version: "2012-10-17", Statement: statements });

/**
 * Two statements, because TagSession has no external ID among its condition keys (service authorization reference, "AWS
 * Security Token Service"): in one statement, that condition could refuse every tag. To tag alone is of no use to anybody.
 */
export function tenantTrustPolicy({ principalArn, externalIds, tenantId }: { principalArn: string; externalIds: List; tenantId: string }): Policy {
  const principal = { Effect: "Allow", Principal: { AWS: principalArn } };
  return policy(
    {
      Sid: "Platform",
      ...principal,
      Action: "sts:AssumeRole",
      Condition: {
        StringEquals: { "sts:ExternalId": externalIds, "aws:RequestTag/TenantId": tenantId },
        // Without a project, what the role's own policy leaves open for untagged things would be open to a session of nobody.
        StringLike: { "aws:RequestTag/ProjectKey": "?*" },
      },
    },
    {
      Sid: "SessionTags",
      ...principal,
      Action: "sts:TagSession",
      Condition: { StringEquals: { "aws:RequestTag/TenantId": tenantId }, "ForAllValues:StringEquals": { "aws:TagKeys": [...sessionTagKeys] } },
    },
  );
}

export interface RoleScope {
  partition: string;
  accountId: string;
  tenantId: string;
  regions: List;
}

/** Everything but `boundary`: who makes the role makes the boundary, too, and the role never writes a policy. */
const purposes = ["read", "provision", "deploy", "purge", "destroy", "logs", "costs", "boundary-read"] as const satisfies CredentialRequest["purpose"][];

/**
 * All that the session policies may need, for the project that the session is tagged with: even a session without a policy
 * of its own reaches no other project, and one without tags reaches nothing.
 */
export function tenantRolePolicy(scope: RoleScope): Policy {
  const { tenantId, regions } = scope;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: IAM fills it in
  const projectKey = "${aws:PrincipalTag/ProjectKey}";
  // One region for all ARNs: which ones count is said once, below.
  const request = { tenantId, userId: "", projectId: "", projectKey, region: "*", sessionName: "" };
  const needed = purposes.flatMap((purpose) => sessionStatements({ ...request, purpose }));
  return policy(
    ...merged(needed.map((statement) => inAccount(statement, scope) as Statement)),
    // So that `tenants verify` can read whom it trusts, and ask what it may do without doing it.
    { Effect: "Allow", Action: ["iam:GetRole", "iam:SimulatePrincipalPolicy"], Resource: tenantRoleArn(scope) },
    // IAM, the list of buckets and all that tells costs answer in one region, whichever is meant (IAM user guide, "aws:RequestedRegion").
    {
      Sid: "OtherRegions",
      Effect: "Deny",
      NotAction: ["iam:*", "s3:ListAllMyBuckets", "ce:GetCostAndUsage", "ce:GetCostForecast", "athena:*", "glue:Get*"],
      Resource: "*",
      Condition: { StringNotEquals: { "aws:RequestedRegion": regions } },
    },
  );
}

/** Statements of the same resources and conditions as one: the same meaning, in the 10,240 characters that a role's own policies may have. */
function merged(statements: Statement[]): Statement[] {
  const byRest = new Map<string, { rest: Statement; actions: Set<string> }>();
  for (const { Action, ...rest } of statements) {
    const key = JSON.stringify(rest);
    const same = byRest.get(key) ?? { rest, actions: new Set<string>() };
    for (const action of [Action].flat() as string[]) same.actions.add(action);
    byRest.set(key, same);
  }
  return [...byRest.values()].map(({ rest: { Effect, ...rest }, actions }) => ({ Effect, Action: [...actions].filter(notCovered).sort(), ...rest }));
}

/** `iam:GetRole` beside `iam:GetRole*` says nothing. */
const notCovered = (action: string, _: number, all: string[]): boolean => !all.some((other) => other !== action && matches(other, action));

const matches = (pattern: string, text: string): boolean => new RegExp(`^${pattern.split("*").join(".*")}$`).test(text);

/** Session policies leave partition and account open; a role's own policy needn't. */
function inAccount(value: unknown, scope: Pick<RoleScope, "partition" | "accountId">): unknown {
  if (typeof value === "string") {
    if (value === `*:policy/${boundaryName}`) return inAccount(boundaryArn(scope.accountId), scope);
    return value
      .replace(/^arn:aws:([a-z]+):([^:]*):\*:/, (_, service, region) => `arn:aws:${service}:${region}:${scope.accountId}:`)
      .replace(/^arn:aws:/, () => `arn:${scope.partition}:`);
  }
  if (Array.isArray(value)) return value.map((one) => inAccount(one, scope));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inAccount(one, scope)]));
}
