/** Jobs: work that the platform's workers do, leased like operations, with what they told on the way. */
import type { Selectable } from "kysely";
import type { Job, JobInput } from "../../contract/job-endpoints.ts";
import type { Role } from "../../contract/roles.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Database, Db, Tx } from "./database.ts";
import type { Actor } from "./projects.ts";
import { by } from "./projects.ts";
import { forUpdate, transact } from "./transact.ts";

type JobRow = Selectable<Database["jobs"]>;

export const unfinished = ["queued", "running", "waiting"];

const toJob = (row: JobRow): Job => ({
  id: row.id,
  tenantId: row.tenant_id,
  userId: row.user_id,
  projectId: row.project_id,
  kind: row.kind as Job["kind"],
  status: row.status as Job["status"],
  attempts: row.attempts,
  notBefore: row.not_before,
  worker: row.worker,
  error: row.error === null ? null : JSON.parse(row.error),
  result: row.result === null ? null : JSON.parse(row.result),
  createdAt: row.created_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
});

/** Who really ordered it, and for which project: looked at again before it is done. */
export interface Order {
  homeTenant: string;
  homeUser: string;
  role: Role;
  projectKey: string | null;
}

/** Error `job.running` (conflict): a project has one job at a time. */
export async function addJob(tx: Tx, actor: Actor, id: string, { kind, input }: JobInput, order: Order): Promise<Job> {
  const { projectId } = input;
  const open = await tx
    .selectFrom("jobs")
    .selectAll()
    .where("tenant_id", "=", actor.tenantId)
    .where("project_id", "=", projectId)
    .where("status", "in", unfinished)
    .executeTakeFirst();
  if (open) {
    throw new ChartctlError({
      kind: "conflict",
      code: "job.running",
      message: `Project ${projectId} has a ${open.kind} job that is ${open.status} (${open.id})`,
      hint: `follow it: chartctl status -p ${projectId} --follow`,
      details: { jobId: open.id },
    });
  }
  const row: JobRow = {
    id,
    tenant_id: actor.tenantId,
    user_id: actor.userId,
    project_id: projectId,
    kind,
    input: JSON.stringify(input),
    project_key: order.projectKey,
    actor_tenant: order.homeTenant,
    actor_user: order.homeUser,
    role: order.role,
    status: "queued",
    attempts: 0,
    not_before: null,
    worker: null,
    lease_expires_at: null,
    result: null,
    error: null,
    created_at: actor.now.toISOString(),
    started_at: null,
    finished_at: null,
  };
  await tx.insertInto("jobs").values(row).execute();
  await writeAudit(tx, { ...by(actor), action: `job.${kind}.queued`, subject: projectId, after: { jobId: id, ...input } });
  return toJob(row);
}

export interface OwnedJob {
  job: Job;
  /** Whose project it works on; of one that wasn't there yet, who ordered it. */
  ownerId: string;
}

const owned = (db: Db | Tx, tenantId: string) =>
  db
    .selectFrom("jobs")
    .leftJoin("projects", "projects.key", "jobs.project_key")
    .selectAll("jobs")
    .select("projects.user_id as owner_id")
    .where("jobs.tenant_id", "=", tenantId);

const toOwnedJob = ({ owner_id, ...row }: JobRow & { owner_id: string | null }): OwnedJob => ({ job: toJob(row), ownerId: owner_id ?? row.user_id });

/** Error `job.not-found`: also for another tenant's. */
export async function getJob(db: Db | Tx, tenantId: string, id: string): Promise<OwnedJob> {
  const row = await owned(db, tenantId).where("jobs.id", "=", id).executeTakeFirst();
  if (!row) throw new ChartctlError({ kind: "not-found", code: "job.not-found", message: `There is no job ${id}` });
  return toOwnedJob(row);
}

/** Newest first. */
export async function listJobs(db: Db | Tx, tenantId: string, { projectId, limit }: { projectId?: string | undefined; limit: number }): Promise<OwnedJob[]> {
  const rows = await owned(db, tenantId)
    .$if(projectId !== undefined, (query) => query.where("jobs.project_id", "=", projectId as string))
    .orderBy("jobs.created_at", "desc")
    .orderBy("jobs.id")
    .limit(limit)
    .execute();
  return rows.map(toOwnedJob);
}

/** Ids of the tenant's projects that have an unfinished job. */
export async function projectsWithJobs(db: Db | Tx, tenantId: string): Promise<Set<string>> {
  const rows = await db.selectFrom("jobs").select("project_id").where("tenant_id", "=", tenantId).where("status", "in", unfinished).execute();
  return new Set(rows.map(({ project_id }) => project_id));
}

export interface JobEvent {
  sequence: number;
  at: string;
  event: Record<string, unknown>;
}

