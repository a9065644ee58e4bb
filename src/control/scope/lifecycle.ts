/** Projects, operations and quotas as one principal may use them; a route never holds the store itself (see actor.ts). */
import type { FinishOperation, IssuedCredentials, OpenedOperation, OpenOperation, RecordRelease, StateCopy } from "../../contract/lifecycle-endpoints.ts";
import type { Operation, Project, Quota, Release } from "../../contract/resources.ts";
import { monthOf } from "../../core/costs/limits/over-limit.ts";
import { credentialRequest } from "../../core/lifecycle/identity.ts";
import { previewKey } from "../../core/lifecycle/preview-key.ts";
import { mayAskFor } from "../../core/lifecycle/purposes.ts";
import type { CredentialRequest } from "../../core/ports.ts";
import { ChartctlError } from "../../errors.ts";
import type { ControlApi } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { overCostOf } from "../store/accounts.ts";
import type { Db, Tx } from "../store/database.ts";
import { openOperation } from "../store/open-operation.ts";
import type { Fenced } from "../store/operations.ts";
import { finishOperation, loadState, noteCredentials, recordRelease, renewLease, saveState, writeJournal } from "../store/operations.ts";
import { reviewCosts } from "../store/over-cost.ts";
import type { Actor } from "../store/projects.ts";
import { getProject, listProjects, liveProject, ownProject, recordCleanup, refuseForeign, renewProject } from "../store/projects.ts";
import type { QuotaChange, QuotaSet } from "../store/quotas.ts";
import { limitsOf, overrideOf, policyOf, setLimits, usedBy } from "../store/quotas.ts";
import { listReleases } from "../store/releases.ts";
import { toProject } from "../store/rows.ts";
import { transact } from "../store/transact.ts";
import { actorOf, hostedOf, reviewOf } from "./actor.ts";
import { toldProject } from "./told.ts";

export interface TenantStore {
  projects(userId?: string): Promise<Project[]>;
  project(id: string): Promise<Project>;
  renewProject(id: string, ttlSeconds: number | null | undefined, expected: number | undefined): Promise<Project>;
  releases(projectId: string): Promise<Release[]>;
  recordCleanup(projectId: string, error: string): Promise<Project>;
  recordRelease(operation: Ref, facts: RecordRelease): Promise<Release>;
  state(projectId: string): Promise<StateCopy | null>;
  open(request: OpenOperation): Promise<OpenedOperation>;
  renewLease(operation: Ref, credentialsExpireAt: string | undefined): Promise<{ leaseExpiresAt: string }>;
  journal(operation: Ref, line: { step: string; phase: string; detail?: Record<string, unknown> | undefined }): Promise<{ sequence: number }>;
  saveState(operation: Ref, copy: StateCopy): Promise<{ serial: number }>;
  finish(operation: Ref, end: FinishOperation): Promise<{ operation: Operation; project: Project | null }>;
  quota(userId?: string): Promise<Quota>;
  setQuota(change: QuotaChange, expected: number | undefined): Promise<QuotaSet>;
  operationCredentials(operationId: string, purpose: CredentialRequest["purpose"]): Promise<IssuedCredentials>;
  projectCredentials(projectId: string, purpose: CredentialRequest["purpose"], region?: string): Promise<IssuedCredentials>;
}
interface Ref {
  id: string;
  fence: number;
}

