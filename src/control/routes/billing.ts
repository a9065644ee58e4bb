/** `/api/tenants/:tenantId/bill` and `/api/admin/costs`. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { BillingStore } from "../scope/billing.ts";

export function billingRoutes(bind: Bind<BillingStore>): void {
  bind(endpoints.beginBillingRead, ({ store, params, body }) => store.beginBillingRead(params.tenantId, body));
  bind(endpoints.recordBill, async ({ store, params, body }) => {
    await store.recordBill(params.tenantId, body);
    return {};
  });
  bind(endpoints.failBillingRead, async ({ store, params, body }) => {
    await store.failBillingRead(params.tenantId, body);
    return {};
  });
  bind(endpoints.adminCosts, ({ store, query }) => store.overview(query.days));
}
