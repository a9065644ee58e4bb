/** A running operation: its lease, journal, state copies and end. Every write carries the fence. */
import type { FinishOperation, RecordRelease, StateCopy } from "../../contract/lifecycle-endpoints.ts";
import type { Operation, Project, Release } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Db, Tx } from "./database.ts";
import { leaseMilliseconds } from "./open-operation.ts";
import type { Actor } from "./projects.ts";
import { by as auditBy, refuseForeign } from "./projects.ts";
import { endRelease, liveRelease, purgeReleases, recordRelease as record } from "./releases.ts";
import type { OperationRow, ProjectRow } from "./rows.ts";
import { overCostMark, toOperation, toProject } from "./rows.ts";
import type { Seal } from "./seal.ts";
import { forUpdate, transact } from "./transact.ts";

export interface Fenced {
  tenantId: string;
  /** Whose projects it may be: anybody's, for who manages the tenant. */
  userId: string;
  manages: boolean;
  operationId: string;
  fence: number;
  now: Date;
  /** For the audit log: who really does it, by which request. */
  auditActor: string;
  requestId: string;
}

const find = async (tx: Tx, by: Fenced): Promise<OperationRow | undefined> =>
  await tx
    .selectFrom("operations")
    .selectAll()
    .where("id", "=", by.operationId)
    .where("tenant_id", "=", by.tenantId)
    .$if(!by.manages, (query) =>
      query.where("project_key", "in", (own) => own.selectFrom("projects").select("key").where("tenant_id", "=", by.tenantId).where("user_id", "=", by.userId)),
    )
    .$call(forUpdate(tx))
    .executeTakeFirst();

/** The operation, when it is still the caller's. Error `operation.fenced` (conflict). */
async function held(tx: Tx, by: Fenced): Promise<OperationRow> {
  const row = await find(tx, by);
  if (row?.status === "running" && row.fence === by.fence) return row;
  throw fenced(row, by);
}

const fenced = (row: OperationRow | undefined, by: Pick<Fenced, "operationId">): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "operation.fenced",
    message: row
      ? `Operation ${row.id} is ${row.status}${row.status === "interrupted" ? ": another one has taken over" : ""}`
      : `Operation ${by.operationId} does not exist`,
    hint: "see who works on it: chartctl status",
  });

/** Role chaining's own limit, and a minute for the clocks. */
const longestCredentialsMilliseconds = 3_660_000;

/**
 * Before credentials are given out: the operation must be running under a lease, and until they end nobody on another
 * machine takes over. Errors: `operation.fenced` (conflict), `project.not-yours` (refused).
 */
export const noteCredentials = async (db: Db | Tx, actor: Actor, operationId: string, purpose: string): Promise<{ operation: Operation; project: Project }> =>
  await transact(db, async (tx) => {
    const row = await tx
      .selectFrom("operations")
      .selectAll()
      .where("id", "=", operationId)
      .where("tenant_id", "=", actor.tenantId)
      .$call(forUpdate(tx))
      .executeTakeFirst();
    if (row?.status !== "running" || row.lease_expires_at <= actor.now.toISOString()) throw fenced(row, { operationId });
    const project = await tx
      .selectFrom("projects")
      .selectAll()
      .where("key", "=", row.project_key)
      .where("tenant_id", "=", actor.tenantId)
      .executeTakeFirstOrThrow();
    refuseForeign(actor, project);
    const until = new Date(actor.now.getTime() + longestCredentialsMilliseconds).toISOString();
    await tx.updateTable("operations").set({ credentials_expire_at: until }).where("id", "=", operationId).execute();
    await writeAudit(tx, { ...auditBy(actor), action: "credentials.issued", subject: project.id, after: { operationId, purpose } });
    return { operation: toOperation(row), project: toProject(project, row) };
  });

export const renewLease = async (db: Db | Tx, by: Fenced, credentialsExpireAt: string | undefined): Promise<{ leaseExpiresAt: string }> =>
  await transact(db, async (tx) => {
    const row = await held(tx, by);
    const leaseExpiresAt = new Date(by.now.getTime() + leaseMilliseconds).toISOString();
    // No credentials last longer than an hour: a client's word can't hold others off for ever.
    const longest = new Date(by.now.getTime() + longestCredentialsMilliseconds).toISOString();
    const told = credentialsExpireAt !== undefined && credentialsExpireAt > longest ? longest : credentialsExpireAt;
    const latest =
      [row.credentials_expire_at, told ?? null]
        .filter((time) => time !== null)
        .sort()
        .at(-1) ?? null;
    await tx.updateTable("operations").set({ lease_expires_at: leaseExpiresAt, credentials_expire_at: latest }).where("id", "=", row.id).execute();
    return { leaseExpiresAt };
  });

