/** The platform's own affairs, for its owners. */
import type { AuditLine, AuditPage } from "../../contract/audit-endpoints.ts";
import type { Tenant } from "../../contract/resources.ts";
import type { Stats } from "../../contract/stats.ts";
import type { ControlApi } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { readAudit } from "../store/audit.ts";
import type { Db, Tx } from "../store/database.ts";
import { platformStats } from "../store/stats.ts";
import { addTenant, getTenant, listTenants, tenantConnection } from "../store/tenants.ts";

export interface PlatformStore {
  tenants(): Promise<Tenant[]>;
  tenant(id: string): Promise<Tenant>;
  addTenant(tenant: { id: string; roleArn: string | null; accountId: string | null }): Promise<Tenant & { externalId: string }>;
  connection(id: string): Promise<{ roleArn: string | null; accountId: string | null; externalId: string }>;
  stats(): Promise<Stats>;
  audit(page: AuditPage): Promise<AuditLine[]>;
}

/** Bound to endpoints that want a `global_owner`. */
export function platformStore(api: ControlApi, principal: Principal, db: Db | Tx): PlatformStore {
  const { seal } = api;
  return {
    tenants: () => listTenants(db),
    tenant: (id) => getTenant(db, id),
    addTenant: async (tenant) => {
      const externalId = api.randomHex(externalIdBytes);
      const by = { actor: principal.actor, now: api.now(), requestId: principal.requestId };
      return { ...(await addTenant(db, seal, { ...tenant, externalId, ...by })), externalId };
    },
    connection: (id) => tenantConnection(db, seal, id),
    stats: () => platformStats(db, api.platformLimits, api.now()),
    audit: (page) => readAudit(db, null, page),
  };
}

/** 128 bits: never guessed, one a tenant. */
const externalIdBytes = 16;
