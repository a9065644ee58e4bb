/** What each day cost: written once a day by the housekeeping, from the bookings' estimates. */
import type { DailyCost } from "../../contract/cost-endpoints.ts";
import type { Db, Tx } from "./database.ts";

/** A month of AWS's price list has 730 hours. */
const daysAMonth = 730 / 24;

export const dayOf = (now: Date): string => now.toISOString().slice(0, 10);
export const daysBefore = (now: Date, days: number): string => dayOf(new Date(now.getTime() - days * 86_400_000));

/** Every booking's share of today; again on the same day, it is corrected. */
export async function noteDailyCosts(db: Db, now: Date): Promise<void> {
  const projects = await db.selectFrom("projects").selectAll().where("ended_at", "is", null).execute();
  for (const project of projects) {
    const row = {
      tenant_id: project.tenant_id,
      user_id: project.user_id,
      project_id: project.id,
      cents: Math.round(project.monthly_cents / daysAMonth),
    };
    await db
      .insertInto("daily_costs")
      .values({ day: dayOf(now), project_key: project.key, source: "estimate", ...row })
      .onConflict((conflict) => conflict.columns(["day", "project_key", "source"]).doUpdateSet(row))
      .execute();
  }
}

/** Of days from `from` up to, not with, `until`; null is every tenant. */
export async function dailyCosts(db: Db | Tx, tenantId: string | null, from: string, until: string): Promise<DailyCost[]> {
  const rows = await db
    .selectFrom("daily_costs")
    .selectAll()
    .where("day", ">=", from)
    .where("day", "<", until)
    .$if(tenantId !== null, (query) => query.where("tenant_id", "=", tenantId as string))
    .orderBy("day")
    .orderBy("project_id")
    .execute();
  return rows.map((row) => ({
    day: row.day,
    tenantId: row.tenant_id,
    userId: row.user_id,
    projectId: row.project_id,
    source: row.source as DailyCost["source"],
    cents: row.cents,
  }));
}

/** Every day of the time, also those without cost. */
export function perDay(costs: DailyCost[], from: string, until: string): { day: string; cents: number }[] {
  const sums = new Map<string, number>();
  for (const { day, cents } of costs) sums.set(day, (sums.get(day) ?? 0) + cents);
  const days: { day: string; cents: number }[] = [];
  for (let at = new Date(`${from}T00:00:00Z`); dayOf(at) < until; at = new Date(at.getTime() + 86_400_000)) {
    days.push({ day: dayOf(at), cents: sums.get(dayOf(at)) ?? 0 });
  }
  return days;
}
