/** Reports as files: ordered, made once in effect by whoever claims them, kept for a time. */
import type { Selectable } from "kysely";
import type { ReportFormat, ReportOrder, StoredReport } from "../../contract/report-endpoints.ts";
import { reportFileName } from "../../core/costs/report/file-name.ts";
import type { ErrorFacts } from "../../errors.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Database, Db, Tx } from "./database.ts";
import type { Actor } from "./projects.ts";
import { by } from "./projects.ts";
import { platformTenant } from "./tenants.ts";
import { excludeWriters, forUpdate, transact } from "./transact.ts";

type ReportRow = Selectable<Database["reports"]>;

/** Whose reports are seen; those of every tenant are the platform's owners'. */
export interface ReportScope {
  tenantId: string;
  everyTenant: boolean;
}

const keptMilliseconds = 30 * 86_400_000;
/** Of one tenant, files and orders together. */
const mostKept = 100;
/** Renewed while it is made; whoever doesn't has died. */
export const reportClaimMilliseconds = 60_000;
const mostAttempts = 3;
const retryMilliseconds = 60_000;
const chunkBytes = 256 * 1024;

/** Error `report.too-many` (refused). */
export const orderReport = async (db: Db | Tx, actor: Actor, id: string, { month, format, allTenants }: ReportOrder): Promise<StoredReport> =>
  await transact(db, async (tx) => {
    const tenantId = allTenants ? platformTenant : actor.tenantId;
    await excludeWriters(tx, "reports"); // or several are the hundredth
    const { kept } = await tx
      .selectFrom("reports")
      .select((of) => of.fn.countAll<number | string>().as("kept"))
      .where("tenant_id", "=", tenantId)
      .where("expires_at", ">", actor.now.toISOString())
      .executeTakeFirstOrThrow();
    if (Number(kept) >= mostKept) throw tooMany();
    const row: ReportRow = {
      id,
      tenant_id: tenantId,
      all_tenants: allTenants ? 1 : 0,
      actor: actor.actor,
      month,
      format,
      status: "queued",
      attempts: 0,
      claim: null,
      claimed_until: null,
      error: null,
      bytes: null,
      created_at: actor.now.toISOString(),
      finished_at: null,
      expires_at: new Date(actor.now.getTime() + keptMilliseconds).toISOString(),
    };
    await tx.insertInto("reports").values(row).execute();
    await writeAudit(tx, { ...by(actor), tenantId, action: "report.ordered", subject: id, after: { month, format, allTenants } });
    return toReport(row);
  });

/** Newest first. */
export async function listReports(db: Db | Tx, scope: ReportScope, now: Date): Promise<StoredReport[]> {
  const rows = await seen(db, scope, now).orderBy("created_at", "desc").orderBy("id").execute();
  return rows.map(toReport);
}

/** Error `report.not-found`: also for another tenant's. */
export async function getReport(db: Db | Tx, scope: ReportScope, id: string, now: Date): Promise<StoredReport> {
  const row = await seen(db, scope, now).where("id", "=", id).executeTakeFirst();
  if (!row) throw notFound(id);
  return toReport(row);
}

/** Its maker, if it has one, finds it gone. Error `report.not-found`. */
export const deleteReport = async (db: Db | Tx, scope: ReportScope, actor: Actor, id: string): Promise<void> =>
  await transact(db, async (tx) => {
    const row = await seen(tx, scope, actor.now).where("id", "=", id).$call(forUpdate(tx)).executeTakeFirst();
    if (!row) throw notFound(id);
    await tx.deleteFrom("report_chunks").where("report_id", "=", id).execute();
    await tx.deleteFrom("reports").where("id", "=", id).execute();
    const { month, format, status } = row;
    await writeAudit(tx, { ...by(actor), tenantId: row.tenant_id, action: "report.deleted", subject: id, before: { month, format, status } });
  });

const seen = (db: Db | Tx, { tenantId, everyTenant }: ReportScope, now: Date) =>
  db
    .selectFrom("reports")
    .selectAll()
    .where("expires_at", ">", now.toISOString())
    .where((where) => {
      const own = where.and([where("tenant_id", "=", tenantId), where("all_tenants", "=", 0)]);
      return everyTenant ? where.or([own, where("all_tenants", "=", 1)]) : own;
    });

export interface ClaimedReport {
  id: string;
  claim: string;
  /** Null: of every tenant. */
  tenantId: string | null;
  month: string;
  format: ReportFormat;
  attempts: number;
}

