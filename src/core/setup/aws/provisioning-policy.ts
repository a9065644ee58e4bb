/** The role for tenants in the platform's own account: what any project's session may need, and no more. */

import { regionSchema } from "../../../contract/names.ts";
import { sessionPolicy } from "../../lifecycle/session-policy.ts";
import type { CredentialRequest } from "../../ports.ts";
import { brokerName, roleArn } from "./names.ts";
import type { PolicyDocument, Statement } from "./policy.ts";
import { policyOf } from "./policy.ts";

/** IAM: the inline policies of a role together, white space not counted. A managed policy would end at 6,144. */
export const inlinePolicyMaxLength = 10_240;

/** STS AssumeRole, as adapters/aws/credentials sends them. */
const sessionTags = ["TenantId", "UserId", "ProjectId", "ProjectKey"] as const;
type SessionTag = (typeof sessionTags)[number];
/** IAM fills it in: what the session was tagged with. Without the tag it matches nothing. */
const ofSession = (tag: SessionTag): string => `\${aws:PrincipalTag/${tag}}`;

/**
 * The broker alone, and only with the tags that the policy below is about: it can't be a session of no project, nor of one
 * with other keys. No external ID: it protects against being sent to another's account, and this is the platform's own.
 */
export const provisioningTrust = (accountId: string): PolicyDocument =>
  policyOf([
    {
      Sid: "Broker",
      Effect: "Allow",
      Principal: { AWS: roleArn(accountId, brokerName) },
      Action: ["sts:AssumeRole", "sts:TagSession"],
      Condition: {
        StringLike: Object.fromEntries(sessionTags.map((tag) => [`aws:RequestTag/${tag}`, "?*"])),
        "ForAllValues:StringEquals": { "aws:TagKeys": [...sessionTags] },
      },
    },
  ]);

/** Not `boundary`: setup makes the boundary, and no session may make another one in its place. */
const purposes: CredentialRequest["purpose"][] = ["provision", "destroy", "purge", "deploy", "read", "logs", "costs", "boundary-read"];

/**
 * The session policies themselves, with the session's own tags for the project's names: so it is one source that says what
 * the lifecycle needs, and a session policy that were too wide would still end at its own project. Regions are limited once,
 * below, instead of in each ARN.
 */
export function provisioningPolicy(): PolicyDocument {
  const anyProject = { tenantId: ofSession("TenantId"), userId: "", projectId: "", projectKey: ofSession("ProjectKey"), region: "*", sessionName: "" };
  const needed = purposes.flatMap((purpose) => (JSON.parse(sessionPolicy({ ...anyProject, purpose })) as PolicyDocument).Statement);
  return policyOf([...merged(needed), ...guards()]);
}

/** Actions of the same resources and conditions in one statement. */
function merged(statements: Statement[]): Statement[] {
  const byTarget = new Map<string, Statement>();
  for (const { Action = [], Condition, ...rest } of statements) {
    const target = { ...rest, ...(Condition ? { Condition: withoutGuarded(Condition) } : {}) };
    const key = JSON.stringify([[target.Resource].flat().toSorted(), target.Condition]);
    const known = byTarget.get(key);
    byTarget.set(key, { ...target, Action: [...new Set([...[known?.Action ?? []].flat(), ...[Action].flat()])] });
  }
  return [...byTarget.values()].map((statement) => ({ ...statement, Action: withoutCovered([statement.Action ?? []].flat()) }));
}

/** A guard says it for every service: twice, and a mistake in one of them would be seen by no test. */
const withoutGuarded = (condition: NonNullable<Statement["Condition"]>): NonNullable<Statement["Condition"]> =>
  Object.fromEntries(
    Object.entries(condition).map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys).filter(([key]) => !key.startsWith("aws:RequestTag/"))),
    ]),
  );

/** Without what a wildcard beside it says already: `s3:GetBucket*` where there is `s3:*Bucket*`. */
const withoutCovered = (actions: string[]): string[] =>
  actions.filter((action) => !actions.some((wider) => wider !== action && pattern(wider).test(action))).toSorted();
const pattern = (action: string): RegExp => new RegExp(`^${action.replaceAll("*", ".*")}$`);

const everywhere = { Effect: "Deny", Action: "*", Resource: "*" } as const;

function guards(): Statement[] {
  return [
    // IAM is global: it answers in us-east-1, wherever the platform's regions are.
    {
      Sid: "OtherRegions",
      Effect: "Deny",
      NotAction: "iam:*",
      Resource: "*",
      Condition: { StringNotEquals: { "aws:RequestedRegion": [...regionSchema.options] } },
    },
    // Whose a thing is, its tags say: a session gives away its own only as what it is, and takes no such tag off.
    // (S3's PutBucketTagging has no such condition key; a bucket is its project's by name.)
    ...sessionTags.map(
      (tag): Statement => ({
        Sid: `Foreign${tag}`,
        ...everywhere,
        Condition: { StringNotEquals: { [`aws:RequestTag/${tag}`]: ofSession(tag) }, Null: { [`aws:RequestTag/${tag}`]: "false" } },
      }),
    ),
    {
      Sid: "KeepOwnership",
      Effect: "Deny",
      Action: ["apigateway:DELETE", "apigateway:Untag*", "dynamodb:Untag*", "iam:Untag*", "lambda:Untag*", "logs:Untag*"],
      Resource: "*",
      Condition: { "ForAnyValue:StringEquals": { "aws:TagKeys": ["ManagedBy", "Project", ...sessionTags] } },
    },
  ];
}
