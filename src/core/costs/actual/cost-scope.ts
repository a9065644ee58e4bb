/** Which part of an account's bill is a tenant's. */

interface KnownTenant {
  id: string;
  roleArn: string | null;
  accountId: string | null;
}

const accountOf = ({ roleArn, accountId }: KnownTenant): string | undefined => accountId ?? roleArn?.split(":")[4];

/**
 * A tenant with an account of its own has its whole bill, untagged costs too. Where others are in the same account, or it is
 * the platform's, only what is tagged is the tenant's.
 */
export function sharesAccount(tenantId: string, tenants: KnownTenant[]): boolean {
  const own = tenants.find(({ id }) => id === tenantId);
  if (!own?.roleArn) return true; // the platform's role, or the operator's own account
  return tenants.some((other) => other.id !== tenantId && accountOf(other) === accountOf(own));
}
