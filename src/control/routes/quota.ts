/** `/api/quota`. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { TenantStore } from "../scoped.ts";

export function quotaRoutes(bind: Bind<TenantStore>): void {
  bind(endpoints.getQuota, ({ store, query }) => store.quota(query.user));
  bind(endpoints.setQuota, async ({ store, body }) => ({ limits: await store.setQuota(body.user, body.limits) }));
}
