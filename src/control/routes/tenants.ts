/** `/api/tenants`: the platform's own. */
import { endpoints } from "../../contract/endpoints.ts";
import { ChartctlError } from "../../errors.ts";
import type { Bind } from "../bind.ts";
import type { ControlApi } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { writeAudit } from "../store/audit.ts";
import { addTenant, getTenant, listTenants, tenantConnection } from "../store/tenants.ts";

/** 128 bits: never guessed, one a tenant. */
const externalIdBytes = 16;

export function tenantRoutes(bind: Bind, { db, seal, now, randomHex }: ControlApi): void {
  bind(endpoints.listTenants, async ({ principal }) => {
    requirePlatform(principal);
    return await listTenants(db);
  });
  bind(endpoints.getTenant, async ({ principal, params }) => {
    requirePlatform(principal);
    return await getTenant(db, params.tenantId);
  });
  bind(endpoints.addTenant, async ({ principal, body }) => {
    requirePlatform(principal);
    const externalId = randomHex(externalIdBytes);
    const tenant = await addTenant(db, seal, { ...body, externalId, now: now() });
    await writeAudit(db, { tenantId: tenant.id, actor: principal.userId, action: "tenant.added", subject: tenant.id, after: tenant, at: now() });
    return { ...tenant, externalId };
  });
  bind(endpoints.tenantConnection, async ({ principal, params }) => {
    if (params.tenantId !== principal.tenantId) requirePlatform(principal);
    return await tenantConnection(db, seal, params.tenantId);
  });
}

function requirePlatform(principal: Principal): void {
  if (principal.role === "global_owner") return;
  throw new ChartctlError({ kind: "auth", code: "role.platform", message: "Only the platform's owner may manage tenants" });
}
