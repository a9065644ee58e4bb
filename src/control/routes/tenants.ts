/** `/api/tenants` and `/api/admin`: the platform's own. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { PlatformStore } from "../scope/platform.ts";

export function tenantRoutes(bind: Bind<PlatformStore>): void {
  bind(endpoints.listTenants, ({ store }) => store.tenants());
  bind(endpoints.getTenant, ({ store, params }) => store.tenant(params.tenantId));
  bind(endpoints.addTenant, ({ store, body }) => store.addTenant(body));
  bind(endpoints.adminStats, ({ store }) => store.stats());
  bind(endpoints.listAlerts, ({ store, query }) => store.alerts(query.limit));
  bind(endpoints.deliverAlerts, ({ store, body }) => store.deliverAlerts(body.again));
  bind(endpoints.platformAudit, ({ store, query }) => store.audit({ ...query, newest: query.newest === "true" }));
  bind(endpoints.tenantConnection, ({ store, params }) => store.connection(params.tenantId));
  bind(endpoints.updateTenant, ({ store, params, body, expected }) => store.updateTenant(params.tenantId, body, expected));
  bind(endpoints.connectBilling, ({ store, params, body, expected }) => store.connectBilling(params.tenantId, body.table, expected));
  bind(endpoints.removeTenant, ({ store, params, expected }) => store.removeTenant(params.tenantId, expected));
  bind(endpoints.rotateExternalId, ({ store, params }) => store.rotateExternalId(params.tenantId));
  bind(endpoints.finishRotation, ({ store, params, expected }) => store.finishRotation(params.tenantId, expected));
  bind(endpoints.verifyTenant, ({ store, params, body }) => store.verify(params.tenantId, body));
  bind(endpoints.platformPrincipal, async ({ store }) => ({ principalArn: await store.principal() }));
}
