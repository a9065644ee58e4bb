/** One row an owner: locked while a booking is decided, and while their costs are. */
import type { UserOverCost } from "../../core/costs/limits/over-limit.ts";
import type { Db, Tx } from "./database.ts";

/** On PostgreSQL this row lock orders parallel bookings of one owner; on SQLite the whole transaction does. */
export const accountLock = (tx: Tx, tenantId: string, userId: string) =>
  tx
    .insertInto("accounts")
    .values({ tenant_id: tenantId, user_id: userId, version: 1 })
    .onConflict((conflict) => conflict.columns(["tenant_id", "user_id"]).doUpdateSet((set) => ({ version: set("accounts.version", "+", 1) })))
    .returning("over_cost");

export const userOverCost = (row: { over_cost: string | null } | undefined): UserOverCost | null => JSON.parse(row?.over_cost ?? "null");

export const overCostOf = async (db: Db | Tx, tenantId: string, userId: string): Promise<UserOverCost | null> =>
  userOverCost(await db.selectFrom("accounts").select("over_cost").where("tenant_id", "=", tenantId).where("user_id", "=", userId).executeTakeFirst());
