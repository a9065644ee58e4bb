/** Limits (user over tenant over platform) and what is used of them. */
import type { Limits } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Db, Tx } from "./database.ts";
import type { Actor } from "./projects.ts";
import { by } from "./projects.ts";
import { refuseStale } from "./stale.ts";
import { forUpdate, transact } from "./transact.ts";

/** The row that holds the tenant's own override. */
const wholeTenant = "";

/** The overrides of a user and of their tenant. */
export const overridesQuery = (db: Db | Tx, tenantId: string, userId: string) =>
  db.selectFrom("quotas").selectAll().where("tenant_id", "=", tenantId).where("user_id", "in", [wholeTenant, userId]);

export function limitsFrom(overrides: { user_id: string; limits: string }[], userId: string, platform: Limits): Limits {
  const override = (owner: string): Partial<Limits> => JSON.parse(overrides.find((row) => row.user_id === owner)?.limits ?? "{}");
  return { ...platform, ...override(wholeTenant), ...override(userId) };
}

export const limitsOf = async (db: Db | Tx, tenantId: string, userId: string, platform: Limits): Promise<Limits> =>
  limitsFrom(await overridesQuery(db, tenantId, userId).execute(), userId, platform);

/** The override that is stored for a user (or, without one, the tenant): what an update starts from. */
export async function overrideOf(db: Db | Tx, tenantId: string, userId: string | undefined): Promise<{ limits: Partial<Limits>; version: number }> {
  const row = await db
    .selectFrom("quotas")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("user_id", "=", userId ?? wholeTenant)
    .executeTakeFirst();
  return { limits: JSON.parse(row?.limits ?? "{}"), version: row?.version ?? 0 };
}

/** The limits that hold afterwards, of the user or of the whole tenant. Errors: `role.admin` (auth), `version.stale` (conflict). */
export async function setLimits(
  db: Db | Tx,
  actor: Actor,
  platform: Limits,
  userId: string | undefined,
  change: Partial<Limits>,
  expected?: number,
): Promise<{ limits: Limits; version: number }> {
  if (!actor.manages) throw new ChartctlError({ kind: "auth", code: "role.admin", message: "Only an admin may change limits" });
  const { tenantId } = actor;
  const owner = userId ?? wholeTenant;
  return await transact(db, async (tx) => {
    const mine = { tenant_id: tenantId, user_id: owner };
    const inserted = tx.insertInto("quotas").values({ ...mine, limits: "{}", version: 0 });
    await inserted.onConflict((conflict) => conflict.doNothing()).execute();
    const row = await tx
      .selectFrom("quotas")
      .selectAll()
      .where("tenant_id", "=", tenantId)
      .where("user_id", "=", owner)
      .$call(forUpdate(tx))
      .executeTakeFirstOrThrow();
    refuseStale(row, expected);
    const before = await limitsOf(tx, tenantId, owner, platform);
    const version = row.version + 1;
    await tx
      .updateTable("quotas")
      .set({ limits: JSON.stringify({ ...JSON.parse(row.limits), ...change }), version })
      .where("tenant_id", "=", tenantId)
      .where("user_id", "=", owner)
      .execute();
    const limits = await limitsOf(tx, tenantId, owner, platform);
    await writeAudit(tx, { ...by(actor), action: "quota.set", subject: userId ?? tenantId, before, after: limits });
    return { limits, version };
  });
}

/** Projects that are booked, and their estimates' sum; a project of the id `except` is left out. */
export const usedQuery = (db: Db | Tx, tenantId: string, userId: string, except = "") =>
  db
    .selectFrom("projects")
    .select((select) => [select.fn.countAll<number>().as("projects"), select.fn.sum<number | null>("monthly_cents").as("cents")])
    .where("tenant_id", "=", tenantId)
    .where("user_id", "=", userId)
    .where("ended_at", "is", null)
    .where("id", "!=", except);

export const usedFrom = (row: { projects: number; cents: number | null } | undefined): { projects: number; monthlyCents: number } => ({
  projects: Number(row?.projects ?? 0),
  monthlyCents: Number(row?.cents ?? 0),
});

export const usedBy = async (db: Db | Tx, tenantId: string, userId: string): Promise<{ projects: number; monthlyCents: number }> =>
  usedFrom(await usedQuery(db, tenantId, userId).executeTakeFirst());
