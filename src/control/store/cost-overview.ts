/** What the platform costs, at a glance, from the books. */
import { sql } from "kysely";
import type { CostOverview } from "../../contract/cost-overview.ts";
import { addDays, dayOf } from "../../core/costs/actual/period.ts";
import { billedMonth } from "./billed-sums.ts";
import { billingReads } from "./billing-reads.ts";
import { costedTenants } from "./costed-tenants.ts";
import type { Db, Tx } from "./database.ts";
import { platformDays } from "./platform-days.ts";
import type { EstimatedPart } from "./tally.ts";
import { comparedOf, moneyOf, tally } from "./tally.ts";
import { ofOneState } from "./transact.ts";

/** Of a long list, what a person can look through; the sums count all. */
const shownRows = 200;

/** `days`: how many the chart has. */
export const costOverview = async (db: Db | Tx, now: Date, days: number): Promise<CostOverview> => await ofOneState(db, (tx) => overviewOf(tx, now, days));

async function overviewOf(db: Tx, now: Date, days: number): Promise<CostOverview> {
  const today = dayOf(now);
  const until = addDays(today, 1);
  const month = today.slice(0, 7);
  const monthFrom = `${month}-01`;
  const chartFrom = addDays(until, -days);
  const [tenants, monthlyCents, ofProjects, services, read, estimated, reads, perDay] = await Promise.all([
    costedTenants(db, { from: monthFrom, until }),
    monthlyEstimates(db),
    billedMonth(db, month, "project"),
    billedMonth(db, month, "service"),
    daysRead(db, { from: chartFrom < monthFrom ? chartFrom : monthFrom, monthFrom, until }),
    wholeEstimates(db, month),
    billingReads(db, null),
    platformDays(db, chartFrom, until),
  ]);
  // A key that the books don't know names nobody.
  const billed = ofProjects.map((part) => (part.projectId === null ? { ...part, key: null } : part));
  const parts = { billed, estimated };
  const rest = { billed: billed.filter(({ projectId }) => projectId === null), estimated: [] };
  const [all] = tally(parts, () => []);
  const byTenant = new Map(tally(parts, ({ tenantId }) => [tenantId]).map((sums) => [sums.one.tenantId, sums]));
  const restByTenant = new Map(tally(rest, ({ tenantId }) => [tenantId]).map((sums) => [sums.one.tenantId, sums]));
  const byProject = tally(parts, ({ tenantId, key }) => [tenantId, key]);
  const byUser = tally(parts, ({ tenantId, userId }) => [tenantId, userId]);
  const byService = tally({ billed: services, estimated: [] }, ({ key }) => [key]);
  const readOf = new Map(reads.map((one) => [one.tenantId, one]));
  return {
    at: now.toISOString(),
    month,
    billed: moneyOf(all?.billed),
    unallocated: moneyOf(tally(rest, () => [])[0]?.billed),
    monthlyCents: [...monthlyCents.values()].reduce((sum, cents) => sum + cents, 0),
    compared: comparedOf(all),
    tenants: tenants.map(({ id, removed }) => {
      const { readAt = null, nextAt = null, attempts = 0, error = null, hint = null } = readOf.get(id) ?? {};
      return {
        tenantId: id,
        removed,
        billed: moneyOf(byTenant.get(id)?.billed),
        unallocated: moneyOf(restByTenant.get(id)?.billed),
        monthlyCents: monthlyCents.get(id) ?? 0,
        compared: comparedOf(byTenant.get(id)),
        ...(read.get(id) ?? { wholeDays: 0, source: null, openFrom: null }),
        readAt,
        nextAt,
        attempts,
        error,
        hint,
      };
    }),
    projects: byProject.slice(0, shownRows).map((sums) => {
      const { tenantId, projectId, userId, ended } = sums.one;
      return { tenantId, projectId, userId, ended, billed: moneyOf(sums.billed), compared: comparedOf(sums) };
    }),
    users: byUser
      .slice(0, shownRows)
      .map((sums) => ({ tenantId: sums.one.tenantId, userId: sums.one.userId, billed: moneyOf(sums.billed), compared: comparedOf(sums) })),
    services: byService.slice(0, shownRows).map((sums) => ({ service: sums.one.key, billed: moneyOf(sums.billed) })),
    counts: { projects: byProject.length, users: byUser.length, services: byService.length },
    days: perDay,
  };
}

/** Of a whole month, of what stands, by tenant. */
async function monthlyEstimates(db: Tx): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("projects")
    .select(["tenant_id", (of) => of.fn.sum<number | string>("monthly_cents").as("cents")])
    .where("ended_at", "is", null)
    .groupBy("tenant_id")
    .execute();
  return new Map(rows.map(({ tenant_id, cents }) => [tenant_id, Number(cents)]));
}

type DaysRead = Pick<CostOverview["tenants"][number], "wholeDays" | "source" | "openFrom">;

async function daysRead(db: Tx, { from, monthFrom, until }: { from: string; monthFrom: string; until: string }): Promise<Map<string, DaysRead>> {
  const rows = await db
    .selectFrom("billed_days")
    .select([
      "tenant_id",
      sql<number | string>`sum(case when day >= ${monthFrom} then whole else 0 end)`.as("wholeDays"),
      sql<string | null>`min(case when open = 1 then day end)`.as("openFrom"),
      sql<string>`max(day || ' ' || source)`.as("last"),
    ])
    .where("day", ">=", from)
    .where("day", "<", until)
    .groupBy("tenant_id")
    .execute();
  return new Map(
    rows.map(({ tenant_id, wholeDays, openFrom, last }) => [
      tenant_id,
      { wholeDays: Number(wholeDays), source: last.endsWith("cur") ? "cur" : "ce", openFrom } satisfies DaysRead,
    ]),
  );
}

/** By project, of days that the project's tenant has billed as a whole. */
async function wholeEstimates(db: Tx, month: string): Promise<EstimatedPart[]> {
  const rows = await db
    .selectFrom("estimated_month_sums as sums")
    .innerJoin("projects", "projects.key", "sums.project_key")
    .select(["sums.tenant_id", "sums.project_key", "sums.cents", "projects.id", "projects.user_id", "projects.ended_at"])
    .where("sums.month", "=", month)
    .orderBy("sums.tenant_id")
    .orderBy("sums.project_key")
    .execute();
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    key: row.project_key,
    projectId: row.id,
    userId: row.user_id,
    ended: row.ended_at !== null,
    wholeCents: row.cents,
  }));
}
