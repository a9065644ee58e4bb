/** Days of a month that nobody read a tenant's bill of: a report of it has no amounts there. */

import { periodsOf } from "../../core/costs/actual/period.ts";
import type { ReportMonth } from "../../core/costs/report/month.ts";
import type { UnreadDays } from "../../core/costs/report/unread.ts";
import { daySpans } from "../../core/costs/report/unread.ts";
import { billedDays } from "./billed-days.ts";
import { costedTenants } from "./costed-tenants.ts";
import type { Db, Tx } from "./database.ts";

/** `tenantId`: null for every tenant. */
export async function unreadDays(db: Db | Tx, tenantId: string | null, month: ReportMonth): Promise<UnreadDays[]> {
  const read = new Map<string, Set<string>>();
  for (const { tenantId: of, day } of await billedDays(db, { tenantId, ...month })) read.set(of, (read.get(of) ?? new Set()).add(day));
  const tenants = (await costedTenants(db, month)).filter(({ id }) => tenantId === null || id === tenantId);
  return tenants.flatMap(({ id }) => daySpans(periodsOf(month, "day").filter((day) => !read.get(id)?.has(day))).map((span) => ({ tenantId: id, ...span })));
}

export const anyRead = async (db: Db | Tx, tenantId: string | null, month: ReportMonth): Promise<boolean> =>
  (await billedDays(db, { tenantId, ...month })).length > 0;
