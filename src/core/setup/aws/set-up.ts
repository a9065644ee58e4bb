/** The platform's own AWS account, made ready: `chartctl setup aws`. */
import { ChartctlError } from "../../../errors.ts";
import { refuseForeignAccount } from "../../lifecycle/account.ts";
import { boundaryName, boundaryPolicy } from "../../lifecycle/boundary-policy.ts";
import type { Step } from "../steps.ts";
import { boundaryStands } from "./boundary-step.ts";
import { brokerPolicy, brokerTrust, trustedBy, trustsNobody } from "./broker-policy.ts";
import type { BudgetWish } from "./budget-step.ts";
import { budgetStands } from "./budget-step.ts";
import { costTagsActive } from "./cost-tags-step.ts";
import { brokerName, isOurs, provisioningName } from "./names.ts";
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
 * (an administrator who runs setup again must not lock the platform out), or the caller. Error also: `aws.broker-trust`
 * (conflict), when the broker trusts somebody in another way than setup writes it.
 */
export async function accountOf(
  aws: AwsSetup,
  asked: { accountId: string | undefined; principal: Principal | undefined; hints: CredentialHints },
): Promise<{ accountId: string; principal: Principal }> {
  const { accountId, arn } = await aws.caller();
  refuseForeignAccount(accountId, asked.accountId);
  if (asked.principal) return { accountId, principal: asked.principal };
  const broker = await aws.role(brokerName);
  const trusted = trustedBy(broker?.trust);
  if (!trusted && broker && isOurs(broker.tags) && !trustsNobody(broker.trust)) throw otherTrust();
  return { accountId, principal: trusted ?? (await principalOf(arn, asked.hints, (name) => aws.role(name))) };
}

const otherTrust = (): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "aws.broker-trust",
    message: `The trust policy of ${brokerName} was changed by hand, and whom the platform works as can't be told from it`,
    hint: "name that user or role, and nobody else will be trusted: chartctl setup aws --principal ARN",
  });

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
