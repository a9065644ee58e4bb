/** Who changed what, when: append-only. */
import type { Db, Tx } from "./database.ts";

export interface AuditLine {
  tenantId: string;
  actor: string;
  /** `project.provision.opened`, `quota.set`. */
  action: string;
  subject: string;
  before?: unknown;
  after?: unknown;
  at: Date;
}

export async function writeAudit(db: Db | Tx, line: AuditLine): Promise<void> {
  await db
    .insertInto("audit")
    .values({
      tenant_id: line.tenantId,
      actor: line.actor,
      action: line.action,
      subject: line.subject,
      before: line.before === undefined ? null : JSON.stringify(line.before),
      after: line.after === undefined ? null : JSON.stringify(line.after),
      at: line.at.toISOString(),
    })
    .execute();
}
