/** The platform's own AWS account, made ready: `chartctl setup aws`. */
import { refuseForeignAccount } from "../../lifecycle/account.ts";
import { boundaryName, boundaryPolicy } from "../../lifecycle/boundary-policy.ts";
import type { Step } from "../steps.ts";
import { boundaryStands } from "./boundary-step.ts";
import { brokerPolicy, brokerTrust, trustedBy } from "./broker-policy.ts";
import type { BudgetWish } from "./budget-step.ts";
import { budgetStands } from "./budget-step.ts";
import { costTagsActive } from "./cost-tags-step.ts";
import { brokerName, provisioningName } from "./names.ts";
import type { AwsSetup } from "./ports.ts";
import type { CredentialHints, Principal } from "./principal.ts";
import { principalOf } from "./principal.ts";
import { provisioningPolicy, provisioningTrust } from "./provisioning-policy.ts";
import type { RoleSpec } from "./role-step.ts";
import { roleStands } from "./role-step.ts";

export interface Account {
  accountId: string;
  /** What the broker trusts. */
  principalArn: string;
}

/**
 * The account that the credentials reach, and what its broker trusts: the one that is given, or the one that it trusts already
 * (an administrator who runs setup again must not lock the platform out), or the caller.
 */
export async function accountOf(
  aws: AwsSetup,
  asked: { accountId: string | undefined; principal: Principal | undefined; hints: CredentialHints },
): Promise<{ accountId: string; principal: Principal }> {
  const { accountId, arn } = await aws.caller();
  refuseForeignAccount(accountId, asked.accountId);
  if (asked.principal) return { accountId, principal: asked.principal };
  const trusted = trustedBy((await aws.role(brokerName))?.trust);
  return { accountId, principal: trusted ?? (await principalOf(arn, asked.hints, (name) => aws.role(name))) };
}

const broker = ({ accountId, principalArn }: Account): RoleSpec => ({
  name: brokerName,
  description: "What chartctl's platform is to AWS: it may become tenants' roles, and do nothing by itself",
  trust: brokerTrust(principalArn),
  policy: brokerPolicy(accountId),
});
const provisioning = ({ accountId }: Account): RoleSpec => ({
  name: provisioningName,
  description: "Projects of tenants in the platform's own account; one project a session",
  trust: provisioningTrust(accountId),
  policy: provisioningPolicy(),
});

/** The boundary before the role that may only make what it limits; the broker before the role that trusts it. */
export const setUpAws = (aws: AwsSetup, account: Account, budget: BudgetWish | undefined): Step[] => [
  boundaryStands(aws, account.accountId),
  roleStands(aws, broker(account)),
  roleStands(aws, provisioning(account)),
  costTagsActive(aws),
  budgetStands(aws, account.accountId, budget),
];

/** The same documents, for whoever reviews them or makes the roles by other means. */
export const policiesOf = (account: Account): Record<string, { trust?: object; policy: object }> => ({
  [boundaryName]: { policy: boundaryPolicy() },
  ...Object.fromEntries([broker(account), provisioning(account)].map(({ name, trust, policy }) => [name, { trust, policy }])),
});