const eventsAtOnce = 500;

export async function jobEvents(db: Db | Tx, jobId: string, after: number): Promise<JobEvent[]> {
  const rows = await db
    .selectFrom("job_events")
    .selectAll()
    .where("job_id", "=", jobId)
    .where("sequence", ">", after)
    .orderBy("sequence")
    .limit(eventsAtOnce)
    .execute();
  return rows.map(({ sequence, at, event }) => ({ sequence, at, event: JSON.parse(event) }));
}

// ---------------------------------------------------------------- a worker's side

/** A worker renews it far more often; when it ends, another one goes on. */
export const jobLeaseMilliseconds = 20_000;

export interface ClaimedJob {
  job: Job;
  work: JobInput;
  order: Order;
  /** Of the last event that an earlier worker told. */
  told: number;
}

/** Takes the job, when it is nobody's: new, due again, or its worker's lease has ended. */
export const claimJob = async (db: Db, id: string, worker: string, now: Date): Promise<ClaimedJob | undefined> =>
  await transact(db, async (tx) => {
    const row = await tx.selectFrom("jobs").selectAll().where("id", "=", id).$call(forUpdate(tx)).executeTakeFirst();
    if (!row || !isFree(row, now)) return undefined;
    const claimed = {
      status: "running",
      attempts: row.attempts + 1,
      worker,
      not_before: null,
      lease_expires_at: new Date(now.getTime() + jobLeaseMilliseconds).toISOString(),
      started_at: row.started_at ?? now.toISOString(),
    };
    await tx.updateTable("jobs").set(claimed).where("id", "=", id).execute();
    const { last } = await tx
      .selectFrom("job_events")
      .select((select) => select.fn.max<number | null>("sequence").as("last"))
      .where("job_id", "=", id)
      .executeTakeFirstOrThrow();
    return {
      job: toJob({ ...row, ...claimed }),
      work: { kind: row.kind, input: JSON.parse(row.input) } as JobInput,
      order: orderOf(row),
      told: Number(last ?? 0),
    };
  });

const orderOf = (row: JobRow): Order => ({ homeTenant: row.actor_tenant, homeUser: row.actor_user, role: row.role as Role, projectKey: row.project_key });

function isFree(row: JobRow, now: Date): boolean {
  const time = now.toISOString();
  if (row.status === "queued") return true;
  if (row.status === "waiting") return row.not_before === null || row.not_before <= time;
  return row.status === "running" && (row.lease_expires_at === null || row.lease_expires_at <= time);
}

/** What is to be done now and nobody does: for handing out again after a death. */
export async function freeJobs(db: Db, now: Date): Promise<string[]> {
  const rows = await db.selectFrom("jobs").selectAll().where("status", "in", unfinished).orderBy("created_at").execute();
  return rows.filter((row) => isFree(row, now)).map(({ id }) => id);
}

/** Every write of a worker: false when the job is another one's by now. */
const asWorker = async (db: Db | Tx, id: string, worker: string, change: Partial<JobRow>): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable("jobs")
    .set(change)
    .where("id", "=", id)
    .where("worker", "=", worker)
    .where("status", "=", "running")
    .executeTakeFirst();
  return numUpdatedRows === 1n;
};

export const renewJob = async (db: Db, id: string, worker: string, now: Date): Promise<boolean> =>
  await asWorker(db, id, worker, { lease_expires_at: new Date(now.getTime() + jobLeaseMilliseconds).toISOString() });

export const tellJob = async (db: Db, id: string, events: JobEvent[]): Promise<void> => {
  if (events.length === 0) return;
  await db
    .insertInto("job_events")
    .values(events.map(({ sequence, at, event }) => ({ job_id: id, sequence, at, event: JSON.stringify(event) })))
    // A worker that was thought dead may still tell: its successor's words count.
    .onConflict((conflict) => conflict.doNothing())
    .execute();
};

/** Back to the queue, not before the time. */
export const putBackJob = async (db: Db, id: string, worker: string, notBefore: Date, error: Job["error"]): Promise<boolean> =>
  await asWorker(db, id, worker, {
    status: "waiting",
    not_before: notBefore.toISOString(),
    lease_expires_at: null,
    error: error === null ? null : JSON.stringify(error),
  });

export const endJob = async (
  db: Db,
  id: string,
  worker: string,
  end: { result: Record<string, unknown> } | { error: NonNullable<Job["error"]> },
  now: Date,
): Promise<boolean> =>
  await asWorker(db, id, worker, {
    status: "error" in end ? "failed" : "succeeded",
    result: "result" in end ? JSON.stringify(end.result) : null,
    error: "error" in end ? JSON.stringify(end.error) : null,
    lease_expires_at: null,
    finished_at: now.toISOString(),
  });
