/** Tenants and their connections. */
import type { Tenant } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Db, Tx } from "./database.ts";
import { toTenant } from "./rows.ts";
import type { Seal } from "./seal.ts";
import { transact } from "./transact.ts";

/** The platform's own people: a tenant of that name can't be made. */
export const platformTenant = "platform";

export const listTenants = async (db: Db): Promise<Tenant[]> => (await db.selectFrom("tenants").selectAll().orderBy("id").execute()).map(toTenant);

/** Error `tenant.not-found`. */
export async function getTenant(db: Db | Tx, id: string): Promise<Tenant> {
  const row = await db.selectFrom("tenants").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw unknownTenant(id);
  return toTenant(row);
}

/** Error `tenant.exists` (conflict). The external ID is the platform's choice, one a tenant, stored sealed. */
export async function addTenant(
  db: Db | Tx,
  seal: Seal,
  tenant: { id: string; roleArn: string | null; accountId: string | null; externalId: string; actor: string; now: Date; requestId: string },
): Promise<Tenant> {
  const row = {
    id: tenant.id,
    role_arn: tenant.roleArn,
    account_id: tenant.accountId ?? tenant.roleArn?.split(":")[4] ?? null,
    external_id: seal.seal(tenant.externalId, externalIdContext(tenant.id)),
    created_at: tenant.now.toISOString(),
    version: 1,
  };
  if (tenant.id === platformTenant) {
    throw new ChartctlError({ kind: "usage", code: "tenant.reserved", message: `The id ${platformTenant} is the platform's own`, hint: "choose another one" });
  }
  return await transact(db, async (tx) => {
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

export async function tenantConnection(db: Db | Tx, seal: Seal, id: string): Promise<{ roleArn: string | null; accountId: string | null; externalId: string }> {
  const row = await db.selectFrom("tenants").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw unknownTenant(id);
  return { roleArn: row.role_arn, accountId: row.account_id, externalId: seal.open(row.external_id, externalIdContext(id)) };
}

export const externalIdContext = (id: string): string => `tenant/${id}/external-id`;

const unknownTenant = (id: string): ChartctlError =>
  new ChartctlError({ kind: "not-found", code: "tenant.not-found", message: `Tenant ${id} does not exist`, hint: `add it: chartctl tenants add ${id}` });
