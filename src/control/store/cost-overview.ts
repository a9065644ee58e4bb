/** What the platform costs, at a glance, from the books. */
import type { CostOverview } from "../../contract/cost-overview.ts";
import { addDays, dayOf } from "../../core/costs/actual/period.ts";
import type { BilledSpan } from "./billed-costs.ts";
import { billedCosts, billedProjects } from "./billed-costs.ts";
import { billedDays } from "./billed-days.ts";
import { billingReads } from "./billing-reads.ts";
import { costedTenants } from "./costed-tenants.ts";
import type { Db, Tx } from "./database.ts";
import { perDay } from "./platform-days.ts";
import type { BilledPart, EstimatedPart } from "./tally.ts";
import { comparedOf, moneyOf, tally } from "./tally.ts";
import { ofOneState } from "./transact.ts";

/** Of a long list, what a person can look through; the sums count all. */
const shownRows = 200;

/** `days`: how many the chart has. */
export const costOverview = async (db: Db | Tx, now: Date, days: number): Promise<CostOverview> => await ofOneState(db, (tx) => overviewOf(tx, now, days));

async function overviewOf(db: Tx, now: Date, days: number): Promise<CostOverview> {
  const today = dayOf(now);
  const until = addDays(today, 1);
  const monthFrom = `${today.slice(0, 7)}-01`;
  const chartFrom = addDays(until, -days);
  const span = { tenantId: null, from: chartFrom < monthFrom ? chartFrom : monthFrom, until };
  const [tenants, live, billedAll, services, known, estimatedAll, reads] = await Promise.all([
    costedTenants(db, { from: monthFrom, until }),
    db.selectFrom("projects").select(["key", "tenant_id", "monthly_cents"]).where("ended_at", "is", null).execute(),
    billedProjects(db, span),
    billedCosts(db, { ...span, from: monthFrom }, "service"),
    billedDays(db, span),
    estimatedParts(db, span),
    billingReads(db, null),
  ]);
  const place = ({ tenantId, day }: { tenantId: string; day: string }): string => JSON.stringify([tenantId, day]);
  const whole = new Set(known.filter((day) => day.whole).map(place));
  const isWhole = (part: { tenantId: string; day: string }): boolean => whole.has(place(part));
  const ofMonth = <T extends { day: string }>(rows: T[]): T[] => rows.filter(({ day }) => day >= monthFrom);
  // A key that the books don't know names nobody.
  const billedParts = billedAll.map((part): BilledPart => (part.projectId === null ? { ...part, projectKey: null } : part));
  const month = { billed: ofMonth(billedParts), estimated: ofMonth(estimatedAll), isWhole };
  const rest = { ...month, billed: month.billed.filter(({ projectId }) => projectId === null), estimated: [] };
  const [all] = tally(month, () => []);
  const byTenant = new Map(tally(month, ({ tenantId }) => [tenantId]).map((sums) => [sums.one.tenantId, sums]));
  const restByTenant = new Map(tally(rest, ({ tenantId }) => [tenantId]).map((sums) => [sums.one.tenantId, sums]));
  const byProject = tally(month, ({ tenantId, projectKey }) => [tenantId, projectKey]);
  const byUser = tally(month, ({ tenantId, userId }) => [tenantId, userId]);
  const byService = tally(
    { billed: services.map((part) => ({ ...part, projectKey: part.key, projectId: null, userId: null })), estimated: [], isWhole },
    ({ projectKey: service }) => [service],
  );
  const monthlyCents = (rows: typeof live): number => rows.reduce((sum, { monthly_cents }) => sum + monthly_cents, 0);
  const stands = new Set(live.map(({ key }) => key));
  return {
    at: now.toISOString(),
    month: today.slice(0, 7),
    billed: moneyOf(all?.billed),
    unallocated: moneyOf(tally(rest, () => [])[0]?.billed),
    monthlyCents: monthlyCents(live),
    compared: comparedOf(all),
    tenants: tenants.map(({ id, removed }) => {
      const ownDays = known.filter(({ tenantId }) => tenantId === id);
      const { readAt = null, nextAt = null, attempts = 0, error = null, hint = null } = reads.find(({ tenantId }) => tenantId === id) ?? {};
      return {
        tenantId: id,
        removed,
        billed: moneyOf(byTenant.get(id)?.billed),
        unallocated: moneyOf(restByTenant.get(id)?.billed),
        monthlyCents: monthlyCents(live.filter(({ tenant_id }) => tenant_id === id)),
        compared: comparedOf(byTenant.get(id)),
        wholeDays: ofMonth(ownDays).filter((day) => day.whole).length,
        source: ownDays.at(-1)?.source ?? null,
        openFrom: ownDays.find(({ open }) => open)?.day ?? null,
        readAt,
        nextAt,
        attempts,
        error,
        hint,
      };
    }),
    projects: byProject.slice(0, shownRows).map((sums) => {
      const { tenantId, projectKey, projectId, userId } = sums.one;
      return { tenantId, projectId, userId, ended: projectKey !== null && !stands.has(projectKey), billed: moneyOf(sums.billed), compared: comparedOf(sums) };
    }),
    users: byUser
      .slice(0, shownRows)
      .map((sums) => ({ tenantId: sums.one.tenantId, userId: sums.one.userId, billed: moneyOf(sums.billed), compared: comparedOf(sums) })),
    services: byService.slice(0, shownRows).map((sums) => ({ service: sums.one.projectKey, billed: moneyOf(sums.billed) })),
    counts: { projects: byProject.length, users: byUser.length, services: byService.length },
    days: perDay({ known, billed: billedParts, estimated: estimatedAll }, chartFrom, until),
  };
}

async function estimatedParts(db: Tx, { from, until }: BilledSpan): Promise<EstimatedPart[]> {
  const rows = await db.selectFrom("daily_costs").selectAll().where("day", ">=", from).where("day", "<", until).execute();
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    day: row.day,
    projectKey: row.project_key,
    projectId: row.project_id,
    userId: row.user_id,
    cents: row.cents,
  }));
}
