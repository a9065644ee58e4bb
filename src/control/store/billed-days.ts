/** Which days' bills were read, from where, and whether AWS may still change them. */

import { addDays } from "../../core/costs/actual/period.ts";
import type { Bill } from "../../core/costs/billed/bill.ts";
import { isWhole } from "../../core/costs/billed/whole-day.ts";
import type { BilledSpan } from "./billed-costs.ts";
import type { Db, Tx } from "./database.ts";

export interface BilledDay {
  tenantId: string;
  day: string;
  source: "ce" | "cur";
  /** AWS may still change it. */
  open: boolean;
  /** False: it was read so early that a part may be missing. */
  whole: boolean;
  readAt: string;
}

const rowsAtOnce = 2_000;

export async function writeBilledDays(tx: Tx, tenantId: string, { from, until, source, openFrom }: Bill, readAt: Date): Promise<void> {
  await tx.deleteFrom("billed_days").where("tenant_id", "=", tenantId).where("day", ">=", from).where("day", "<", until).execute();
  const rows = [];
  for (let day = from; day < until; day = addDays(day, 1))
    rows.push({
      tenant_id: tenantId,
      day,
      source,
      open: openFrom !== null && day >= openFrom ? 1 : 0,
      whole: isWhole(day, readAt.toISOString()) ? 1 : 0,
      read_at: readAt.toISOString(),
    });
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    await tx
      .insertInto("billed_days")
      .values(rows.slice(at, at + rowsAtOnce))
      .execute();
  }
}

export async function billedDays(db: Db | Tx, { tenantId, from, until }: BilledSpan): Promise<BilledDay[]> {
  const rows = await db
    .selectFrom("billed_days")
    .selectAll()
    .where("day", ">=", from)
    .where("day", "<", until)
    .$if(tenantId !== null, (query) => query.where("tenant_id", "=", tenantId as string))
    .orderBy("tenant_id")
    .orderBy("day")
    .execute();
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    day: row.day,
    source: row.source as BilledDay["source"],
    open: row.open === 1,
    whole: row.whole === 1,
    readAt: row.read_at,
  }));
}

/** What a tenant's books know: the first day that may still change, and the last one that was read. Null: never read. */
export async function knownDays(db: Db | Tx, tenantId: string): Promise<{ first: string; firstOpen: string | null; last: string } | null> {
  const of = db.selectFrom("billed_days").where("tenant_id", "=", tenantId);
  const { first, last } = await of.select((day) => [day.fn.min("day").as("first"), day.fn.max("day").as("last")]).executeTakeFirstOrThrow();
  if (first === null || last === null) return null;
  const open = await of
    .where("open", "=", 1)
    .select((day) => day.fn.min("day").as("first"))
    .executeTakeFirstOrThrow();
  return { first, firstOpen: open.first, last };
}
