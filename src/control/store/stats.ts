/** The platform at a glance, from the books. */
import type { Limits } from "../../contract/resources.ts";
import type { Stats } from "../../contract/stats.ts";
import type { AlertReceiver } from "../../core/costs/limits/deliver-alerts.ts";
import { monthOf, overCostNow } from "../../core/costs/limits/over-limit.ts";
import { userOverCost } from "./accounts.ts";
import { alertsStanding } from "./alerts.ts";
import { billingReads } from "./billing-reads.ts";
import { dayOf, daysBefore } from "./costs.ts";
import type { Db } from "./database.ts";
import { platformDays } from "./platform-days.ts";
import type { ProjectRow } from "./rows.ts";
import { overCostMark } from "./rows.ts";
import { listWorkers } from "./workers.ts";

/** The trend has 30: from the first one up to, not with, the second. */
export const shownDays = (now: Date): [from: string, until: string] => [daysBefore(now, 29), dayOf(new Date(now.getTime() + 86_400_000))];
const shownOperations = 100;
/** Of a long list, what a person can look through; the sums count all. */
const shownProjects = 200;

export async function platformStats(
  db: Db,
  { platformLimits: platform, alertReceiver }: { platformLimits: Limits; alertReceiver(): Promise<Pick<AlertReceiver, "id"> | undefined> },
  now: Date,
  days = () => platformDays(db, ...shownDays(now)),
): Promise<Stats> {
  const yesterday = new Date(now.getTime() - 86_400_000).toISOString();
  const [tenants, users, quotas, projects, operations, jobs, workers, limited, costs, billing, accounts, alerts] = await Promise.all([
    db.selectFrom("tenants").select("id").orderBy("id").execute(),
    db.selectFrom("users").select(["tenant_id", "id"]).execute(),
    db.selectFrom("quotas").selectAll().execute(),
    db.selectFrom("projects").selectAll().where("ended_at", "is", null).orderBy("tenant_id").orderBy("id").execute(),
    db
      .selectFrom("operations")
      .selectAll()
      .where((where) =>
        where.or([where("status", "=", "running"), where.and([where("status", "in", ["failed", "interrupted"]), where("opened_at", ">", yesterday)])]),
      )
      .orderBy("opened_at", "desc")
      .limit(shownOperations)
      .execute(),
    db
      .selectFrom("jobs")
      .select(["status", "finished_at"])
      .where((where) => where.or([where("finished_at", "is", null), where("finished_at", ">", yesterday)]))
      .execute(),
    listWorkers(db, now),
    db.selectFrom("limited_callers").selectAll().where("day", ">=", daysBefore(now, 1)).orderBy("refused", "desc").limit(50).execute(),
    days(),
    billingReads(db, null),
    db.selectFrom("accounts").selectAll().where("over_cost", "is not", null).orderBy("tenant_id").orderBy("user_id").execute(),
    alertReceiver().then((receiver) => alertsStanding(db, receiver, now)),
  ]);
  const limitsFor = (tenantId: string, userId: string): Limits => {
    const override = (owner: string): Partial<Limits> => JSON.parse(quotas.find((row) => row.tenant_id === tenantId && row.user_id === owner)?.limits ?? "{}");
    return { ...platform, ...override(""), ...override(userId) };
  };
  const time = now.toISOString();
  const isExpired = ({ expires_at }: ProjectRow): boolean => expires_at !== null && expires_at <= time;
  const isFailed = ({ infrastructure, application }: ProjectRow): boolean => infrastructure === "failed" || application === "failed";
  const byTenant = grouped(projects, (row) => row.tenant_id);
  const byOwner = grouped(projects, (row) => JSON.stringify([row.tenant_id, row.user_id]));
  return {
    at: time,
    tenants: tenants.map(({ id }) => {
      const own = byTenant.get(id) ?? [];
      return {
        tenantId: id,
        users: users.filter(({ tenant_id }) => tenant_id === id).length,
        projects: own.length,
        applications: own.filter(({ application }) => application === "deployed").length,
        monthlyCents: sum(own),
        failed: own.filter(isFailed).length,
        expired: own.filter(isExpired).length,
      };
    }),
    users: [...byOwner].map(([key, own]) => {
      const [tenantId, userId] = JSON.parse(key) as [string, string];
      const limits = limitsFor(tenantId, userId);
      return {
        tenantId,
        userId,
        projects: own.length,
        projectsLimit: limits.projectsPerUser,
        monthlyCents: sum(own),
        monthlyCentsLimit: limits.userMonthlyCents,
      };
    }),
    projects: projects
      .toSorted((a, b) => b.monthly_cents - a.monthly_cents)
      .slice(0, shownProjects)
      .map((row) => ({
        tenantId: row.tenant_id,
        projectId: row.id,
        userId: row.user_id,
        infrastructure: row.infrastructure,
        application: row.application,
        monthlyCents: row.monthly_cents,
        expiresAt: row.expires_at,
      })),
    operations: operations.map((row) => ({
      id: row.id,
      tenantId: row.tenant_id,
      projectId: row.project_id,
      kind: row.kind,
      status: row.status,
      openedAt: row.opened_at,
      finishedAt: row.finished_at,
      error: row.error === null ? null : JSON.parse(row.error),
    })),
    cleanups: projects
      .filter((row) => isExpired(row) || row.cleanup_next_at !== null || (row.infrastructure === "failed" && row.keep_failed === 0))
      .map((row) => ({
        tenantId: row.tenant_id,
        projectId: row.id,
        attempts: row.cleanup_attempts,
        nextAt: row.cleanup_next_at,
        expiresAt: row.expires_at,
        error: row.cleanup_error,
      })),
    overLimits: overLimits(accounts, projects, now),
    alerts,
    jobs: {
      queued: jobs.filter(({ status }) => status === "queued").length,
      running: jobs.filter(({ status }) => status === "running").length,
      waiting: jobs.filter(({ status }) => status === "waiting").length,
      failedToday: jobs.filter(({ status }) => status === "failed").length,
    },
    workers,
    limitedCallers: limited.map((row) => ({ day: row.day, caller: row.caller, refused: row.refused, lastAt: row.last_at })),
    billing,
    days: costs.map(({ day, cents, billed }) => ({ day, cents, billed })),
  };
}

