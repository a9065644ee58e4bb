/** Limits (user over tenant over platform) and what is used of them. */
import type { Limits } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Db, Tx } from "./database.ts";
import type { Actor } from "./projects.ts";

/** The row that holds the tenant's own override. */
const wholeTenant = "";

export async function limitsOf(db: Db | Tx, tenantId: string, userId: string, platform: Limits): Promise<Limits> {
  const rows = await db.selectFrom("quotas").selectAll().where("tenant_id", "=", tenantId).where("user_id", "in", [wholeTenant, userId]).execute();
  const override = (owner: string): Partial<Limits> => JSON.parse(rows.find((row) => row.user_id === owner)?.limits ?? "{}");
  return { ...platform, ...override(wholeTenant), ...override(userId) };
}

/** The limits that hold afterwards, of the user or of the whole tenant. Error `role.admin` (auth). */
export async function setLimits(db: Db, actor: Actor, platform: Limits, userId: string | undefined, change: Partial<Limits>): Promise<Limits> {
  if (!actor.manages) throw new ChartctlError({ kind: "auth", code: "role.admin", message: "Only an admin may change limits" });
  const { tenantId } = actor;
  const owner = userId ?? wholeTenant;
  return await db.transaction().execute(async (tx) => {
    const before = await limitsOf(tx, tenantId, owner, platform);
    const row = await tx.selectFrom("quotas").selectAll().where("tenant_id", "=", tenantId).where("user_id", "=", owner).executeTakeFirst();
    const limits = JSON.stringify({ ...JSON.parse(row?.limits ?? "{}"), ...change });
    await tx
      .insertInto("quotas")
      .values({ tenant_id: tenantId, user_id: owner, limits })
      .onConflict((conflict) => conflict.columns(["tenant_id", "user_id"]).doUpdateSet({ limits }))
      .execute();
    const after = await limitsOf(tx, tenantId, owner, platform);
    await writeAudit(tx, { tenantId, actor: actor.userId, action: "quota.set", subject: userId ?? tenantId, before, after, at: actor.now });
    return after;
  });
}

/** Projects that are booked, and their estimates' sum; `except` leaves one out. */
export async function usedBy(db: Db | Tx, tenantId: string, userId: string, except?: string): Promise<{ projects: number; monthlyCents: number }> {
  const { projects, cents } = await db
    .selectFrom("projects")
    .select((select) => [select.fn.countAll<number>().as("projects"), select.fn.sum<number | null>("monthly_cents").as("cents")])
    .where("tenant_id", "=", tenantId)
    .where("user_id", "=", userId)
    .where("ended_at", "is", null)
    .$if(except !== undefined, (query) => query.where("key", "!=", except as string))
    .executeTakeFirstOrThrow();
  return { projects: Number(projects), monthlyCents: Number(cents ?? 0) };
}
