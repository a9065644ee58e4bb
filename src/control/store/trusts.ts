/** Pipelines that may sign in: which issuer's word for whom counts as which user. */
import type { Selectable } from "kysely";
import type { WorkloadTrust } from "../../contract/access-endpoints.ts";
import { githubIssuer } from "../../contract/access-endpoints.ts";
import type { Role } from "../../contract/roles.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Database, Db, Tx } from "./database.ts";
import { by } from "./projects.ts";
import { transact } from "./transact.ts";
import type { UserManager } from "./users.ts";
import { getUser, refuseAbove } from "./users.ts";

type TrustRow = Selectable<Database["workload_trusts"]>;

const toTrust = (row: TrustRow): WorkloadTrust => ({
  id: row.id,
  tenantId: row.tenant_id,
  userId: row.user_id,
  issuer: row.issuer,
  subject: row.subject,
  role: row.role as Role,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
});

export const listTrusts = async (db: Db | Tx, tenantId: string): Promise<WorkloadTrust[]> =>
  (await db.selectFrom("workload_trusts").selectAll().where("tenant_id", "=", tenantId).orderBy("created_at").execute()).map(toTrust);

/** Errors: `user.not-found`, `role.above`, `role.global_owner` (auth): an issuer is asked over the network, so only the platform names new ones. */
export const addTrust = async (
  db: Db | Tx,
  manager: UserManager,
  trust: { id: string; userId: string; issuer: string; subject: string; role: Role },
): Promise<WorkloadTrust> => {
  refuseAbove(manager, trust.role);
  if (trust.issuer !== githubIssuer && manager.role !== "global_owner") {
    throw new ChartctlError({
      kind: "auth",
      code: "role.global_owner",
      message: `Only the platform's owner may trust an issuer other than ${githubIssuer}`,
    });
  }
  return await transact(db, async (tx) => {
    refuseAbove(manager, (await getUser(tx, manager.tenantId, trust.userId)).role);
    const row: TrustRow = {
      id: trust.id,
      tenant_id: manager.tenantId,
      user_id: trust.userId,
      issuer: trust.issuer,
      subject: trust.subject,
      role: trust.role,
      created_at: manager.now.toISOString(),
      last_used_at: null,
    };
    await tx.insertInto("workload_trusts").values(row).execute();
    await writeAudit(tx, { ...by(manager), action: "workload.trusted", subject: trust.userId, after: toTrust(row) });
    return toTrust(row);
  });
};

/** Error `workload.not-found`. */
export const removeTrust = async (db: Db | Tx, manager: UserManager, id: string): Promise<WorkloadTrust> =>
  await transact(db, async (tx) => {
    const row = await tx.selectFrom("workload_trusts").selectAll().where("id", "=", id).where("tenant_id", "=", manager.tenantId).executeTakeFirst();
    if (!row) throw new ChartctlError({ kind: "not-found", code: "workload.not-found", message: `There is no trusted pipeline ${id}` });
    refuseAbove(manager, row.role as Role);
    await tx.deleteFrom("workload_trusts").where("id", "=", id).execute();
    // What it signed in is over, too.
    const ended = { sessions_from: manager.now.toISOString() };
    await tx.updateTable("users").set(ended).where("tenant_id", "=", row.tenant_id).where("id", "=", row.user_id).execute();
    await writeAudit(tx, { ...by(manager), action: "workload.removed", subject: row.user_id, before: toTrust(row) });
    return toTrust(row);
  });

/** Those of a tenant that name this issuer and subject, whole. */
export const trustsFor = async (db: Db | Tx, tenantId: string, issuer: string): Promise<WorkloadTrust[]> =>
  (await listTrusts(db, tenantId)).filter((trust) => trust.issuer === issuer);

export const noteTrustUse = async (db: Db | Tx, id: string, now: Date): Promise<void> => {
  await db.updateTable("workload_trusts").set({ last_used_at: now.toISOString() }).where("id", "=", id).execute();
};