/** The projects first that are to be cleaned up first. */
function overLimits(accounts: { tenant_id: string; user_id: string; over_cost: string | null }[], projects: ProjectRow[], now: Date): Stats["overLimits"] {
  const month = monthOf(now);
  const ofUsers = accounts.flatMap((row) => {
    const mark = userOverCost(row);
    return mark?.month === month
      ? [{ tenantId: row.tenant_id, userId: row.user_id, projectId: null, of: "user" as const, ...mark, cleanUpAt: null, warning: null }]
      : [];
  });
  const ofProjects = projects.flatMap((row) => {
    const mark = overCostNow({ overCost: overCostMark(row) }, now);
    return mark ? [{ tenantId: row.tenant_id, userId: row.user_id, projectId: row.id, ...mark }] : [];
  });
  return [...ofProjects.toSorted((a, b) => ((a.cleanUpAt ?? "~") < (b.cleanUpAt ?? "~") ? -1 : 1)), ...ofUsers];
}

const sum = (rows: ProjectRow[]): number => rows.reduce((cents, row) => cents + row.monthly_cents, 0);

function grouped<T>(rows: T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row)) ?? [];
    group.push(row);
    groups.set(keyOf(row), group);
  }
  return groups;
}

/** Counts how often rate limits refused a caller, per day. */
export async function noteLimited(db: Db, caller: string, refused: number, now: Date): Promise<void> {
  await db
    .insertInto("limited_callers")
    .values({ day: dayOf(now), caller: caller.slice(0, 200), refused, last_at: now.toISOString() })
    .onConflict((conflict) =>
      conflict.columns(["day", "caller"]).doUpdateSet((set) => ({ refused: set("limited_callers.refused", "+", refused), last_at: now.toISOString() })),
    )
    .execute();
}
