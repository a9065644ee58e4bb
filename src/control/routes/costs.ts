/** `/api/costs` and `/api/dashboard`. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { CostStore } from "../scope/costs.ts";
import type { TenantStore } from "../scope/lifecycle.ts";

export function costRoutes(bind: Bind<CostStore & Pick<TenantStore, "projects" | "quota">>): void {
  bind(endpoints.getCosts, async ({ store, query }) => ({ ...(await store.costs(query.days)), currency: "USD" as const }));
  bind(endpoints.costTrends, ({ store, query }) => store.trends(query.days));
  bind(endpoints.billedCosts, ({ store, query }) => store.billed(query));
  bind(endpoints.billedUsage, ({ store, query }) => store.usage(query));
  bind(endpoints.dashboard, async ({ store }) => ({
    projects: await store.projects(),
    quota: await store.quota(),
    days: (await store.trends(dashboardDays)).days,
  }));
}

const dashboardDays = 7;