export const writeJournal = async (
  db: Db | Tx,
  by: Fenced,
  line: { step: string; phase: string; detail?: Record<string, unknown> | undefined },
): Promise<{ sequence: number }> =>
  await transact(db, async (tx) => {
    await held(tx, by);
    const { sequence } = await tx
      .insertInto("journal")
      .values({
        operation_id: by.operationId,
        step: line.step,
        phase: line.phase,
        detail: line.detail ? JSON.stringify(line.detail) : null,
        at: by.now.toISOString(),
      })
      .returning("sequence")
      .executeTakeFirstOrThrow();
    return { sequence };
  });

/** Numbers the release of a running deploy. */
export const recordRelease = async (db: Db | Tx, by: Fenced & { actor: string }, facts: RecordRelease): Promise<Release> =>
  await transact(db, async (tx) => await record(tx, await held(tx, by), by.actor, facts, by.now));

/**
 * Keeps a newer state. An older serial of the same lineage is a late copy and is ignored; another lineage replaces the
 * kept one, because the fence says that its sender is the project's only writer.
 */
export const saveState = async (db: Db | Tx, seal: Seal, by: Fenced, copy: StateCopy): Promise<{ serial: number }> =>
  await transact(db, async (tx) => {
    const { project_key } = await held(tx, by);
    const kept = await tx.selectFrom("states").select(["serial", "lineage"]).where("project_key", "=", project_key).executeTakeFirst();
    if (kept && kept.lineage === copy.lineage && kept.serial > copy.serial) return { serial: kept.serial };
    const row = { serial: copy.serial, lineage: copy.lineage, body: seal.seal(copy.body, stateContext(project_key)), saved_at: by.now.toISOString() };
    await tx
      .insertInto("states")
      .values({ project_key, ...row })
      .onConflict((conflict) => conflict.column("project_key").doUpdateSet(row))
      .execute();
    return { serial: copy.serial };
  });

export async function loadState(db: Db | Tx, seal: Seal, projectKey: string): Promise<StateCopy | null> {
  const row = await db.selectFrom("states").selectAll().where("project_key", "=", projectKey).executeTakeFirst();
  return row ? { serial: row.serial, lineage: row.lineage, body: seal.open(row.body, stateContext(projectKey)) } : null;
}

export const stateContext = (projectKey: string): string => `project/${projectKey}/state`;

/**
 * Closes the operation and moves its project on; the same end sent again, because its answer was lost, is answered again.
 * Errors: `operation.fenced`, `state.not-stored`, `destroy.unproven` (conflict), `operation.standing` (usage).
 */
export const finishOperation = async (
  db: Db | Tx,
  by: Fenced & { actor: string },
  end: FinishOperation,
): Promise<{ operation: Operation; project: Project | null }> =>
  await transact(db, async (tx) => {
    // The project before its operation, as everywhere: locks taken in one order never wait for each other.
    const project = await projectOfOperation(tx, by);
    const running = await find(tx, by);
    if (!running || !project || running.fence !== by.fence) throw fenced(running, by);
    if (running.status !== "running") {
      // Only its own holder finishes an operation with an error or an outcome; a take-over's `interrupted` is no answer.
      const repeated = running.status === end.outcome && running.status !== "interrupted" && project.operation_id === running.id;
      if (!repeated) throw fenced(running, by);
      return { operation: toOperation(running), project: await current(tx, project, running) };
    }
    await requireStored(tx, running.project_key, end.stateSerial);
    const settled = {
      ...afterwards(running, project, end, by.now.toISOString()),
      ...(await applicationAfter(tx, running, project, end, by.now.toISOString())),
    };
    const after = {
      ...settled,
      version: project.version + 1,
      ...(endsTrouble(running, project, end, by.now) ? { cleanup_attempts: 0, cleanup_next_at: null, cleanup_error: null } : {}),
    };
    const operation = { ...running, status: end.outcome, finished_at: by.now.toISOString(), error: end.error ? JSON.stringify(end.error) : null };
    await tx.updateTable("operations").set(operation).where("id", "=", running.id).execute();
    await tx.updateTable("projects").set(after).where("key", "=", project.key).execute();
    if (after.ended_at !== null) await tx.deleteFrom("states").where("project_key", "=", project.key).execute();
    await writeAudit(tx, {
      tenantId: by.tenantId,
      actor: by.auditActor,
      action: `operation.${running.kind}.${end.outcome}`,
      subject: project.id,
      before: { infrastructure: project.previous, application: project.previous_application },
      after: {
        infrastructure: after.infrastructure,
        application: after.application,
        booked: after.ended_at === null,
        ...(end.error ? { error: end.error } : {}),
      },
      at: by.now,
      requestId: by.requestId,
    });
    return { operation: toOperation(operation), project: await current(tx, after, operation) };
  });

