/** Marks what cost more this month than it may, and puts what is to be told about it into the outbox. */
import type { Limits } from "../../contract/resources.ts";
import { addDays, dayOf } from "../../core/costs/actual/period.ts";
import { alertBody } from "../../core/costs/limits/alerts.ts";
import type { BilledProject, OwnerStanding, UserOverCost } from "../../core/costs/limits/over-limit.ts";
import { monthOf, standingOf } from "../../core/costs/limits/over-limit.ts";
import { accountLock, userOverCost } from "./accounts.ts";
import { addAlert } from "./alerts.ts";
import { writeAudit } from "./audit.ts";
import { billedPerProject } from "./billed-costs.ts";
import type { Db, Tx } from "./database.ts";
import { auditOf, goesOn, lockProjects, markProject, same } from "./marks.ts";
import { limitsFrom, overridesQuery, policyFrom } from "./quotas.ts";
import type { ProjectRow } from "./rows.ts";
import { overCostMark } from "./rows.ts";
import { transact } from "./transact.ts";

export interface CostReview {
  tenantId: string;
  /** Who really does it, for the audit log. */
  actor: string;
  now: Date;
  requestId: string;
  platformLimits: Limits;
  /** Somebody is to be told by alerts, whether or not that works now. */
  receives(): Promise<boolean>;
  /** Random, never reused. */
  newAlertId(): string;
}
type Review = Omit<CostReview, "receives"> & { receives: boolean };
/** The month so far, by owner. */
type Bill = Map<string, BilledProject[]>;

/**
 * Decides anew, owner by owner, from the bill in the books and the limits that hold: after each reading of the bill, and after
 * each change of a limit, in the same transaction. What was decided and told before stays so.
 */
export const reviewCosts = async (db: Db | Tx, review: CostReview, only?: string): Promise<void> =>
  await transact(db, async (tx) => {
    const [bill, receives] = [await monthSoFar(tx, review), await review.receives()];
    // Always in this order, so that nobody waits in a circle.
    for (const userId of only === undefined ? await ownersOf(tx, review.tenantId, bill) : [only])
      await reviewOwner(tx, { ...review, receives }, userId, bill.get(userId) ?? []);
  });

async function monthSoFar(tx: Tx, { tenantId, now }: CostReview): Promise<Bill> {
  const from = `${monthOf(now)}-01`;
  const bill: Bill = new Map();
  for (const { userId, projectKey, currency, amount } of await billedPerProject(tx, { tenantId, from, until: addDays(dayOf(now), 1) }))
    if (userId !== null && projectKey !== null) bill.set(userId, [...(bill.get(userId) ?? []), { projectKey, currency, amount }]);
  return bill;
}

/** Whoever cost something, has something, or is marked. */
async function ownersOf(tx: Tx, tenantId: string, bill: Bill): Promise<string[]> {
  const booked = await tx.selectFrom("projects").select("user_id").distinct().where("tenant_id", "=", tenantId).where("ended_at", "is", null).execute();
  const marked = await tx.selectFrom("accounts").select("user_id").where("tenant_id", "=", tenantId).where("over_cost", "is not", null).execute();
  return [...new Set([...bill.keys(), ...[...booked, ...marked].map(({ user_id }) => user_id)])].toSorted();
}

async function reviewOwner(tx: Tx, review: Review, userId: string, billed: BilledProject[]): Promise<void> {
  const { tenantId, now, platformLimits } = review;
  const account = await accountLock(tx, tenantId, userId).executeTakeFirst();
  const rows = await lockProjects(tx, tenantId, userId);
  const overrides = await overridesQuery(tx, tenantId, userId).execute();
  const standing = standingOf({
    month: monthOf(now),
    now,
    limits: limitsFrom(overrides, userId, platformLimits),
    policy: policyFrom(overrides, userId),
    billed,
    projects: rows.map((row) => ({ key: row.key, mark: overCostMark(row) })),
    mark: userOverCost(account),
    receiver: review.receives,
    newAlertId: review.newAlertId,
  });
  await markUser(tx, review, userId, userOverCost(account), standing.mark);
  for (const row of rows) await markProject(tx, tenantId, review, row, standing.projects.find(({ key }) => key === row.key)?.mark ?? null);
  await tell(tx, review, userId, rows, standing);
}

async function markUser(tx: Tx, { tenantId, ...by }: Review, userId: string, before: UserOverCost | null, after: UserOverCost | null): Promise<void> {
  if (same(before, after)) return;
  await tx
    .updateTable("accounts")
    .set({ over_cost: after && JSON.stringify(after) })
    .where("tenant_id", "=", tenantId)
    .where("user_id", "=", userId)
    .execute();
  const action = after ? "user.over-cost" : "user.within-cost";
  if (!goesOn(before, after)) await writeAudit(tx, { tenantId, ...auditOf(by), action, subject: userId, before, after });
}

async function tell(tx: Tx, review: Review, userId: string, rows: ProjectRow[], { projects, alerts }: OwnerStanding): Promise<void> {
  const { tenantId, now: at } = review;
  const idOf = (key: string): string => rows.find((row) => row.key === key)?.id ?? key;
  const marked = projects.flatMap(({ key, mark }) => (mark ? [{ projectId: idOf(key), mark }] : []));
  for (const { id, warns, ...alert } of alerts) {
    const about = { tenantId, userId, projectId: alert.projectKey === null ? null : idOf(alert.projectKey), month: monthOf(at) };
    const body = alertBody({ ...alert, ...about, at, marked });
    const { kind, limitCents } = alert;
    await addAlert(tx, { id, ...about, kind, subject: alert.projectKey ?? userId, limitCents, warns, awaited: review.receives, body, at });
  }
}
