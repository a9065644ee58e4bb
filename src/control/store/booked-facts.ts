/** A tenant's month as the books have it: its bill, what of it wasn't read, what was booked, the limits. */
import type { BilledCosts, BilledGrouping } from "../../contract/cost-endpoints.ts";
import type { Limits } from "../../contract/resources.ts";
import type { KnownTenant } from "../../core/costs/actual/cost-scope.ts";
import { sharesAccount } from "../../core/costs/actual/cost-scope.ts";
import type { KeptAnswer } from "../../core/costs/actual/cost-source.ts";
import { periodsOf } from "../../core/costs/actual/period.ts";
import type { TenantFacts } from "../../core/costs/report/facts.ts";
import type { ReportMonth } from "../../core/costs/report/month.ts";
import { billedDays } from "./billed-days.ts";
import { billedView } from "./billed-view.ts";
import { reportBooks } from "./bookings.ts";
import type { CostedTenant } from "./costed-tenants.ts";
import type { Db, Tx } from "./database.ts";
import { ofOneState } from "./transact.ts";

/** One state of the books for all of it: a bill that is read meanwhile counts whole or not at all. */
export const bookedFacts = async (db: Db, { id: tenantId, removed }: CostedTenant, month: ReportMonth, platform: Limits, now: Date): Promise<TenantFacts> =>
  await ofOneState(db, async (tx) => {
    const { from, until } = month;
    const answer = async (by: BilledGrouping): Promise<KeptAnswer> => answerOf(await billedView(tx, tenantId, null, { from, until, by }), now);
    const [byService, byProject, byUser] = [await answer("service"), await answer("project"), await answer("user")];
    const books = await reportBooks(tx, tenantId, month, platform);
    const read = await readDays(tx, tenantId, month);
    const tenants = (await tx.selectFrom("tenants").select(["id", "role_arn", "account_id"]).execute()).map(knownTenant);
    // What was read too early to be whole may still change, too.
    const open = periodsOf(month, "day").find((day) => read.get(day) === "open") ?? null;
    // As its bill is read, while the tenant is there.
    const tags: Record<string, string> = !removed && sharesAccount(tenantId, tenants) ? { TenantId: tenantId } : {};
    return {
      tenantId,
      removed,
      tags,
      byService: { ...byService, estimatedFrom: open },
      byProject: { ...byProject, estimatedFrom: open },
      byUser: { ...byUser, estimatedFrom: open },
      books: removed ? { ...books, limits: [], othersMonthlyCents: null } : books, // a removed tenant's limits of nothing are no quota
      unread: periodsOf(month, "day").filter((day) => !read.has(day)),
    };
  });

const knownTenant = (row: { id: string; role_arn: string | null; account_id: string | null }): KnownTenant => ({
  id: row.id,
  roleArn: row.role_arn,
  accountId: row.account_id,
});

async function readDays(tx: Tx, tenantId: string, { from, until }: ReportMonth): Promise<Map<string, "open" | "closed">> {
  const days = await billedDays(tx, { tenantId, from, until });
  return new Map(days.map(({ day, open, whole }) => [day, open || !whole ? "open" : "closed"]));
}

const answerOf = ({ amounts, source, readAt, openFrom }: BilledCosts, now: Date): KeptAnswer => ({
  source: source ?? "ce", // of nothing, which the report says
  amounts,
  estimatedFrom: openFrom,
  price: { requests: 0, dollars: "0", bytesScanned: 0, reused: false },
  askedAt: readAt ?? now.toISOString(),
});
