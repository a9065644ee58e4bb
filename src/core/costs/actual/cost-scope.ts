/** Which part of an account's bill is a tenant's, and which tenants have an account together. */

export interface KnownTenant {
  id: string;
  roleArn: string | null;
  accountId: string | null;
}

const accountOf = ({ roleArn, accountId }: KnownTenant): string | undefined => accountId ?? roleArn?.split(":")[4];

/**
 * A tenant with an account of its own has its whole bill, untagged costs too. Where others are in the same account, or it is
 * the platform's, only what is tagged is the tenant's. A tenant whose account the books don't know may be in anyone's: it is
 * in the operator's own, and nobody is told another's costs because the books can't say which one that is.
 */
export function sharesAccount(tenantId: string, tenants: readonly KnownTenant[]): boolean {
  const own = tenants.find(({ id }) => id === tenantId);
  if (!own?.roleArn) return true; // the platform's role, or the operator's own account
  const others = tenants.filter(({ id }) => id !== tenantId).map(accountOf);
  return others.some((account) => account === undefined || account === accountOf(own));
}

export interface TenantsAccount<Tenant> {
  /** Null: the operator's own, whichever that is. */
  accountId: string | null;
  tenants: Tenant[];
  /** Its bill has parts that are no tenant's; an account that is one tenant's alone has none. */
  shared: boolean;
}

/** In their order. `own`: the account where tenants without a role are; null where nobody has to know. */
export function accountsOf<Tenant extends KnownTenant>(tenants: readonly Tenant[], own: string | null): TenantsAccount<Tenant>[] {
  const accounts = new Map<string | null, Tenant[]>();
  for (const tenant of tenants) {
    const accountId = accountOf(tenant) ?? own;
    accounts.set(accountId, [...(accounts.get(accountId) ?? []), tenant]);
  }
  return [...accounts].map(([accountId, inIt]) => ({ accountId, tenants: inIt, shared: inIt.length > 1 || inIt.some(({ roleArn }) => !roleArn) }));
}

/** Tenants without a role may be in an account that others name: who the operator is decides it. */
export const needsOwnAccount = (tenants: readonly KnownTenant[]): boolean =>
  tenants.some((tenant) => accountOf(tenant) === undefined) && tenants.some((tenant) => accountOf(tenant) !== undefined);
