/** Projects: each live row is a booking. */
import type { Project } from "../../contract/resources.ts";
import { unknownProject } from "../../core/unknown-project.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Db, Tx } from "./database.ts";
import { liveRelease } from "./releases.ts";
import type { OperationRow, ProjectRow } from "./rows.ts";
import { toProject } from "./rows.ts";
import { refuseStale } from "./stale.ts";
import { forUpdate, transact } from "./transact.ts";

export const liveProjectQuery = (db: Db | Tx, tenantId: string, id: string) =>
  db.selectFrom("projects").selectAll().where("tenant_id", "=", tenantId).where("id", "=", id).where("ended_at", "is", null);

export const liveProject = async (db: Db | Tx, tenantId: string, id: string): Promise<ProjectRow | undefined> =>
  await liveProjectQuery(db, tenantId, id).executeTakeFirst();

/** Nobody else changes it until the commit. */
export const lockProject = async (tx: Tx, tenantId: string, id: string): Promise<ProjectRow | undefined> =>
  await liveProjectQuery(tx, tenantId, id).$call(forUpdate(tx)).executeTakeFirst();

const operationOf = async (db: Db | Tx, row: Pick<ProjectRow, "operation_id">): Promise<OperationRow | undefined> =>
  row.operation_id === null ? undefined : await db.selectFrom("operations").selectAll().where("id", "=", row.operation_id).executeTakeFirst();

/** Error `project.not-found`: also for another tenant's. */
export async function getProject(db: Db | Tx, tenantId: string, id: string): Promise<Project> {
  const row = await liveProject(db, tenantId, id);
  if (!row) throw unknownProject(id);
  return toProject(row, await operationOf(db, row), await liveRelease(db, row.key));
}

/** The project's row, when the actor may work on it. Errors: `project.not-found`, `project.not-yours` (refused). */
export async function ownProject(db: Db | Tx, actor: Actor, id: string): Promise<ProjectRow> {
  const row = await liveProject(db, actor.tenantId, id);
  if (!row) throw unknownProject(id);
  refuseForeign(actor, row);
  return row;
}

/** By id; operations and releases are found by join, not by a list of as many ids. */
export async function listProjects(db: Db | Tx, tenantId: string, userId?: string): Promise<Project[]> {
  const booked = db
    .selectFrom("projects")
    .where("projects.tenant_id", "=", tenantId)
    .where("projects.ended_at", "is", null)
    .$if(userId !== undefined, (query) => query.where("projects.user_id", "=", userId as string));
  const rows = await booked.selectAll().orderBy("projects.id").execute();
  const operations = await booked.innerJoin("operations", "operations.id", "projects.operation_id").selectAll("operations").execute();
  const releases = await booked
    .innerJoin("releases", "releases.project_key", "projects.key")
    .where("releases.status", "=", "live")
    .selectAll("releases")
    .execute();
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const live = new Map(releases.map((release) => [release.project_key, release]));
  return rows.map((row) => toProject(row, byId.get(row.operation_id ?? ""), live.get(row.key)));
}

/** Any activity moves the expiry; null never expires. */
export const expiry = (now: Date, ttlSeconds: number | null): string | null =>
  ttlSeconds === null ? null : new Date(now.getTime() + ttlSeconds * 1_000).toISOString();

/** Who acts: `manages` means on other users' projects too. */
export interface Actor {
  tenantId: string;
  userId: string;
  /** Who really does it, for the audit log. */
  actor: string;
  manages: boolean;
  now: Date;
  requestId: string;
}

/** The part of an audit line that says who did it, when. */
export const by = ({ tenantId, actor, now, requestId }: Actor) => ({ tenantId, actor, at: now, requestId });

/** Errors: `project.not-found`, `project.not-yours` (refused), `ttl.none`, `ttl.too-long` (auth), `version.stale` (conflict). */
export const renewProject = async (db: Db | Tx, actor: Actor, id: string, ttlSeconds: number | null | undefined, expected?: number): Promise<Project> =>
  await transact(db, async (tx) => {
    const row = await lockProject(tx, actor.tenantId, id);
    if (!row) throw unknownProject(id);
    refuseForeign(actor, row);
    refuseStale(row, expected);
    refuseLongLived(actor, ttlSeconds);
    const ttl = ttlSeconds === undefined ? row.ttl_seconds : ttlSeconds;
    const moved = { version: row.version + 1, ttl_seconds: ttl, expires_at: expiry(actor.now, ttl), last_activity_at: actor.now.toISOString() };
    await tx.updateTable("projects").set(moved).where("key", "=", row.key).execute();
    await writeAudit(tx, {
      ...by(actor),
      action: "project.renewed",
      subject: id,
      before: { expiresAt: row.expires_at },
      after: { expiresAt: moved.expires_at },
    });
    return toProject({ ...row, ...moved }, await operationOf(tx, row), await liveRelease(tx, row.key));
  });

/** First wait after a failed clean-up, and the longest: it doubles with each. */
const firstRetryMilliseconds = 60_000;
const longestRetryMilliseconds = 6 * 3_600_000;

/** Counts a clean-up that failed, and says when the next try is due. Error `project.not-found`. */
export const recordCleanup = async (db: Db | Tx, actor: Actor, id: string, error: string): Promise<Project> =>
  await transact(db, async (tx) => {
    const row = await lockProject(tx, actor.tenantId, id);
    if (!row) throw unknownProject(id);
    refuseForeign(actor, row);
    const wait = Math.min(firstRetryMilliseconds * 2 ** row.cleanup_attempts, longestRetryMilliseconds);
    const failed = {
      version: row.version + 1,
      cleanup_attempts: row.cleanup_attempts + 1,
      cleanup_next_at: new Date(actor.now.getTime() + wait).toISOString(),
      cleanup_error: error,
    };
    await tx.updateTable("projects").set(failed).where("key", "=", row.key).execute();
    await writeAudit(tx, { ...by(actor), action: "project.cleanup-failed", subject: id, after: failed });
    return toProject({ ...row, ...failed }, await operationOf(tx, row), await liveRelease(tx, row.key));
  });

/** Error `project.not-yours` (refused). */
export function refuseForeign(actor: Pick<Actor, "userId" | "manages">, project: Pick<ProjectRow, "id" | "user_id">): void {
  if (project.user_id === actor.userId || actor.manages) return;
  throw new ChartctlError({
    kind: "refused",
    code: "project.not-yours",
    message: `Project ${project.id} belongs to another user`,
    hint: "ask its owner, or an admin of the tenant",
  });
}

/** Of idleness, since any operation starts it anew: whoever needs longer asks an admin, as for none. */
const longestOwnTtlSeconds = 30 * 86_400;

/** Errors: `ttl.none`, `ttl.too-long` (auth): what never expires, or only in years, is an admin's choice. */
export function refuseLongLived(actor: Pick<Actor, "manages">, ttlSeconds: number | null | undefined): void {
  if (actor.manages || ttlSeconds === undefined || (ttlSeconds !== null && ttlSeconds <= longestOwnTtlSeconds)) return;
  throw new ChartctlError({
    kind: "auth",
    code: ttlSeconds === null ? "ttl.none" : "ttl.too-long",
    message: ttlSeconds === null ? "Only an admin may keep a project without expiry" : "Only an admin may keep an idle project for longer than 30 days",
    hint: "give a shorter time to live: --ttl 7d",
  });
}
