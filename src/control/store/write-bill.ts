/** A bill into the books: its lines, its days, and what they add up to, all or nothing. In the caller's transaction. */
import type { Bill } from "../../core/costs/billed/bill.ts";
import { writeBilledCosts } from "./billed-costs.ts";
import { writeBilledDays } from "./billed-days.ts";
import { writeBilledSums } from "./billed-sums.ts";
import { writeBilledUsage } from "./billed-usage.ts";
import type { Tx } from "./database.ts";

export async function writeBill(tx: Tx, tenantId: string, bill: Bill, readAt: Date): Promise<void> {
  await writeBilledCosts(tx, tenantId, bill);
  await writeBilledDays(tx, tenantId, bill, readAt);
  await writeBilledUsage(tx, tenantId, bill, readAt);
  await writeBilledSums(tx, tenantId, bill);
}
