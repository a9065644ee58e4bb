/** Who changed what, when: append-only. */
import type { AuditPage, AuditLine as StoredLine } from "../../contract/audit-endpoints.ts";
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
  /** Of the request that did it. */
  requestId: string;
}

/** For a statement among others. */
export const auditInsert = (db: Db | Tx, line: AuditLine) =>
  db.insertInto("audit").values({
    tenant_id: line.tenantId,
    actor: line.actor,
    action: line.action,
    subject: line.subject,
    before: line.before === undefined ? null : JSON.stringify(line.before),
    after: line.after === undefined ? null : JSON.stringify(line.after),
    at: line.at.toISOString(),
    request_id: line.requestId,
  });

export async function writeAudit(db: Db | Tx, line: AuditLine): Promise<void> {
  await auditInsert(db, line).execute();
}

/** Oldest first, after a sequence number; null is every tenant. */
export async function readAudit(db: Db | Tx, tenantId: string | null, { after, limit, newest }: AuditPage): Promise<StoredLine[]> {
  const rows = await db
    .selectFrom("audit")
    .selectAll()
    .where("sequence", ">", after)
    .$if(tenantId !== null, (query) => query.where("tenant_id", "=", tenantId as string))
    .orderBy("sequence", newest ? "desc" : "asc")
    .limit(limit)
    .execute();
  return (newest ? rows.toReversed() : rows).map((row) => ({
    sequence: row.sequence,
    at: row.at,
    tenantId: row.tenant_id,
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    before: row.before === null ? null : JSON.parse(row.before),
    after: row.after === null ? null : JSON.parse(row.after),
    requestId: row.request_id,
  }));
}
