/** What each day cost on all of the platform, in dollars: as billed where a tenant's day is known as a whole, and as estimated elsewhere. */
import Big from "big.js";
import { sql } from "kysely";
import type { CostOverview } from "../../contract/cost-overview.ts";
import { addDays } from "../../core/costs/actual/period.ts";
import { nearestCents } from "../../core/money.ts";
import type { Db, Tx } from "./database.ts";
import { onPostgres } from "./transact.ts";

type PlatformDay = CostOverview["days"][number];
type Days = [from: string, until: string];

export async function platformDays(db: Db | Tx, from: string, until: string): Promise<PlatformDay[]> {
  const [billed, whole, estimated] = await Promise.all([billedPerDay(db, [from, until]), wholeDays(db, [from, until]), estimatedPerDay(db, [from, until])]);
  const days: PlatformDay[] = [];
  for (let day = from; day < until; day = addDays(day, 1)) {
    const { cents, open, openParts } = estimated.get(day) ?? { cents: 0, open: 0, openParts: 0 };
    days.push({
      day,
      cents: nearestCents(billed.get(day) ?? new Big(0)) + open,
      estimatedCents: cents,
      billed: !whole.has(day) ? "none" : openParts === 0 ? "all" : "some",
    });
  }
  return days;
}

/** Of the tenants whose day is billed as a whole. All of a day comes in one row: a year of a thousand tenants is no list to hold. */
async function billedPerDay(db: Db | Tx, [from, until]: Days): Promise<Map<string, Big>> {
  // PostgreSQL adds exact decimals itself.
  const parts = onPostgres(db) ? sql<string>`sum(amount::numeric)::text` : sql<string>`group_concat(amount, ' ')`;
  const rows = await db
    .selectFrom("billed_day_sums")
    .select(["day", parts.as("amounts")])
    .where("day", ">=", from)
    .where("day", "<", until)
    .where("currency", "=", "USD")
    .where("whole", "=", 1)
    .groupBy("day")
    .execute();
  return new Map(rows.map(({ day, amounts }) => [day, amounts.split(" ").reduce((sum, amount) => sum.plus(amount), new Big(0))]));
}

/** Days that one tenant's bill has as a whole, at least. */
async function wholeDays(db: Db | Tx, [from, until]: Days): Promise<Set<string>> {
  const rows = await db.selectFrom("billed_days").select("day").distinct().where("day", ">=", from).where("day", "<", until).where("whole", "=", 1).execute();
  return new Set(rows.map(({ day }) => day));
}

/** `open`: of tenants whose day isn't billed as a whole. */
async function estimatedPerDay(db: Db | Tx, [from, until]: Days): Promise<Map<string, { cents: number; open: number; openParts: number }>> {
  const whole = sql`coalesce(days.whole, 0)`;
  const rows = await db
    .selectFrom("estimated_day_sums as estimates")
    .leftJoin("billed_days as days", (join) => join.onRef("days.tenant_id", "=", "estimates.tenant_id").onRef("days.day", "=", "estimates.day"))
    .select([
      "estimates.day",
      sql<number | string>`sum(cents)`.as("cents"),
      sql<number | string>`sum(cents * (1 - ${whole}))`.as("open"),
      sql<number | string>`sum(1 - ${whole})`.as("openParts"),
    ])
    .where("estimates.day", ">=", from)
    .where("estimates.day", "<", until)
    .groupBy("estimates.day")
    .execute();
  return new Map(rows.map(({ day, cents, open, openParts }) => [day, { cents: Number(cents), open: Number(open), openParts: Number(openParts) }]));
}
