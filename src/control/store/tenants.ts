/** Tenants and their connections. */
import type { Tenant } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Db, Tx } from "./database.ts";
import { toTenant } from "./rows.ts";
import type { Seal } from "./seal.ts";
import { excludeWriters, transact } from "./transact.ts";

export interface TenantConnection {
  roleArn: string | null;
  accountId: string | null;
  externalId: string;
  /** The new one of an overlap. */
  nextExternalId: string | null;
  billing: Tenant["billing"];
}

/** The platform's own people: a tenant of that name can't be made. */
export const platformTenant = "platform";

/** Also none of the path of the tenants' own roles (core/tenants/tenant-role.ts). */
const reserved = [platformTenant, "tenants"];

export const listTenants = async (db: Db): Promise<Tenant[]> => (await db.selectFrom("tenants").selectAll().orderBy("id").execute()).map(toTenant);

/** Error `tenant.not-found`. */
export async function getTenant(db: Db | Tx, id: string): Promise<Tenant> {
  const row = await db.selectFrom("tenants").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw unknownTenant(id);
  return toTenant(row);
}

/** Errors: `tenant.exists`, `tenant.role-taken`, `tenant.account-taken`, `tenant.id-used` (conflict), `tenant.reserved` (usage). The external ID is the platform's choice, one a tenant, stored sealed. */
export async function addTenant(
  db: Db | Tx,
  seal: Seal,
  tenant: {
    id: string;
    roleArn: string | null;
    accountId: string | null;
    externalId: string;
    actor: string;
    now: Date;
    requestId: string;
    /** An id that was removed may come back: nobody but the operator sees its history. */
    reusable: boolean;
  },
): Promise<Tenant> {
  const row = {
    id: tenant.id,
    role_arn: tenant.roleArn,
    account_id: accountOf(tenant),
    external_id: seal.seal(tenant.externalId, externalIdContext(tenant.id)),
    next_external_id: null,
    rotating_since: null,
    billing_table: null,
    billing_since: null,
    created_at: tenant.now.toISOString(),
    version: 1,
  };
  if (reserved.includes(tenant.id)) {
    throw new ChartctlError({ kind: "usage", code: "tenant.reserved", message: `The id ${tenant.id} is the platform's own`, hint: "choose another one" });
  }
  return await transact(db, async (tx) => {
    await excludeWriters(tx, "tenants");
    await refuseShared(tx, row);
    if (!tenant.reusable) await refuseUsed(tx, tenant.id);
    await tx.deleteFrom("quotas").where("tenant_id", "=", tenant.id).execute(); // of one that was removed
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto("tenants")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (!numInsertedOrUpdatedRows) {
      throw new ChartctlError({ kind: "conflict", code: "tenant.exists", message: `Tenant ${tenant.id} exists already`, hint: "see it: chartctl tenants" });
    }
    const added = toTenant(row);
    await writeAudit(tx, {
      tenantId: row.id,
      actor: tenant.actor,
      action: "tenant.added",
      subject: row.id,
      after: added,
      at: tenant.now,
      requestId: tenant.requestId,
    });
    return added;
  });
}

export async function tenantConnection(db: Db | Tx, seal: Seal, id: string): Promise<TenantConnection> {
  const row = await db.selectFrom("tenants").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw unknownTenant(id);
  const open = (sealed: string): string => seal.open(sealed, externalIdContext(id));
  return {
    roleArn: row.role_arn,
    accountId: row.account_id,
    externalId: open(row.external_id),
    nextExternalId: row.next_external_id === null ? null : open(row.next_external_id),
    billing: toTenant(row).billing,
  };
}

/** The account that is named must be the role's. Error `tenant.account-mismatch` (usage). */
export function accountOf({ roleArn, accountId }: { roleArn: string | null; accountId?: string | null | undefined }): string | null {
  const ofRole = roleArn?.split(":")[4] ?? null;
  if (!accountId || ofRole === null || ofRole === accountId) return accountId ?? ofRole;
  throw new ChartctlError({
    kind: "usage",
    code: "tenant.account-mismatch",
    message: `The role ${roleArn} is in account ${ofRole}, not in ${accountId}`,
    hint: "name the account of the role, or leave it out",
  });
}

/**
 * Two tenants with one role or account could reach each other's things. Under a lock on the table.
 * Errors: `tenant.role-taken`, `tenant.account-taken` (conflict).
 */
export async function refuseShared(tx: Tx, row: { id: string; role_arn: string | null; account_id: string | null }): Promise<void> {
  const { id, role_arn, account_id } = row;
  const others = await tx.selectFrom("tenants").select(["id", "role_arn", "account_id"]).where("id", "!=", id).execute();
  const taken = (what: "role" | "account", value: string, by: string): ChartctlError =>
    new ChartctlError({
      kind: "conflict",
      code: `tenant.${what}-taken`,
      message: `The ${what} ${value} is that of tenant ${by}`,
      hint: `each tenant has ${what === "role" ? "a role" : "an AWS account"} of its own; see: chartctl tenants`,
      details: { [what]: value, tenant: by },
    });
  const sameRole = others.find((other) => role_arn !== null && other.role_arn === role_arn);
  if (role_arn !== null && sameRole) throw taken("role", role_arn, sameRole.id);
  const sameAccount = others.find((other) => account_id !== null && other.account_id === account_id);
  if (account_id !== null && sameAccount) throw taken("account", account_id, sameAccount.id);
}

/** Whoever gets the id would see its costs and its audit. Error `tenant.id-used` (conflict). */
async function refuseUsed(tx: Tx, id: string): Promise<void> {
  const removed = await tx.selectFrom("audit").select("sequence").where("tenant_id", "=", id).where("action", "=", tenantRemoved).limit(1).executeTakeFirst();
  if (!removed) return;
  throw new ChartctlError({
    kind: "conflict",
    code: "tenant.id-used",
    message: `Tenant ${id} was removed, and its history keeps the id`,
    hint: "choose another id",
  });
}

export const tenantRemoved = "tenant.removed";

export const externalIdContext = (id: string): string => `tenant/${id}/external-id`;

export const unknownTenant = (id: string): ChartctlError =>
  new ChartctlError({
    kind: "not-found",
    code: "tenant.not-found",
    message: `Tenant ${id} does not exist`,
    hint: `see which there are: chartctl tenants; or connect it: chartctl tenants connect ${id}`,
  });
