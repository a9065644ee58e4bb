/** `/api/tenants`: the platform's own. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { PlatformStore } from "../scoped.ts";

export function tenantRoutes(bind: Bind<PlatformStore>): void {
  bind(endpoints.listTenants, ({ store }) => store.tenants());
  bind(endpoints.getTenant, ({ store, params }) => store.tenant(params.tenantId));
  bind(endpoints.addTenant, ({ store, body }) => store.addTenant(body));
  bind(endpoints.tenantConnection, ({ store, params }) => store.connection(params.tenantId));
}
