/** Opening an operation: one transaction that locks the owner's account, checks state and limits, and writes the booking. */
import { createHash } from "node:crypto";
import type { OpenedOperation, OpenOperation } from "../../contract/lifecycle-endpoints.ts";
import type { Limits } from "../../contract/resources.ts";
import { applicationActive } from "../../core/lifecycle/active.ts";
import { parseParameters } from "../../core/parameters.ts";
import { unknownProject } from "../../core/unknown-project.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import { bookProvision, settledStatus } from "./book-provision.ts";
import type { Db, Tx } from "./database.ts";
import { expiry, liveProject, lockOperation, lockProject, refuseForeign } from "./projects.ts";
import { endRelease, liveRelease } from "./releases.ts";
import type { OperationRow, ProjectRow, ReleaseRow } from "./rows.ts";
import { toOperation, toProject } from "./rows.ts";
import { transact } from "./transact.ts";

/** DESIGN section 4: 60 s on the database's clock, renewed every 15 s. */
export const leaseMilliseconds = 60_000;

export interface OpenContext {
  tenantId: string;
  userId: string;
  /** Who really does it, for the audit log. */
  actor: string;
  /** May act on other users' projects. */
  manages: boolean;
  /** For the audit log. */
  requestId: string;
  now: Date;
  /** Random ids, never reused: an operation's and a project key's. */
  newOperationId(): string;
  newProjectKey(): string;
  platformLimits: Limits;
  defaultTtlSeconds: number;
  estimateMonthlyCents(desired: NonNullable<OpenOperation["desired"]>): number;
}

/** Errors: `operation.running`, `application.active` (conflict), `project.not-found`, `quota.*` and `cost.*` (refused). */
export async function openOperation(db: Db | Tx, context: OpenContext, request: OpenOperation): Promise<OpenedOperation> {
  // Before the transaction: others wait for its lock.
  const hash = createHash("sha256")
    .update(JSON.stringify({ ...request, holderGone: undefined }))
    .digest("hex");
  const priced = request.desired && {
    ...request.desired,
    parameters: JSON.stringify(parseParameters(request.desired.blueprint, [], request.desired.parameters)),
    monthlyCents: context.estimateMonthlyCents(request.desired),
  };
  return await transact(db, async (tx) => {
    const repeated = await sameKey(tx, context, request, hash);
    if (repeated) return repeated;
    // What is read after the locks holds until the commit. A rival with the same key or name meets a unique index.
    let existing = await lockBooking(tx, context, request);
    if (existing) refuseForeign(context, existing);
    if (request.onlyExpired) refuseActive(context, request.projectId, existing);
    const previous = existing ? await lockOperation(tx, existing) : undefined;
    const takenOver = previous ? await endDead(tx, context, previous, request) : null;
    const live = existing ? await liveRelease(tx, existing.key) : undefined;
    if (existing) existing = { ...existing, application: settledApplication(existing, live) };

    const project =
      request.kind === "provision" ? await bookProvision(tx, context, request.projectId, priced, existing) : touchExisting(context, request, existing, live);
    const operation = await writeOperation(tx, context, request, project, { hash, takenOver, fresh: existing === undefined });
    await writeAudit(tx, {
      tenantId: context.tenantId,
      actor: context.actor,
      action: `operation.${request.kind}.opened`,
      subject: project.id,
      after: {
        operationId: operation.id,
        monthlyCents: project.monthly_cents,
        ...(takenOver ? { takenOver: takenOver.id } : {}),
        ...(request.reason ? { reason: request.reason } : {}),
      },
      at: context.now,
      requestId: context.requestId,
    });
    return {
      operation: toOperation(operation),
      project: toProject(project, operation, live),
      takenOver: takenOver ? toOperation(takenOver) : null,
      fresh: existing === undefined,
    };
  });
}

/** The answer that an earlier request with this key got. */
async function sameKey(tx: Tx, context: OpenContext, request: OpenOperation, hash: string): Promise<OpenedOperation | undefined> {
  const row = await tx
    .selectFrom("operations")
    .selectAll()
    .where("tenant_id", "=", context.tenantId)
    .where("idempotency_key", "=", request.idempotencyKey)
    .executeTakeFirst();
  if (!row) return undefined;
  if (row.request_hash !== hash) {
    throw new ChartctlError({
      kind: "usage",
      code: "idempotency.mismatch",
      message: "This idempotency key was used with another request",
      hint: "use a new key for each operation",
    });
  }
  const project = await tx.selectFrom("projects").selectAll().where("key", "=", row.project_key).executeTakeFirstOrThrow();
  const taken = row.taken_over === null ? undefined : await tx.selectFrom("operations").selectAll().where("id", "=", row.taken_over).executeTakeFirst();
  const live = await liveRelease(tx, project.key);
  return { operation: toOperation(row), project: toProject(project, row, live), takenOver: taken ? toOperation(taken) : null, fresh: row.fresh === 1 };
}

/** Locks the owner's account, then the project: always in this order, so that nobody waits in a circle. */
async function lockBooking(tx: Tx, context: OpenContext, request: OpenOperation): Promise<ProjectRow | undefined> {
  const owner = (await liveProject(tx, context.tenantId, request.projectId))?.user_id ?? request.desired?.adopt?.userId ?? context.userId;
  await lockAccount(tx, context.tenantId, owner);
  const locked = await lockProject(tx, context.tenantId, request.projectId);
  // Destroyed and made anew by somebody else since that look.
  if (locked && locked.user_id !== owner) await lockAccount(tx, context.tenantId, locked.user_id);
  return locked;
}

