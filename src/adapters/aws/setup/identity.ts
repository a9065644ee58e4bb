/** IAM as `setup aws` reads and changes it. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import type { AwsCalls, AwsSetup } from "../../../core/setup/aws/ports.ts";
import { messageOf } from "../../../errors.ts";
import { orAbsent } from "../errors.ts";
import { tagMap } from "../finding.ts";
import { allPages } from "../pages.ts";

/** IAM gives documents URL-encoded (RFC 3986). */
const decoded = (document: string | undefined): unknown => JSON.parse(decodeURIComponent(document ?? "null"));

export const identityReads = (iam: IAMClient): Pick<AwsSetup, "role" | "rolePolicy" | "policy"> => ({
  role: async (RoleName) => {
    const answer = await orAbsent(`read the role ${RoleName}`, () => iam.send(new GetRoleCommand({ RoleName })));
    if (!answer?.Role) return undefined;
    const { Arn = "", Tags, AssumeRolePolicyDocument } = answer.Role;
    const [inline, attached] = await Promise.all([
      allPages(`list the policies of ${RoleName}`, async (Marker) => {
        const page = await iam.send(new ListRolePoliciesCommand({ RoleName, Marker }));
        return { items: page.PolicyNames, next: page.IsTruncated ? page.Marker : undefined };
      }),
      allPages(`list the policies attached to ${RoleName}`, async (Marker) => {
        const page = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker }));
        return { items: page.AttachedPolicies, next: page.IsTruncated ? page.Marker : undefined };
      }),
    ]);
    return { arn: Arn, tags: tagMap(Tags), trust: decoded(AssumeRolePolicyDocument), inline, attached: attached.map(({ PolicyArn = "" }) => PolicyArn) };
  },
  rolePolicy: async (RoleName, PolicyName) => {
    const answer = await orAbsent(`read the policy of ${RoleName}`, () => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })));
    return answer && decoded(answer.PolicyDocument);
  },
  policy: async (PolicyArn) => {
    const answer = await orAbsent(`read the policy ${PolicyArn}`, () => iam.send(new GetPolicyCommand({ PolicyArn })));
    if (!answer?.Policy) return undefined;
    const { DefaultVersionId: VersionId, Tags, AttachmentCount = 0, PermissionsBoundaryUsageCount = 0 } = answer.Policy;
    const versions = await allPages(`list the versions of ${PolicyArn}`, async (Marker) => {
      const page = await iam.send(new ListPolicyVersionsCommand({ PolicyArn, Marker }));
      return { items: page.Versions, next: page.IsTruncated ? page.Marker : undefined };
    });
    const inForce = await orAbsent(`read ${PolicyArn}, version ${VersionId}`, () => iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId })));
    return {
      tags: tagMap(Tags),
      document: decoded(inForce?.PolicyVersion?.Document),
      otherVersions: versions
        .filter(({ IsDefaultVersion }) => !IsDefaultVersion)
        .sort((a, b) => (a.CreateDate?.getTime() ?? 0) - (b.CreateDate?.getTime() ?? 0))
        .map(({ VersionId: id = "" }) => id),
      uses: AttachmentCount + PermissionsBoundaryUsageCount,
    };
  },
});

type Call<Operation extends keyof AwsCalls> = [doing: string, send: (body: AwsCalls[Operation]) => Promise<unknown>];
export type CallsOf<Service extends string> = {
  [Operation in keyof AwsCalls as Operation extends `${Service}:${string}` ? Operation : never]: Call<Operation>;
};

export const identityCalls = (iam: IAMClient): CallsOf<"iam"> => ({
  "iam:CreateRole": [
    "make a role",
    (body) => onceKnown(() => iam.send(new CreateRoleCommand({ ...body, AssumeRolePolicyDocument: JSON.stringify(body.AssumeRolePolicyDocument) }))),
  ],
  "iam:UpdateAssumeRolePolicy": ["change a role's trust", (body) => onceKnown(() => iam.send(new UpdateAssumeRolePolicyCommand(asText(body))))],
  "iam:PutRolePolicy": ["give a role its policy", (body) => iam.send(new PutRolePolicyCommand(asText(body)))],
  "iam:DeleteRolePolicy": ["take a role's policy away", (body) => iam.send(new DeleteRolePolicyCommand(body))],
  "iam:DeleteRole": ["delete a role", (body) => iam.send(new DeleteRoleCommand(body))],
  "iam:CreatePolicy": ["make a policy", (body) => iam.send(new CreatePolicyCommand(asText(body)))],
  "iam:CreatePolicyVersion": ["change a policy", (body) => iam.send(new CreatePolicyVersionCommand(asText(body)))],
  "iam:DeletePolicyVersion": ["delete an old version of a policy", (body) => iam.send(new DeletePolicyVersionCommand(body))],
  "iam:DeletePolicy": ["delete a policy", (body) => iam.send(new DeletePolicyCommand(body))],
});

const asText = <Body extends { PolicyDocument: object }>(body: Body) => ({ ...body, PolicyDocument: JSON.stringify(body.PolicyDocument) });

/** IAM is eventually consistent: a principal that was made a moment ago may be unknown to the next call. */
async function onceKnown<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      if (tries === 10 || !/^MalformedPolicyDocument/.test((error as Error).name) || !/invalid principal/i.test(messageOf(error))) throw error;
      await sleep(2_000);
    }
  }
}
