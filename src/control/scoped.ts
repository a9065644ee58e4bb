/**
 * The store as one principal may use it: tenant, user and rights are bound here, once, and routes get nothing else.
 * A route can't forget the tenant, because it never holds the store itself.
 */
import type { FinishOperation, OpenedOperation, OpenOperation, RecordRelease, StateCopy } from "../contract/endpoints.ts";
import type { Limits, Operation, Project, Quota, Release, Tenant } from "../contract/resources.ts";
import { ChartctlError } from "../errors.ts";
import type { ControlApi } from "./parts.ts";
import type { Principal } from "./principal.ts";
import { openOperation } from "./store/open-operation.ts";
import type { Fenced } from "./store/operations.ts";
import { finishOperation, loadState, recordRelease, renewLease, saveState, writeJournal } from "./store/operations.ts";
import type { Actor } from "./store/projects.ts";
import { getProject, listProjects, recordCleanup, renewProject } from "./store/projects.ts";
import { limitsOf, setLimits, usedBy } from "./store/quotas.ts";
import { listReleases } from "./store/releases.ts";
import { addTenant, getTenant, listTenants, tenantConnection } from "./store/tenants.ts";

export interface TenantStore {
  projects(userId?: string): Promise<Project[]>;
  project(id: string): Promise<Project>;
  renewProject(id: string, ttlSeconds: number | null | undefined): Promise<Project>;
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
  setQuota(userId: string | undefined, limits: Partial<Limits>): Promise<Limits>;
}
interface Ref {
  id: string;
  fence: number;
}

export function tenantStore(api: ControlApi, principal: Principal): TenantStore {
  const { db, seal, platformLimits } = api;
  const { tenantId, userId } = principal;
  const actor = (): Actor => ({ tenantId, userId, manages: principal.role !== "member", now: api.now() });
  const by = ({ id, fence }: Ref): Fenced => ({ tenantId, operationId: id, fence, now: api.now() });
  return {
    projects: (user) => listProjects(db, tenantId, user),
    project: (id) => getProject(db, tenantId, id),
    renewProject: (id, ttlSeconds) => renewProject(db, actor(), id, ttlSeconds),
    releases: async (projectId) => await listReleases(db, await getProject(db, tenantId, projectId)),
    recordCleanup: (projectId, error) => recordCleanup(db, actor(), projectId, error),
    recordRelease: (operation, facts) => recordRelease(db, { ...by(operation), actor: userId }, facts),
    state: async (projectId) => await loadState(db, seal, (await getProject(db, tenantId, projectId)).key),
    open: (request) =>
      openOperation(
        db,
        {
          ...actor(),
          newOperationId: () => `op-${api.randomHex(12)}`,
          newProjectKey: () => projectKey(api.randomHex(7)),
          platformLimits,
          estimateMonthlyCents: api.estimateMonthlyCents,
        },
        request,
      ),
    renewLease: (operation, credentialsExpireAt) => renewLease(db, by(operation), credentialsExpireAt),
    journal: (operation, line) => writeJournal(db, by(operation), line),
    saveState: (operation, copy) => saveState(db, seal, by(operation), copy),
    finish: (operation, end) => finishOperation(db, { ...by(operation), actor: userId }, end),
    quota: async (user = userId) => ({
      tenantId,
      userId: user,
      limits: await limitsOf(db, tenantId, user, platformLimits),
      used: await usedBy(db, tenantId, user),
    }),
    setQuota: (user, limits) => setLimits(db, actor(), platformLimits, user, limits),
  };
}

export interface PlatformStore {
  tenants(): Promise<Tenant[]>;
  tenant(id: string): Promise<Tenant>;
  addTenant(tenant: { id: string; roleArn: string | null; accountId: string | null }): Promise<Tenant & { externalId: string }>;
  connection(id: string): Promise<{ roleArn: string | null; accountId: string | null; externalId: string }>;
}

/** Error `role.platform` (auth) for everybody but the platform's owner. */
export function platformStore(api: ControlApi, principal: Principal): PlatformStore {
  if (principal.role !== "global_owner")
    throw new ChartctlError({ kind: "auth", code: "role.platform", message: "Only the platform's owner may manage tenants" });
  const { db, seal } = api;
  return {
    tenants: () => listTenants(db),
    tenant: (id) => getTenant(db, id),
    addTenant: async (tenant) => {
      const externalId = api.randomHex(externalIdBytes);
      return { ...(await addTenant(db, seal, { ...tenant, externalId, actor: principal.userId, now: api.now() })), externalId };
    },
    connection: (id) => tenantConnection(db, seal, id),
  };
}

/** 128 bits: never guessed, one a tenant. */
const externalIdBytes = 16;

/** A letter and nine characters of base 36 from 56 random bits; the primary key refuses a repeat. */
function projectKey(hex: string): string {
  const random = BigInt(`0x${hex}`);
  const letter = String.fromCharCode(97 + Number(random % 26n));
  return letter + (random / 26n).toString(36).padStart(9, "0").slice(-9);
}
