/** Projects: each live row is a booking. */
import type { Project } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import type { Db, Tx } from "./database.ts";
import type { OperationRow, ProjectRow } from "./rows.ts";
import { toProject } from "./rows.ts";

export const liveProject = async (db: Db | Tx, tenantId: string, id: string): Promise<ProjectRow | undefined> =>
  await db.selectFrom("projects").selectAll().where("tenant_id", "=", tenantId).where("id", "=", id).where("ended_at", "is", null).executeTakeFirst();

export const operationOf = async (db: Db | Tx, row: Pick<ProjectRow, "operation_id">): Promise<OperationRow | undefined> =>
  row.operation_id === null ? undefined : await db.selectFrom("operations").selectAll().where("id", "=", row.operation_id).executeTakeFirst();

/** Error `project.not-found`: also for another tenant's. */
export async function getProject(db: Db | Tx, tenantId: string, id: string): Promise<Project> {
  const row = await liveProject(db, tenantId, id);
  if (!row) throw unknownProject(id);
  return toProject(row, await operationOf(db, row));
}

export async function listProjects(db: Db, tenantId: string, userId?: string): Promise<Project[]> {
  const rows = await db
    .selectFrom("projects")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .where("ended_at", "is", null)
    .$if(userId !== undefined, (query) => query.where("user_id", "=", userId as string))
    .orderBy("id")
    .execute();
  const ids = rows.flatMap((row) => row.operation_id ?? []);
  const operations = ids.length === 0 ? [] : await db.selectFrom("operations").selectAll().where("id", "in", ids).execute();
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  return rows.map((row) => toProject(row, byId.get(row.operation_id ?? "")));
}

/** Any activity moves the expiry; null never expires. */
export const expiry = (now: Date, ttlSeconds: number | null): string | null =>
  ttlSeconds === null ? null : new Date(now.getTime() + ttlSeconds * 1_000).toISOString();

export async function renewProject(db: Db, tenantId: string, id: string, ttlSeconds: number | null | undefined, now: Date): Promise<Project> {
  const row = await liveProject(db, tenantId, id);
  if (!row) throw unknownProject(id);
  const ttl = ttlSeconds === undefined ? row.ttl_seconds : ttlSeconds;
  await db
    .updateTable("projects")
    .set({ ttl_seconds: ttl, expires_at: expiry(now, ttl), last_activity_at: now.toISOString() })
    .where("key", "=", row.key)
    .execute();
  return await getProject(db, tenantId, id);
}

export const unknownProject = (id: string): ChartctlError =>
  new ChartctlError({
    kind: "not-found",
    code: "project.not-found",
    message: `Project ${id} does not exist`,
    hint: "see what there is: chartctl projects",
    details: { projectId: id },
  });