/** The oldest that nobody makes; one whose makers died too often fails instead. */
export const claimReport = async (db: Db, claim: string, now: Date): Promise<ClaimedReport | undefined> =>
  await transact(db, async (tx) => {
    const time = now.toISOString();
    for (;;) {
      const row = await tx
        .selectFrom("reports")
        .selectAll()
        .where("status", "in", ["queued", "running"])
        .where("expires_at", ">", time)
        .where((where) => where.or([where("claimed_until", "is", null), where("claimed_until", "<=", time)]))
        .orderBy("created_at")
        .orderBy("id")
        .limit(1)
        .$call(forUpdate(tx))
        .executeTakeFirst();
      if (!row) return undefined;
      const { id, attempts } = row;
      const dead = attempts >= mostAttempts;
      const change = dead
        ? { status: "failed", claim: null, claimed_until: null, error: JSON.stringify(died), finished_at: time }
        : { status: "running", claim, claimed_until: new Date(now.getTime() + reportClaimMilliseconds).toISOString(), attempts: attempts + 1 };
      await tx.updateTable("reports").set(change).where("id", "=", id).execute();
      const { tenantId, month, format } = toReport(row);
      if (!dead) return { id, claim, tenantId, month, format, attempts: attempts + 1 };
    }
  });

type Held = Pick<ClaimedReport, "id" | "claim">;

/** Also late, as long as nobody else has claimed it. False: it is another's by now, or was deleted. */
export async function renewReport(db: Db, { id, claim }: Held, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("reports")
    .set({ claimed_until: new Date(now.getTime() + reportClaimMilliseconds).toISOString() })
    .where("id", "=", id)
    .where("claim", "=", claim)
    .where("status", "=", "running")
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The whole file, or nothing of it. False: it is another's by now, or was deleted. */
export const storeReport = async (db: Db, held: Held, file: { bytes: number; zipped: Buffer }, now: Date): Promise<boolean> =>
  await transact(db, async (tx) => {
    const end = { status: "done", bytes: file.bytes, error: null, finished_at: now.toISOString() };
    if (!(await endClaim(tx, held, end))) return false;
    for (let at = 0; at * chunkBytes < file.zipped.length; at++) {
      const body = file.zipped.subarray(at * chunkBytes, (at + 1) * chunkBytes);
      await tx.insertInto("report_chunks").values({ report_id: held.id, number: at, body }).execute();
    }
    return true;
  });

/** Tried again in a minute, as long as that is worth it and a try is left. */
export const failReport = async (db: Db, held: ClaimedReport, error: Pick<ErrorFacts, "kind" | "code" | "message" | "hint">, now: Date): Promise<boolean> => {
  const again = worthRetrying.has(error.kind) && held.attempts < mostAttempts;
  return await endClaim(db, held, {
    error: JSON.stringify(error),
    ...(again
      ? { status: "queued", claimed_until: new Date(now.getTime() + retryMilliseconds).toISOString() }
      : { status: "failed", finished_at: now.toISOString() }),
  });
};

/** The database may be back by then, and a bill that was just read is whole. */
const worthRetrying = new Set(["external", "bug", "interrupted"]);

const endClaim = async (db: Db | Tx, { id, claim }: Held, end: Partial<ReportRow>): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable("reports")
    .set({ claim: null, claimed_until: null, ...end })
    .where("id", "=", id)
    .where("claim", "=", claim)
    .where("status", "=", "running")
    .executeTakeFirst();
  return numUpdatedRows === 1n;
};

/** In order, one in memory at a time. */
export async function* reportChunks(db: Db, id: string): AsyncGenerator<Uint8Array> {
  for (let number = 0; ; number++) {
    const row = await db.selectFrom("report_chunks").select("body").where("report_id", "=", id).where("number", "=", number).executeTakeFirst();
    if (!row) return;
    yield new Uint8Array(row.body);
  }
}

export async function forgetReports(db: Db, now: Date): Promise<void> {
  await transact(db, async (tx) => {
    const expired = tx.selectFrom("reports").select("id").where("expires_at", "<=", now.toISOString());
    await tx.deleteFrom("report_chunks").where("report_id", "in", expired).execute();
    await tx.deleteFrom("reports").where("expires_at", "<=", now.toISOString()).execute();
  });
}

function toReport(row: ReportRow): StoredReport {
  const tenantId = row.all_tenants === 1 ? null : row.tenant_id;
  const format = row.format as ReportFormat;
  return {
    id: row.id,
    tenantId,
    month: row.month,
    format,
    status: row.status as StoredReport["status"],
    attempts: row.attempts,
    error: row.error === null ? null : JSON.parse(row.error),
    name: reportFileName(tenantId, row.month, format),
    bytes: row.bytes,
    orderedBy: row.actor,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    expiresAt: row.expires_at,
  };
}

const died = {
  kind: "failed",
  code: "report.died",
  message: `The workers that made it died, ${mostAttempts} times`,
  hint: "see what they log, then order it again: chartctl costs report",
} satisfies ErrorFacts;

const notFound = (id: string): ChartctlError =>
  new ChartctlError({
    kind: "not-found",
    code: "report.not-found",
    message: `There is no report ${id.slice(0, 40)}, or none any more: they are kept for 30 days`,
    hint: "see which are kept: chartctl costs report --list",
  });

const tooMany = (): ChartctlError =>
  new ChartctlError({
    kind: "refused",
    code: "report.too-many",
    message: `A tenant keeps at most ${mostKept} reports, and has them`,
    hint: "see them: chartctl costs report --list; delete some: chartctl costs report --delete ID,ID; each goes by itself after 30 days",
  });
