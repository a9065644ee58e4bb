/** IAM: the project's roles with their inline policies, and policies under the tenant's path. */
import { GetRoleCommand, IAMClient, ListPoliciesCommand, ListRolePoliciesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { iamPath, namePrefix } from "../../../core/names.ts";
import type { Finding } from "../../../core/ports.ts";
import { clientSettings } from "../clients.ts";
import { orAbsent } from "../errors.ts";
import { adoptionOf, declaredUnder, isOurs, onlyAdoption, tagMap } from "../finding.ts";
import { allPages } from "../pages.ts";
import type { ReadKind } from "./kind.ts";

export const readRoles: ReadKind = async ({ env, identity, credentials, declared, now }) => {
  const iam = new IAMClient(clientSettings(env, "IAM", identity.region, credentials));
  const PathPrefix = iamPath(identity.tenantId);
  const prefix = namePrefix(identity.projectKey);
  const at = now();
  const wanted = declared("aws_iam_role").map(({ attributes }) => String(attributes.name));
  const [listed, policies] = await Promise.all([
    allPages("list roles", async (Marker) => {
      const page = await iam.send(new ListRolesCommand({ PathPrefix, Marker }));
      return { items: page.Roles, next: page.IsTruncated ? page.Marker : undefined };
    }),
    allPages("list policies", async (Marker) => {
      const page = await iam.send(new ListPoliciesCommand({ PathPrefix, Scope: "Local", Marker }));
      return { items: page.Policies, next: page.IsTruncated ? page.Marker : undefined };
    }),
  ]);
  const names = [...new Set([...wanted, ...listed.flatMap(({ RoleName = "" }) => (RoleName.startsWith(prefix) ? [RoleName] : []))])];
  const found = await Promise.all(
    names.map(async (RoleName): Promise<Finding[]> => {
      const answer = await orAbsent(`read the role ${RoleName}`, () => iam.send(new GetRoleCommand({ RoleName })));
      if (!answer?.Role) return [];
      const ours = isOurs(identity, tagMap(answer.Role.Tags));
      const inline = await orAbsent(`list the policies of ${RoleName}`, () => iam.send(new ListRolePoliciesCommand({ RoleName })));
      const itself = declared("aws_iam_role").filter(({ attributes }) => attributes.name === RoleName);
      return [
        { kind: "IAM role", name: RoleName, ours, ...adoptionOf(declared("aws_iam_role"), "name", RoleName, RoleName) },
        ...(inline?.PolicyNames ?? []).map((policy) => ({
          kind: "IAM role policy",
          name: `${RoleName}/${policy}`,
          ours,
          ...onlyAdoption(
            declaredUnder(declared("aws_iam_role_policy"), "role", RoleName, itself).filter(({ attributes }) => attributes.name === policy),
            `${RoleName}:${policy}`,
          ),
        })),
      ];
    }),
  );
  return [
    { kind: "IAM role", asked: `iam:GetRole ${wanted.join(", ")}, iam:ListRoles ${PathPrefix}${prefix}*`, at, findings: found.flat() },
    {
      kind: "IAM policy",
      asked: `iam:ListPolicies ${PathPrefix}${prefix}*`,
      at,
      findings: policies.filter(({ PolicyName = "" }) => PolicyName.startsWith(prefix)).map(({ Arn = "" }) => ({ kind: "IAM policy", name: Arn, ours: true })),
    },
  ];
};
