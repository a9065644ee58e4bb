/** `/api/quota`. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { TenantStore } from "../scope/lifecycle.ts";

export function quotaRoutes(bind: Bind<TenantStore>): void {
  bind(endpoints.getQuota, ({ store, query }) => store.quota(query.user));
  bind(endpoints.setQuota, ({ store, body, expected }) => store.setQuota({ userId: body.user, limits: body.limits, overCost: body.overCost }, expected));
}
