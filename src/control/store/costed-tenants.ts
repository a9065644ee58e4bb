/** Whose costs are summed: what a removed tenant cost stays in the books, and in every sum of them. */
import { sql } from "kysely";
import type { Db, Tx } from "./database.ts";

export interface CostedTenant {
  id: string;
  removed: boolean;
}

/** Every tenant that there is, and the removed ones that were billed or had booked something on days from `from` up to, not with, `until`. */
export async function costedTenants(db: Db | Tx, { from, until }: { from: string; until: string }): Promise<CostedTenant[]> {
  const there = db.selectFrom("tenants").select("id");
  const removed = sql<number>`1`.as("removed");
  // One statement: a tenant that is removed meanwhile is in it once.
  const rows = await db
    .selectFrom("tenants")
    .select(["id", sql<number>`0`.as("removed")])
    .union(
      db
        .selectFrom("billed_day_sums")
        .select(["tenant_id as id", removed])
        .where("day", ">=", from)
        .where("day", "<", until)
        .where("tenant_id", "not in", there),
    )
    .union(
      db
        .selectFrom("projects")
        .select(["tenant_id as id", removed])
        .where("created_at", "<", until)
        .where((where) => where.or([where("ended_at", "is", null), where("ended_at", ">=", from)]))
        .where("tenant_id", "not in", there),
    )
    .execute();
  return rows.map(({ id, removed }) => ({ id, removed: removed === 1 })).sort((a, b) => (a.id < b.id ? -1 : 1));
}
