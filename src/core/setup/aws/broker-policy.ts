/** The broker: what the platform is, and all that it may do by itself. */
import { provisioningName, roleArn, tenantRoles } from "./names.ts";
import type { PolicyDocument } from "./policy.ts";
import { canonical, policyOf } from "./policy.ts";
import type { Principal } from "./principal.ts";
import { isPrincipal } from "./principal.ts";

/** One principal, exactly: `:root` would trust whoever the account's administrators let assume roles. */
export const brokerTrust = (principalArn: string): PolicyDocument =>
  policyOf([{ Sid: "Platform", Effect: "Allow", Principal: { AWS: principalArn }, Action: "sts:AssumeRole" }]);

/** Whom a broker's trust names, if it is one that setup made, and names a user or role that still exists (IAM shows an id otherwise). */
export function trustedBy(trust: unknown): Principal | undefined {
  const [statement] = [(trust as Partial<PolicyDocument> | undefined)?.Statement ?? []].flat();
  const arn = statement?.Principal?.AWS;
  if (arn === undefined || !isPrincipal(arn) || canonical(trust) !== canonical(brokerTrust(arn))) return undefined;
  return { arn, how: "as the broker trusts already; --principal changes it" };
}

/** True of a trust of setup's own whose user or role is gone: IAM shows the id that it had. */
export const trustsNobody = (trust: unknown): boolean => {
  const [statement] = [(trust as Partial<PolicyDocument> | undefined)?.Statement ?? []].flat();
  const id = statement?.Principal?.AWS;
  return typeof id === "string" && /^A[A-Z0-9]{15,}$/.test(id) && canonical(trust) === canonical(brokerTrust(id));
};

/**
 * Nothing but to become a tenant's role, with session tags. Roles of the path alone: `tenants add` takes any role's ARN, but
 * a role elsewhere, which trusts the whole account by mistake, must not be open to the platform by a typing error.
 * Which tenant's role it is, and that the tenant agrees, is the role's own trust policy: principal and external ID.
 */
export const brokerPolicy = (accountId: string): PolicyDocument =>
  policyOf([
    { Sid: "BecomeTenants", Effect: "Allow", Action: ["sts:AssumeRole", "sts:TagSession"], Resource: [tenantRoles, roleArn(accountId, provisioningName)] },
  ]);
