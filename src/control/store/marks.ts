/** The mark of a project that cost more than it may. */
import type { OverCost } from "../../contract/resources.ts";
import type { UserOverCost } from "../../core/costs/limits/over-limit.ts";
import { writeAudit } from "./audit.ts";
import type { Tx } from "./database.ts";
import type { ProjectRow } from "./rows.ts";
import { overCostMark } from "./rows.ts";
import { forUpdate } from "./transact.ts";

export interface Auditor {
  actor: string;
  now: Date;
  requestId: string;
}

/** An owner's that stand; after their account's lock, always in this order. */
export const lockProjects = (tx: Tx, tenantId: string, userId: string): Promise<ProjectRow[]> =>
  tx
    .selectFrom("projects")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("user_id", "=", userId)
    .where("ended_at", "is", null)
    .orderBy("key")
    .$call(forUpdate(tx))
    .execute();

export async function markProject(tx: Tx, tenantId: string, by: Auditor, row: ProjectRow, after: OverCost | null): Promise<void> {
  const before = overCostMark(row);
  if (same(before, after)) return;
  await tx
    .updateTable("projects")
    .set({ over_cost: after && JSON.stringify(after), version: row.version + 1 })
    .where("key", "=", row.key)
    .execute();
  const action = after ? "project.over-cost" : "project.within-cost";
  if (!goesOn(before, after) || before?.cleanUpAt !== after?.cleanUpAt)
    await writeAudit(tx, { tenantId, ...auditOf(by), action, subject: row.id, before, after });
}

export const auditOf = ({ actor, now, requestId }: Auditor) => ({ actor, at: now, requestId });
export const same = (before: unknown, after: unknown): boolean => JSON.stringify(before) === JSON.stringify(after);
/** Only the amount has grown: no news for the audit log. */
export const goesOn = (before: UserOverCost | null, after: UserOverCost | null): boolean =>
  before !== null && after !== null && before.since === after.since && before.limitCents === after.limitCents;
