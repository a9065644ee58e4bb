/** Opening an operation: one transaction that locks the owner's account, checks state and limits, and writes the booking. */
import { createHash } from "node:crypto";
import type { OpenedOperation, OpenOperation } from "../../contract/lifecycle-endpoints.ts";
import type { Limits } from "../../contract/resources.ts";
import { isOver, overCostNow } from "../../core/costs/limits/over-limit.ts";
import { applicationActive } from "../../core/lifecycle/active.ts";
import { parseParameters } from "../../core/parameters.ts";
import { whatFits } from "../../core/quota/what-fits.ts";
import { unknownProject } from "../../core/unknown-project.ts";
import { ChartctlError } from "../../errors.ts";
import { accountLock, userOverCost } from "./accounts.ts";
import { auditInsert } from "./audit.ts";
import type { BookedQuota, Priced } from "./book-provision.ts";
import { bookProvision, settledStatus } from "./book-provision.ts";
import type { Db, Tx } from "./database.ts";
import { expiry, liveProjectQuery, refuseForeign } from "./projects.ts";
import { limitsFrom, overridesQuery, usedFrom, usedQuery } from "./quotas.ts";
import { endRelease, liveRelease } from "./releases.ts";
import type { OperationRow, ProjectRow, ReleaseRow } from "./rows.ts";
import { overCostMark, toOperation, toProject } from "./rows.ts";
import { forUpdate, together, transact } from "./transact.ts";

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
  const priced = request.desired && pricedFrom(context, request.desired);
  return await withOwner(request.desired?.adopt?.userId ?? context.userId, (owner) =>
    transact(db, async (tx) => {
      const { key, existing: found, previous, live, quota } = await lockBooking(tx, context, request, owner);
      if (key) return await sameAnswer(tx, key, hash);
      if (found) refuseForeign(context, found);
      if (request.onlyExpired) refuseActive(context, request.projectId, found);
      if (request.onlyOverCost) refuseWithinLimit(context, request.projectId, found, quota.limits);
      const takenOver = previous ? await endDead(tx, context, previous, request) : null;
      const existing = found && { ...found, application: settledApplication(found, live) };

      const project =
        request.kind === "provision"
          ? await bookProvision(tx, context, request.projectId, priced, existing, quota)
          : touchExisting(context, request, existing, live);
      const operation = await writeOperation(tx, context, request, project, { hash, takenOver, fresh: existing === undefined });
      return {
        operation: toOperation(operation),
        project: toProject({ ...project, operation_id: operation.id }, operation, live),
        takenOver: takenOver ? toOperation(takenOver) : null,
        fresh: existing === undefined,
      };
    }),
  );
}

function pricedFrom({ estimateMonthlyCents }: OpenContext, desired: NonNullable<OpenOperation["desired"]>): Priced {
  const parameters = parseParameters(desired.blueprint, [], desired.parameters);
  return {
    ...desired,
    parameters: JSON.stringify(parameters),
    monthlyCents: estimateMonthlyCents(desired),
    fitting: (limit) => whatFits(desired.blueprint, parameters, (smaller) => estimateMonthlyCents({ ...desired, parameters: smaller }), limit),
  };
}

/** The project is booked on somebody else's account than the one that was locked. */
class OwnedBy extends Error {
  constructor(readonly owner: string) {
    super("owned by another");
  }
}

/** Mostly the caller's own; when it isn't, all is begun anew: whoever held one account and waited for another would wait in a circle. */
async function withOwner<T>(owner: string, work: (owner: string) => Promise<T>): Promise<T> {
  try {
    return await work(owner);
  } catch (error) {
    if (error instanceof OwnedBy) return await withOwner(error.owner, work);
    throw error;
  }
}

/** The answer that an earlier request with this key got. Error `idempotency.mismatch` (usage). */
async function sameAnswer(tx: Tx, row: OperationRow, hash: string): Promise<OpenedOperation> {
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

interface Booking {
  /** The operation that this idempotency key has opened already. */
  key: OperationRow | undefined;
  existing: ProjectRow | undefined;
  previous: OperationRow | undefined;
  live: ReleaseRow | undefined;
  quota: BookedQuota;
}

/**
 * Locks the owner's account, then the project, then its operation, always in this order, so that nobody waits in a circle;
 * what is read after a lock holds until the commit. A rival with the same key or name meets a unique index.
 */
async function lockBooking(tx: Tx, context: OpenContext, request: OpenOperation, owner: string): Promise<Booking> {
  const { tenantId } = context;
  const { projectId } = request;
  const project = () => liveProjectQuery(tx, tenantId, projectId);
  const [[account], [existing], [previous], [live], [key], overrides, [used]] = await together(
    tx,
    accountLock(tx, tenantId, owner),
    project().$call(forUpdate(tx)),
    tx.selectFrom("operations").selectAll().where("id", "=", project().clearSelect().select("operation_id")).$call(forUpdate(tx)),
    tx.selectFrom("releases").selectAll().where("project_key", "=", project().clearSelect().select("key")).where("status", "=", "live"),
    tx.selectFrom("operations").selectAll().where("tenant_id", "=", tenantId).where("idempotency_key", "=", request.idempotencyKey),
    overridesQuery(tx, tenantId, owner),
    usedQuery(tx, tenantId, owner, projectId),
  );
  if (existing && existing.user_id !== owner) throw new OwnedBy(existing.user_id);
  const limits = limitsFrom(overrides, owner, context.platformLimits);
  return { key, existing, previous, live, quota: { limits, others: usedFrom(used), over: userOverCost(account) } };
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

/** A clean-up looked, and then the limit was raised, or the bill corrected, or the month turned. Error `project.within-limit` (conflict). */
function refuseWithinLimit(context: OpenContext, projectId: string, existing: ProjectRow | undefined, limits: Limits): void {
  if (!existing) throw unknownProject(projectId);
  const over = overCostNow({ overCost: overCostMark(existing) }, context.now);
  const limit = over?.of === "user" ? limits.userMonthlyCents : limits.projectMonthlyCents;
  if (over && isOver(over.amount, limit) && over.cleanUpAt !== null && over.cleanUpAt <= context.now.toISOString()) return;
  throw new ChartctlError({
    kind: "conflict",
    code: "project.within-limit",
    message: `Project ${projectId} is not over its limit, or its grace time has not ended`,
    hint: `see what it costs, and may: chartctl status -p ${projectId}`,
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
  const row = { ...project, operation_id: operation.id, version: facts.fresh ? 1 : project.version + 1 };
  await together(
    tx,
    tx.insertInto("operations").values(operation),
    facts.fresh ? tx.insertInto("projects").values(row) : tx.updateTable("projects").set(row).where("key", "=", row.key),
    auditInsert(tx, {
      tenantId: context.tenantId,
      actor: context.actor,
      action: `operation.${request.kind}.opened`,
      subject: project.id,
      after: {
        operationId: operation.id,
        monthlyCents: project.monthly_cents,
        ...(facts.takenOver ? { takenOver: facts.takenOver.id } : {}),
        ...(request.reason ? { reason: request.reason } : {}),
      },
      at: context.now,
      requestId: context.requestId,
    }),
  );
  return operation;
}
