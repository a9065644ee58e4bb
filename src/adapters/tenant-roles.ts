/** Tenants as the control API keeps them, and their roles as whoever assumes them finds them. */
import type { CallApi } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import { interruption, unlessStopped } from "../core/stoppable.ts";
import type { RoleProbe } from "../core/tenants/role-probe.ts";
import type { TenantBooks, TenantRoles } from "../core/tenants/tenant-ports.ts";
import { connectionToVerify, verifyConnection } from "../core/tenants/verify.ts";
import { isChartctlError } from "../errors.ts";

export const tenantBooks = (call: CallApi): TenantBooks => ({
  find: async (tenantId) => {
    try {
      return await call(endpoints.getTenant, { params: { tenantId } });
    } catch (error) {
      if (isChartctlError(error) && error.code === "tenant.not-found") return undefined;
      throw error;
    }
  },
  add: async (id) => {
    const { externalId: _, ...tenant } = await call(endpoints.addTenant, { body: { id, roleArn: null, accountId: null } });
    return tenant;
  },
  externalIds: (tenantId) => call(endpoints.tenantConnection, { params: { tenantId } }),
  connect: ({ id, version }, body) => call(endpoints.updateTenant, { params: { tenantId: id }, body, ifMatch: version }),
  connectBilling: ({ id, version }, table) => call(endpoints.connectBilling, { params: { tenantId: id }, body: { table }, ifMatch: version }),
  beginRotation: async (tenantId) => {
    const { externalId: _, nextExternalId: __, ...tenant } = await call(endpoints.rotateExternalId, { params: { tenantId } });
    return tenant;
  },
  finishRotation: ({ id, version }) => call(endpoints.finishRotation, { params: { tenantId: id }, ifMatch: version }),
});

/** The server tries the roles: this machine's credentials are nobody that they trust. Error `interrupted`: its answer isn't waited for. */
export const remoteRoles = (call: CallApi, interrupted: AbortSignal): TenantRoles => ({
  verify: (tenantId, given) => unlessStopped(interrupted, interruption, () => call(endpoints.verifyTenant, { params: { tenantId }, body: given })),
  principal: async () => (await call(endpoints.platformPrincipal, {})).principalArn,
});

export const localRoles = (call: CallApi, probe: RoleProbe, randomId: () => string): TenantRoles => ({
  verify: async (tenantId, given) => {
    const connection = connectionToVerify(tenantId, await call(endpoints.tenantConnection, { params: { tenantId } }), given);
    return await verifyConnection(probe, { ...connection, others: await call(endpoints.listTenants, {}), wrongId: randomId(), now: new Date() });
  },
  principal: () => probe.principal(),
});
