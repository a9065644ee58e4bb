/** A role with its trust and one inline policy, standing or gone. */
import { ChartctlError } from "../../../errors.ts";
import type { Outcome, Step } from "../steps.ts";
import { platformTags, policyName } from "./names.ts";
import { foundOrMade, refuseForeign } from "./ours.ts";
import type { PolicyDocument } from "./policy.ts";
import { canonical } from "./policy.ts";
import type { AwsSetup } from "./ports.ts";
import { change } from "./ports.ts";

export interface RoleSpec {
  name: string;
  description: string;
  trust: PolicyDocument;
  policy: PolicyDocument;
}

const roleTitle = (name: string): string => `role ${name}`;

export const roleStands = (aws: AwsSetup, { name, description, trust, policy }: RoleSpec): Step => ({
  name: roleTitle(name),
  run: async (changes) => {
    const create = (): Promise<void> =>
      change(changes, aws, "iam:CreateRole", { RoleName: name, Description: description, AssumeRolePolicyDocument: trust, Tags: platformTags });
    const found = await foundOrMade(roleTitle(name), () => aws.role(name), create);
    let outcome: Outcome = found ? "found" : "made";
    if (found && canonical(found.trust) !== canonical(trust)) {
      await change(changes, aws, "iam:UpdateAssumeRolePolicy", { RoleName: name, PolicyDocument: trust });
      outcome = "changed";
    }
    const given = found?.inline.includes(policyName) ? await aws.rolePolicy(name, policyName) : undefined;
    if (canonical(given) !== canonical(policy)) {
      await change(changes, aws, "iam:PutRolePolicy", { RoleName: name, PolicyName: policyName, PolicyDocument: policy });
      if (found) outcome = "changed";
    }
    // Somebody gave it more rights than it needs: told, because it may be meant.
    const more = found ? [...found.inline.filter((one) => one !== policyName), ...found.attached] : [];
    return more.length > 0 ? { outcome: "waits", detail: `it has other policies, too: ${more.join(", ")}; take them off it if nobody means them` } : outcome;
  },
});

export const roleGone = (aws: AwsSetup, name: string): Step => ({
  name: roleTitle(name),
  run: async (changes) => {
    const found = await aws.role(name);
    if (!found) return "absent";
    refuseForeign(roleTitle(name), found);
    if (found.attached.length > 0) {
      throw new ChartctlError({
        kind: "conflict",
        code: "aws.role-in-use",
        message: `The ${roleTitle(name)} has policies that setup didn't attach: ${found.attached.join(", ")}`,
        hint: `detach them: aws iam detach-role-policy --role-name ${name} --policy-arn ${found.attached[0]}`,
      });
    }
    for (const policy of found.inline) await change(changes, aws, "iam:DeleteRolePolicy", { RoleName: name, PolicyName: policy });
    await change(changes, aws, "iam:DeleteRole", { RoleName: name });
    return "removed";
  },
});
