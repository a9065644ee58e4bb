/** The permissions boundary of the account, standing or gone; a provision makes it, too, where setup hasn't run. */
import { ChartctlError } from "../../../errors.ts";
import { boundaryArn, boundaryName, boundaryPolicy, boundaryRequest } from "../../lifecycle/boundary-policy.ts";
import type { Step } from "../steps.ts";
import { foundOrMade, refuseForeign } from "./ours.ts";
import { canonical } from "./policy.ts";
import type { AwsSetup } from "./ports.ts";
import { change } from "./ports.ts";

/** IAM keeps five versions of a managed policy. */
const mostOtherVersions = 4;
const title = `policy ${boundaryName}`;

export const boundaryStands = (aws: AwsSetup, accountId: string): Step => ({
  name: title,
  run: async (changes) => {
    const PolicyArn = boundaryArn(accountId);
    const PolicyDocument = boundaryPolicy();
    const create = (): Promise<void> => change(changes, aws, "iam:CreatePolicy", { ...boundaryRequest, PolicyDocument });
    const found = await foundOrMade(title, () => aws.policy(PolicyArn), create);
    if (!found) return "made";
    if (canonical(found.document) === canonical(PolicyDocument)) return "found";
    const [oldest] = found.otherVersions;
    if (oldest !== undefined && found.otherVersions.length >= mostOtherVersions) {
      await change(changes, aws, "iam:DeletePolicyVersion", { PolicyArn, VersionId: oldest });
    }
    await change(changes, aws, "iam:CreatePolicyVersion", { PolicyArn, PolicyDocument, SetAsDefault: true });
    return "changed";
  },
});

export const boundaryGone = (aws: AwsSetup, accountId: string): Step => ({
  name: title,
  run: async (changes) => {
    const PolicyArn = boundaryArn(accountId);
    const found = await aws.policy(PolicyArn);
    if (!found) return "absent";
    refuseForeign(title, found);
    if (found.uses > 0) {
      throw new ChartctlError({
        kind: "conflict",
        code: "aws.boundary-in-use",
        message: `The ${title} still limits ${found.uses} ${found.uses === 1 ? "role" : "roles"} of account ${accountId}, which no book knows of`,
        hint: "find them: chartctl cleanup --all-tenants --unbooked --dry-run",
      });
    }
    for (const VersionId of found.otherVersions) await change(changes, aws, "iam:DeletePolicyVersion", { PolicyArn, VersionId });
    await change(changes, aws, "iam:DeletePolicy", { PolicyArn });
    return "removed";
  },
});
