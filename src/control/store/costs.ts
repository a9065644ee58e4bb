/** What each day cost: written once a day by the housekeeping, from the bookings' estimates. */
import Big from "big.js";
import { sql } from "kysely";
import type { DailyCost } from "../../contract/cost-endpoints.ts";
import type { BilledSpan } from "./billed-costs.ts";
import type { Db, Tx } from "./database.ts";
import { transact } from "./transact.ts";

export const dayOf = (now: Date): string => now.toISOString().slice(0, 10);
export const daysBefore = (now: Date, days: number): string => dayOf(new Date(now.getTime() - days * 86_400_000));

/**
 * Every booking's share of today; again on the same day, it is corrected. Two statements, however many bookings there are. A month of
 * AWS's price list has 730 hours; whole numbers alone round alike in both databases (24/730 is 48/1460, and 730/1460 is a half).
 */
export async function noteDailyCosts(db: Db, now: Date): Promise<void> {
  await transact(db, async (tx) => {
    await noteProjects(tx, now);
    await noteTenants(tx, dayOf(now));
  });
}

async function noteProjects(db: Tx, now: Date): Promise<void> {
  const share = sql<number>`(cast(monthly_cents as bigint) * 48 + 730) / 1460`;
  await db
    .insertInto("daily_costs")
    .columns(["day", "tenant_id", "user_id", "project_key", "project_id", "source", "cents"])
    .expression((booked) =>
      booked
        .selectFrom("projects")
        .select([sql<string>`${dayOf(now)}`.as("day"), "tenant_id", "user_id", "key", "id", sql<string>`'estimate'`.as("source"), share.as("cents")])
        .where("ended_at", "is", null),
    )
    .onConflict((conflict) =>
      conflict.columns(["day", "project_key", "source"]).doUpdateSet((set) => ({
        tenant_id: set.ref("excluded.tenant_id"),
        user_id: set.ref("excluded.user_id"),
        project_id: set.ref("excluded.project_id"),
        cents: set.ref("excluded.cents"),
      })),
    )
    .execute();
}

/** What the projects of each come to, also those that have ended since. */
async function noteTenants(db: Tx, day: string): Promise<void> {
  await db
    .insertInto("estimated_day_sums")
    .columns(["day", "tenant_id", "cents"])
    .expression((noted) =>
      noted
        .selectFrom("daily_costs")
        .select((of) => ["day", "tenant_id", of.fn.sum<number>("cents").as("cents")])
        .where("day", "=", day)
        .groupBy(["day", "tenant_id"]),
    )
    .onConflict((conflict) => conflict.columns(["day", "tenant_id"]).doUpdateSet((set) => ({ cents: set.ref("excluded.cents") })))
    .execute();
}

/** Of bookings, on days from `from` up to, not with, `until`; a null tenant is every one. */
export async function dailyEstimates(db: Db | Tx, { tenantId, from, until }: BilledSpan): Promise<DailyCost[]> {
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
    source: "estimate",
    cents: row.cents,
    currency: "USD",
    amount: new Big(row.cents).div(100).toFixed(),
  }));
}