/** Failed clean-ups are forgotten when something goes well; the purge that a clean-up's destroy begins with is only half of it. */
const endsTrouble = ({ kind, reason }: OperationRow, project: ProjectRow, { outcome }: FinishOperation, now: Date): boolean =>
  outcome === "succeeded" && !(kind === "purge" && reason !== null && toBeDestroyed(project, now));

const toBeDestroyed = (project: ProjectRow, now: Date): boolean =>
  [project.expires_at, overCostMark(project)?.cleanUpAt ?? null].some((at) => at !== null && at <= now.toISOString());

const current = async (tx: Tx, project: ProjectRow, operation: OperationRow): Promise<Project | null> =>
  project.ended_at === null ? toProject(project, operation, await liveRelease(tx, project.key)) : null;

/** The application's status after a deploy or a purge, and its releases with it; nothing for other operations. */
async function applicationAfter(
  tx: Tx,
  operation: OperationRow,
  project: ProjectRow,
  end: FinishOperation,
  now: string,
): Promise<Partial<Pick<ProjectRow, "application">>> {
  if (operation.kind === "deploy") {
    const began = await endRelease(tx, operation, end, now);
    if (end.outcome === "succeeded") {
      if (!began) throw new ChartctlError({ kind: "usage", code: "release.missing", message: "A deploy that succeeded has recorded its release" });
      return { application: "deployed" };
    }
    // The old release goes on answering; without one, what was uploaded is still to be purged.
    return { application: began && project.previous_application === "absent" ? "failed" : project.previous_application };
  }
  if (operation.kind === "purge") {
    if (end.outcome === "succeeded") {
      await purgeReleases(tx, project.key);
      return { application: "absent" };
    }
    if (end.standing === "unchanged") return { application: project.previous_application };
    return end.outcome === "interrupted" ? {} : { application: "failed" };
  }
  return {};
}

const projectOfOperation = async (tx: Tx, by: Fenced): Promise<ProjectRow | undefined> =>
  await tx
    .selectFrom("projects")
    .selectAll()
    .where("key", "=", (query) => query.selectFrom("operations").select("project_key").where("id", "=", by.operationId).where("tenant_id", "=", by.tenantId))
    .$call(forUpdate(tx))
    .executeTakeFirst();

async function requireStored(tx: Tx, projectKey: string, serial: number | undefined): Promise<void> {
  if (serial === undefined) return;
  const kept = await tx.selectFrom("states").select("serial").where("project_key", "=", projectKey).executeTakeFirst();
  if (kept && kept.serial >= serial) return;
  throw new ChartctlError({
    kind: "conflict",
    code: "state.not-stored",
    message: `State ${serial} is not stored yet`,
    hint: "send it, then close the operation",
  });
}

/** The project's row after the operation: the one place where a booking ends. */
function afterwards(operation: OperationRow, project: ProjectRow, end: FinishOperation, now: string): ProjectRow {
  const ended = { ...project, infrastructure: "absent", monthly_cents: 0, ended_at: now, outputs: "{}" };
  const known = { ...project, account_id: end.accountId ?? project.account_id };
  // Deploys and purges move the application alone.
  if (operation.kind === "deploy" || operation.kind === "purge") return known;
  if (operation.kind === "destroy" && end.outcome === "succeeded") {
    if (end.standing !== "nothing" || !proven(end)) throw unproven(project.id);
    return { ...ended, receipt: JSON.stringify(end.receipt) };
  }
  if (end.standing === "nothing") {
    if (end.outcome === "succeeded") throw standsNothing();
    // Only a project's first operation can know that nothing stands without having proven it.
    return operation.fresh === 1 || proven(end) ? ended : { ...known, infrastructure: "failed" };
  }
  if (end.outcome === "succeeded") return { ...known, infrastructure: "deployed", outputs: end.outputs ? JSON.stringify(end.outputs) : project.outputs };
  if (end.standing === "unchanged") return project.previous === "absent" ? ended : { ...known, infrastructure: project.previous };
  if (end.outcome === "interrupted") return known; // still on its way: the next run goes on
  return { ...known, infrastructure: "failed" };
}

const proven = ({ receipt }: FinishOperation): boolean =>
  receipt?.stateResources === 0 && receipt.reads.length > 0 && receipt.reads.every(({ answer }) => answer === "absent");

const unproven = (projectId: string): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "destroy.unproven",
    message: "A destroy succeeds only with the proof that AWS holds nothing",
    hint: `chartctl destroy -p ${projectId}`,
  });

const standsNothing = (): ChartctlError =>
  new ChartctlError({ kind: "usage", code: "operation.standing", message: "A provision that succeeded leaves something standing" });
