/** The platform's own affairs, for its owners. */

import type { Alert, AlertDelivery, AlertsStanding } from "../../contract/alerts.ts";
import type { AuditLine, AuditPage } from "../../contract/audit-endpoints.ts";
import type { Verification } from "../../contract/platform-endpoints.ts";
import type { Tenant } from "../../contract/resources.ts";
import type { Stats } from "../../contract/stats.ts";
import type { RoleProbe } from "../../core/tenants/role-probe.ts";
import { connectionToVerify, verifyConnection } from "../../core/tenants/verify.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import { deliverDue } from "../deliver-due.ts";
import type { ControlApi } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { alertsStanding, dueAgain, listAlerts } from "../store/alerts.ts";
import { readAudit } from "../store/audit.ts";
import type { Db, Tx } from "../store/database.ts";
import { platformStats } from "../store/stats.ts";
import type { TenantChange } from "../store/tenant-changes.ts";
import { beginRotation, changeBilling, finishRotation, removeTenant, updateConnection } from "../store/tenant-changes.ts";
import type { TenantConnection } from "../store/tenants.ts";
import { addTenant, getTenant, listTenants, tenantConnection } from "../store/tenants.ts";
import { hostedOf } from "./actor.ts";

export interface PlatformStore {
  tenants(): Promise<Tenant[]>;
  tenant(id: string): Promise<Tenant>;
  addTenant(tenant: { id: string; roleArn: string | null; accountId: string | null }): Promise<Tenant & { externalId: string }>;
  connection(id: string): Promise<TenantConnection>;
  updateTenant(id: string, connection: { roleArn: string | null; accountId?: string | null | undefined }, expected: number | undefined): Promise<Tenant>;
  connectBilling(id: string, table: string | null, expected: number | undefined): Promise<Tenant>;
  removeTenant(id: string, expected: number | undefined): Promise<Tenant>;
  rotateExternalId(id: string): Promise<Tenant & { externalId: string; nextExternalId: string }>;
  finishRotation(id: string, expected: number | undefined): Promise<Tenant>;
  /** With the server's own credentials, as it works with later. */
  verify(id: string, given: { roleArn?: string | undefined; accountId?: string | undefined }): Promise<Verification>;
  principal(): Promise<string>;
  stats(): Promise<Stats>;
  alerts(limit: number): Promise<{ standing: AlertsStanding; alerts: Alert[] }>;
  deliverAlerts(again: boolean): Promise<AlertDelivery>;
  audit(page: AuditPage): Promise<AuditLine[]>;
}

/** Bound to endpoints that want a `global_owner`. */
export function platformStore(api: ControlApi, principal: Principal, db: Db | Tx): PlatformStore {
  const { seal } = api;
  const by = () => ({ actor: principal.actor, now: api.now(), requestId: principal.requestId });
  const change = (id: string, expected?: number): TenantChange => ({ id, ...by(), expected });
  return {
    tenants: () => listTenants(db),
    tenant: (id) => getTenant(db, id),
    addTenant: async (tenant) => {
      const externalId = api.randomHex(externalIdBytes);
      return { ...(await addTenant(db, seal, { ...tenant, externalId, ...by(), reusable: api.hosted === undefined })), externalId };
    },
    connection: (id) => tenantConnection(db, seal, id),
    updateTenant: (id, connection, expected) => updateConnection(db, change(id, expected), connection),
    connectBilling: (id, table, expected) => changeBilling(db, change(id, expected), table),
    removeTenant: (id, expected) => removeTenant(db, change(id, expected)),
    rotateExternalId: async (id) => {
      const tenant = await beginRotation(db, seal, change(id), api.randomHex(externalIdBytes));
      const { externalId, nextExternalId } = await tenantConnection(db, seal, id);
      return { ...tenant, externalId, nextExternalId: nextExternalId ?? externalId };
    },
    finishRotation: (id, expected) => finishRotation(db, change(id, expected)),
    verify: (id, given) =>
      asPlatform(api, async (probe) => {
        const connection = connectionToVerify(id, await tenantConnection(db, seal, id), given);
        return await verifyConnection(probe, { ...connection, others: await listTenants(db as Db), wrongId: api.randomHex(externalIdBytes), now: api.now() });
      }),
    principal: () => asPlatform(api, (probe) => probe.principal()),
    stats: () => platformStats(db, api, api.now()),
    alerts: async (limit) => ({ standing: await alertsStanding(db, await api.alertReceiver(), api.now()), alerts: await listAlerts(db, limit) }),
    deliverAlerts: async (again) => {
      const receiver = await api.alertReceiver();
      if (again && receiver) await dueAgain(db, receiver, api.now());
      const { gone: _, ...done } = await deliverDue(api, db, principal);
      return { ...done, standing: await alertsStanding(db, receiver, api.now()) };
    },
    audit: (page) => readAudit(db, null, page),
  };
}

/** Whoever asks has nothing to do with the credentials that are missing: they are the server's. Error `platform.no-credentials` (external). */
async function asPlatform<T>(api: ControlApi, work: (probe: RoleProbe) => Promise<T>): Promise<T> {
  try {
    return await work(await hostedOf(api).roleProbe());
  } catch (error) {
    if (!isChartctlError(error, "auth")) throw error;
    throw new ChartctlError({
      kind: "external",
      code: "platform.no-credentials",
      message: "The platform has no AWS credentials that count: it can't become any tenant's role",
      hint: "give its processes AWS credentials; on Heroku: chartctl setup heroku config --from-env AWS_ACCESS_KEY_ID --from-env AWS_SECRET_ACCESS_KEY",
      details: { aws: error.code },
      cause: error,
    });
  }
}

/** 128 bits: never guessed, one a tenant. */
const externalIdBytes = 16;
