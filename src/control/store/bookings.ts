/** What was booked in a time: a project's row stays when its booking has ended. */
import type { Limits } from "../../contract/resources.ts";
import type { Booking, ReportBooks } from "../../core/costs/report/report.ts";
import type { Db, Tx } from "./database.ts";
import { limitsFrom } from "./quotas.ts";
import { bookedEstimates } from "./rows.ts";

/** Of days from `from` up to, not with, `until`. */
async function bookingsOf(db: Db | Tx, tenantId: string, { from, until }: { from: string; until: string }): Promise<Booking[]> {
  const rows = await db
    .selectFrom("projects")
    .select(["id", "user_id", "estimates", "ended_at"])
    .where("tenant_id", "=", tenantId)
    .where("created_at", "<", until)
    .where((where) => where.or([where("ended_at", "is", null), where("ended_at", ">=", from)]))
    .orderBy("created_at")
    .orderBy("key")
    .execute();
  return rows.map((row) => ({
    projectId: row.id,
    userId: row.user_id,
    estimates: bookedEstimates(row),
    endedAt: row.ended_at,
  }));
}

/** With the limits of all who booked something, and of all who have some of their own. */
export async function reportBooks(db: Db | Tx, tenantId: string, period: { from: string; until: string }, platform: Limits): Promise<ReportBooks> {
  const bookings = await bookingsOf(db, tenantId, period);
  const overrides = await db.selectFrom("quotas").selectAll().where("tenant_id", "=", tenantId).execute();
  const users = new Set([...bookings.map(({ userId }) => userId), ...overrides.map(({ user_id: userId }) => userId).filter((userId) => userId !== "")]);
  const ofTenant = overrides.filter(({ user_id: userId }) => userId === "");
  const own = new Map(overrides.map((override) => [override.user_id, override]));
  return {
    bookings,
    limits: [...users].sort().map((userId) => {
      const mine = own.get(userId);
      return { userId, userMonthlyCents: limitsFrom(mine ? [...ofTenant, mine] : ofTenant, userId, platform).userMonthlyCents };
    }),
    othersMonthlyCents: limitsFrom(ofTenant, "", platform).userMonthlyCents,
  };
}