/** On PostgreSQL this row lock orders parallel bookings of one owner; on SQLite the whole transaction does. */
async function lockAccount(tx: Tx, tenantId: string, userId: string): Promise<void> {
  await tx
    .insertInto("accounts")
    .values({ tenant_id: tenantId, user_id: userId, version: 1 })
    .onConflict((conflict) => conflict.columns(["tenant_id", "user_id"]).doUpdateSet((set) => ({ version: set("accounts.version", "+", 1) })))
    .execute();
}

/**
 * What stands in the way: a live lease is a conflict. A holder whose process is gone on the caller's own machine has
 * lost it at once; on another machine, its credentials must have ended too.
 */
async function endDead(tx: Tx, context: OpenContext, previous: OperationRow, request: OpenOperation): Promise<OperationRow | null> {
  if (previous.status !== "running") return null;
  const now = context.now.toISOString();
  const sameMachine = previous.machine === request.holder.machine;
  const gone = request.holderGone?.operationId === previous.id && sameMachine;
  const until =
    !sameMachine && previous.credentials_expire_at !== null && previous.credentials_expire_at > previous.lease_expires_at
      ? previous.credentials_expire_at
      : previous.lease_expires_at;
  if (!gone && until > now) {
    const { kind, holder, id } = toOperation(previous);
    throw new ChartctlError({
      kind: "conflict",
      code: "operation.running",
      message: `Project ${request.projectId} has a running ${kind} (operation ${id})`,
      hint: `wait for it, or look: chartctl status -p ${request.projectId}; a dead holder's lease ends at ${until}`,
      details: { operationId: id, kind, holder, leaseExpiresAt: previous.lease_expires_at, until },
    });
  }
  await tx.updateTable("operations").set({ status: "interrupted", finished_at: now }).where("id", "=", previous.id).execute();
  if (previous.kind === "deploy") await endRelease(tx, previous, { outcome: "interrupted", error: diedError }, now);
  return { ...previous, status: "interrupted", finished_at: now };
}

const diedError = { code: "interrupted", message: "The deploy stopped before its end" };

/** A clean-up looked, and then somebody worked: activity wins. Error `project.active-again` (conflict). */
function refuseActive(context: OpenContext, projectId: string, existing: ProjectRow | undefined): void {
  if (!existing) throw unknownProject(projectId);
  if (existing.expires_at !== null && existing.expires_at <= context.now.toISOString()) return;
  throw new ChartctlError({
    kind: "conflict",
    code: "project.active-again",
    message: `Project ${projectId} has been used or renewed meanwhile, and has not expired`,
    hint: `see until when: chartctl status -p ${projectId}`,
  });
}

/** Deploy, purge and destroy work on what is there. Errors: `project.not-found`, `project.not-deployed`, `application.active` (conflict). */
function touchExisting(context: OpenContext, request: OpenOperation, existing: ProjectRow | undefined, live: ReleaseRow | undefined): ProjectRow {
  if (!existing) throw unknownProject(request.projectId);
  if (request.kind === "destroy" && existing.application !== "absent") throw applicationActive(toProject(existing, undefined, live));
  if (request.kind === "deploy" && settledStatus(existing) !== "deployed") throw notDeployed(existing);
  return {
    ...existing,
    infrastructure: request.kind === "destroy" ? "destroying" : settledStatus(existing),
    application: request.kind === "deploy" ? "deploying" : request.kind === "purge" ? "purging" : existing.application,
    previous: settledStatus(existing),
    previous_application: existing.application,
    // What a machine does for its own reasons is no activity.
    ...(request.reason ? {} : { last_activity_at: context.now.toISOString(), expires_at: expiry(context.now, existing.ttl_seconds) }),
    fence: existing.fence + 1,
  };
}

const notDeployed = (project: ProjectRow): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "project.not-deployed",
    message: `Project ${project.id} has no working infrastructure to deploy on: it is ${settledStatus(project)}`,
    hint: `chartctl provision -p ${project.id}`,
    details: { infrastructure: project.infrastructure },
  });

/** What the application is when nobody works on it: a dead deploy left the old release answering, if there was one. */
const settledApplication = (row: ProjectRow, live: ReleaseRow | undefined): string => {
  if (row.application === "purging") return "failed";
  return row.application === "deploying" ? (live ? "deployed" : "failed") : row.application;
};

async function writeOperation(
  tx: Tx,
  context: OpenContext,
  request: OpenOperation,
  project: ProjectRow,
  facts: { hash: string; takenOver: OperationRow | null; fresh: boolean },
): Promise<OperationRow> {
  const operation: OperationRow = {
    id: context.newOperationId(),
    idempotency_key: request.idempotencyKey,
    request_hash: facts.hash,
    tenant_id: context.tenantId,
    project_key: project.key,
    project_id: project.id,
    kind: request.kind,
    status: "running",
    fence: project.fence,
    machine: request.holder.machine,
    pid: request.holder.pid,
    started_at: request.holder.startedAt,
    lease_expires_at: new Date(context.now.getTime() + leaseMilliseconds).toISOString(),
    credentials_expire_at: null,
    taken_over: facts.takenOver?.id ?? null,
    fresh: facts.fresh ? 1 : 0,
    opened_at: context.now.toISOString(),
    finished_at: null,
    error: null,
    reason: request.reason ?? null,
  };
  await tx.insertInto("operations").values(operation).execute();
  const row = { ...project, operation_id: operation.id, version: facts.fresh ? 1 : project.version + 1 };
  if (facts.fresh) await tx.insertInto("projects").values(row).execute();
  else await tx.updateTable("projects").set(row).where("key", "=", row.key).execute();
  return operation;
}
