/** What projects used in months that are over, by AWS's usage type. */
import Big from "big.js";
import { periodsOf } from "../../core/costs/actual/period.ts";
import type { Bill, UsageAmount } from "../../core/costs/billed/bill.ts";
import type { KnownUsage } from "../../core/costs/billed/usage-months.ts";
import type { Db, Tx } from "./database.ts";

const rowsAtOnce = 2_000;

/** These months are as this bill says from now on. In the caller's transaction. */
export async function writeBilledUsage(tx: Tx, tenantId: string, { usage, openFrom }: Pick<Bill, "usage" | "openFrom">, readAt: Date): Promise<void> {
  if (!usage) return;
  const months = periodsOf(usage, "month");
  for (const table of ["billed_usage", "billed_usage_months"] as const)
    await tx.deleteFrom(table).where("tenant_id", "=", tenantId).where("month", "in", months).execute();
  const rows = rowsOf(tenantId, usage.amounts);
  for (let at = 0; at < rows.length; at += rowsAtOnce)
    await tx
      .insertInto("billed_usage")
      .values(rows.slice(at, at + rowsAtOnce))
      .execute();
  const isOpen = (month: string): boolean => openFrom !== null && openFrom.slice(0, 7) <= month;
  await tx
    .insertInto("billed_usage_months")
    .values(months.map((month) => ({ tenant_id: tenantId, month, source: usage.source, open: isOpen(month) ? 1 : 0, read_at: readAt.toISOString() })))
    .execute();
}

/** One row a usage type, however many of the bill's; nothing is left out but what is nothing. */
function rowsOf(tenantId: string, amounts: UsageAmount[]) {
  const sums = new Map<string, { month: string; project_key: string; service: string; usage_type: string; currency: string; sum: Big; used: Big }>();
  for (const { period: month, key, used, currency, amount } of amounts) {
    const row = { month, project_key: key, service: used.service ?? "", usage_type: used.type, currency };
    const at = JSON.stringify(Object.values(row));
    const known = sums.get(at);
    sums.set(at, { ...row, sum: (known?.sum ?? new Big(0)).plus(amount), used: (known?.used ?? new Big(0)).plus(used.quantity) });
  }
  return [...sums.values()]
    .filter(({ sum, used }) => !sum.eq(0) || !used.eq(0))
    .map(({ sum, used, ...row }) => ({ tenant_id: tenantId, ...row, amount: sum.toFixed(), quantity: used.toFixed() }));
}

/** Of every month that was read so, the oldest first. */
export async function knownUsage(db: Db | Tx, tenantId: string): Promise<KnownUsage[]> {
  const rows = await db.selectFrom("billed_usage_months").selectAll().where("tenant_id", "=", tenantId).orderBy("month").execute();
  return rows.map(({ month, open, read_at }) => ({ month, open: open === 1, readAt: read_at }));
}
