/** Tenants whose bill says nothing of projects, though some are booked: no limit can act there. */
import { addMonths } from "../../core/costs/actual/period.ts";
import type { Db, Tx } from "./database.ts";

/** In the month so far or the one before: on a month's first days its bill may have nothing but what is nobody's. */
export async function untaggedTenants(db: Db | Tx, month: string): Promise<string[]> {
  const months = [month, addMonths(`${month}-01`, -1).slice(0, 7)];
  const sums = () => db.selectFrom("billed_month_sums").select("tenant_id").where("month", "in", months).where("dimension", "=", "project");
  const rows = await db
    .selectFrom("tenants")
    .select("id")
    .where("id", "in", db.selectFrom("projects").select("tenant_id").where("ended_at", "is", null))
    .where("id", "in", sums().where("amount", "!=", "0"))
    .where("id", "not in", sums().where("key", "!=", ""))
    .orderBy("id")
    .execute();
  return rows.map(({ id }) => id);
}
