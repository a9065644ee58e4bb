/** What one project used in a month, and what it was billed beside that: together its bill, as the books' days have it. */
import Big from "big.js";
import type { BilledUsageView } from "../../contract/cost-endpoints.ts";
import type { LineKind } from "../../core/costs/actual/cost-source.ts";
import { addMonths } from "../../core/costs/actual/period.ts";
import { firstUsageMonth, usageToldFrom } from "../../core/costs/billed/usage-months.ts";
import { billedProjects } from "./billed-costs.ts";
import { knownDays } from "./billed-days.ts";
import { billingReads } from "./billing-reads.ts";
import type { Db, Tx } from "./database.ts";

/** Of all that had this id; `owner`: whose project alone is told. */
export async function usageView(
  db: Db | Tx,
  tenantId: string,
  owner: string | null,
  { project, month, now }: { project: string; month: string; now: Date },
): Promise<BilledUsageView> {
  const read = await db.selectFrom("billed_usage_months").selectAll().where("tenant_id", "=", tenantId).where("month", "=", month).executeTakeFirst();
  if (!read) return { project, month, amounts: [], source: null, readAt: null, dueAt: await dueAt(db, tenantId, month, now), open: false };
  const rows = await db
    .selectFrom("billed_usage")
    .innerJoin("projects", "projects.key", "billed_usage.project_key")
    .selectAll("billed_usage")
    .where("billed_usage.tenant_id", "=", tenantId)
    .where("projects.tenant_id", "=", tenantId)
    .where("projects.id", "=", project)
    .where("month", "=", month)
    .$if(owner !== null, (query) => query.where("projects.user_id", "=", owner as string))
    .orderBy("service")
    .orderBy("usage_type")
    .orderBy("currency")
    .orderBy("project_key")
    .execute();
  const amounts = rows.map(({ service, usage_type: type, currency, amount, quantity }) => ({
    period: month,
    key: service || null,
    kind: "usage" as const,
    currency,
    amount,
    used: { type, quantity },
  }));
  const days = await billedProjects(db, { tenantId, from: `${month}-01`, until: addMonths(`${month}-01`, 1) });
  const own = days.filter(({ projectId, userId }) => projectId === project && (owner === null || userId === owner));
  return {
    project,
    month,
    amounts: [...amounts, ...restOf(month, own, amounts)],
    source: read.source as "ce" | "cur",
    readAt: read.read_at,
    dueAt: null,
    open: read.open === 1,
  };
}

interface Amount {
  kind: LineKind;
  currency: string;
  amount: string;
}

/** What the days come to beside what was used: taxes, credits, refunds, fees; what AWS rounds, and what it changed between the readings. */
function restOf(month: string, days: Amount[], used: Amount[]): BilledUsageView["amounts"] {
  const sums = new Map<string, { kind: LineKind; currency: string; sum: Big }>();
  const add = ({ kind, currency, amount }: Amount, sign: 1 | -1): void => {
    const at = JSON.stringify([kind, currency]);
    sums.set(at, { kind, currency, sum: (sums.get(at)?.sum ?? new Big(0)).plus(new Big(amount).times(sign)) });
  };
  for (const day of days) add(day, 1);
  for (const one of used) add(one, -1);
  return [...sums.values()].filter(({ sum }) => !sum.eq(0)).map(({ sum, ...one }) => ({ period: month, key: null, ...one, amount: sum.toFixed() }));
}

/** With the first reading of the bill after the month is whole. */
async function dueAt(db: Db | Tx, tenantId: string, month: string, now: Date): Promise<string | null> {
  const [known, [read]] = [await knownDays(db, tenantId), await billingReads(db, tenantId)];
  if (!known || month < firstUsageMonth(known.first, now)) return null;
  const whole = `${usageToldFrom(month)}T00:00:00.000Z`;
  const [next = whole] = [whole, read?.nextAt ?? now.toISOString()].sort().slice(-1);
  return next;
}