export function tenantStore(api: ControlApi, principal: Principal, db: Db | Tx): TenantStore {
  const { seal, platformLimits } = api;
  const { tenantId, userId } = principal;
  const actor = (): Actor => actorOf(api, principal);
  const by = ({ id, fence }: Ref): Fenced => ({
    tenantId,
    userId,
    manages: actor().manages,
    operationId: id,
    fence,
    now: api.now(),
    auditActor: principal.actor,
    requestId: principal.requestId,
  });
  /** Whose limits are asked for: an admin may look at another user's. */
  const reader = (user: string | undefined): string => {
    if (user === undefined || user === userId || actor().manages) return user ?? userId;
    throw new ChartctlError({ kind: "auth", code: "role.admin", message: "Only an admin may see another user's limits" });
  };
  const userOver = async (user: string): Promise<Quota["over"]> => {
    const over = await overCostOf(db, tenantId, user);
    return over?.month === monthOf(api.now()) ? over : null;
  };
  return {
    projects: async (user) => (await listProjects(db, tenantId, user)).map((project) => toldProject(actor(), project)),
    project: async (id) => toldProject(actor(), await getProject(db, tenantId, id)),
    renewProject: (id, ttlSeconds, expected) => renewProject(db, actor(), id, ttlSeconds, expected),
    releases: async (projectId) => await listReleases(db, await getProject(db, tenantId, projectId)),
    recordCleanup: (projectId, error) => recordCleanup(db, actor(), projectId, error),
    recordRelease: (operation, facts) => recordRelease(db, { ...by(operation), actor: userId }, facts),
    state: async (projectId) => {
      const row = await ownProject(db, actor(), projectId); // a state may hold what only its owner is to know
      return await loadState(db, seal, row.key);
    },
    open: (request) =>
      openOperation(
        db,
        {
          ...actor(),
          newOperationId: () => `op-${api.randomHex(12)}`,
          newProjectKey: () => projectKey(api.randomHex(7)),
          platformLimits,
          defaultTtlSeconds: api.defaultTtlSeconds,
          estimateMonthlyCents: api.estimateMonthlyCents,
        },
        request,
      ),
    renewLease: (operation, credentialsExpireAt) => renewLease(db, by(operation), credentialsExpireAt),
    journal: (operation, line) => writeJournal(db, by(operation), line),
    saveState: (operation, copy) => saveState(db, seal, by(operation), copy),
    finish: (operation, end) => finishOperation(db, { ...by(operation), actor: userId }, end),
    quota: async (asked) => {
      const user = reader(asked);
      return {
        tenantId,
        userId: user,
        limits: await limitsOf(db, tenantId, user, platformLimits),
        used: await usedBy(db, tenantId, user),
        overCost: await policyOf(db, tenantId, user),
        over: await userOver(user),
        version: (await overrideOf(db, tenantId, asked)).version,
      };
    },
    // What was over the old limit isn't any more, or the other way round: with the change, not after it.
    setQuota: (change, expected) =>
      transact(db, async (tx) => {
        const set = await setLimits(tx, actor(), platformLimits, change, expected);
        await reviewCosts(tx, reviewOf(api, principal, tenantId), change.userId);
        return set;
      }),
    operationCredentials: async (operationId, purpose) => {
      const { issueCredentials } = hostedOf(api);
      const { project } = await transact(db, async (tx) => {
        const noted = await noteCredentials(tx, actor(), operationId, purpose);
        refusePurpose(noted.operation, purpose);
        return noted;
      });
      return await issueCredentials(credentialRequest(project, operationId, purpose));
    },
    projectCredentials: async (projectId, purpose, region = "us-east-1") => {
      const { issueCredentials } = hostedOf(api);
      const sessionName = `${purpose}-${api.randomHex(6)}`;
      const row = await liveProject(db, tenantId, projectId);
      if (row) refuseForeign(actor(), row);
      // For a plan before the first provision: AWS has nothing under this key.
      return await issueCredentials(
        row
          ? credentialRequest(toProject(row, undefined), sessionName, purpose)
          : { tenantId, userId, projectId, projectKey: previewKey, region, sessionName, purpose },
      );
    },
  };
}

/** A letter and nine characters of base 36 from 56 random bits; the primary key refuses a repeat. */
function projectKey(hex: string): string {
  const random = BigInt(`0x${hex}`);
  const letter = String.fromCharCode(97 + Number(random % 26n));
  return letter + (random / 26n).toString(36).padStart(9, "0").slice(-9);
}

/** An operation's credentials serve what it does, and nothing else. Error `credentials.purpose` (usage). */
function refusePurpose({ kind }: Operation, purpose: CredentialRequest["purpose"]): void {
  if (mayAskFor[kind].includes(purpose)) return;
  throw new ChartctlError({ kind: "usage", code: "credentials.purpose", message: `A ${kind} needs no credentials to ${purpose}` });
}
