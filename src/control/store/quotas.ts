/** Limits (user over tenant over platform) and what is used of them. */
import type { Limits, OverCostPolicy } from "../../contract/resources.ts";
import { defaultOverCostPolicy } from "../../contract/resources.ts";
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

/** What happens to what passes its limit: the user's own policy, or the tenant's. */
export function policyFrom(overrides: { user_id: string; over_cost: string | null }[], userId: string): OverCostPolicy {
  const override = (owner: string): OverCostPolicy | null => JSON.parse(overrides.find((row) => row.user_id === owner)?.over_cost ?? "null");
  return override(userId) ?? override(wholeTenant) ?? defaultOverCostPolicy;
}

export const policyOf = async (db: Db | Tx, tenantId: string, userId: string): Promise<OverCostPolicy> =>
  policyFrom(await overridesQuery(db, tenantId, userId).execute(), userId);

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

export interface QuotaChange {
  /** Undefined: the whole tenant. */
  userId: string | undefined;
  limits: Partial<Limits>;
  overCost?: Omit<OverCostPolicy, "setAt"> | undefined;
}
export interface QuotaSet {
  limits: Limits;
  overCost: OverCostPolicy;
  version: number;
}

/** What holds afterwards, of the user or of the whole tenant. Errors: `role.admin` (auth), `version.stale` (conflict). */
export async function setLimits(
  db: Db | Tx,
  actor: Actor,
  platform: Limits,
  { userId, limits: change, overCost }: QuotaChange,
  expected?: number,
): Promise<QuotaSet> {
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
    const holds = async (): Promise<Omit<QuotaSet, "version">> => {
      const overrides = await overridesQuery(tx, tenantId, owner).execute();
      return { limits: limitsFrom(overrides, owner, platform), overCost: policyFrom(overrides, owner) };
    };
    const before = await holds();
    const version = row.version + 1;
    const policy = overCost && { over_cost: JSON.stringify({ ...overCost, setAt: actor.now.toISOString() } satisfies OverCostPolicy) };
    await tx
      .updateTable("quotas")
      .set({ limits: JSON.stringify({ ...JSON.parse(row.limits), ...change }), ...policy, version })
      .where("tenant_id", "=", tenantId)
      .where("user_id", "=", owner)
      .execute();
    const after = await holds();
    const audited = ({ limits, overCost }: typeof after) => ({ ...limits, overCost });
    await writeAudit(tx, { ...by(actor), action: "quota.set", subject: userId ?? tenantId, before: audited(before), after: audited(after) });
    return { ...after, version };
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
