/** One tenant's bill in the control API's books. */
import type { CallApi } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import type { BillingBooks } from "../core/costs/billed/read-bill.ts";
import { goneHolder } from "../core/gone-holder.ts";
import type { Processes } from "../core/ports.ts";

/** A read whose process was killed on this machine is taken over at once. */
export function billingBooks(call: CallApi, tenantId: string, againInHours: number, processes: Processes): BillingBooks {
  const params = { tenantId };
  return {
    begin: async (onlyDue) => {
      const body = { onlyDue, holder: processes.self() };
      try {
        return await call(endpoints.beginBillingRead, { params, body });
      } catch (error) {
        const holderGone = goneHolder(processes, error, "billing.running");
        if (!holderGone) throw error;
        return await call(endpoints.beginBillingRead, { params, body: { ...body, holderGone } });
      }
    },
    record: async (claim, bill) => {
      await call(endpoints.recordBill, { params, body: { claim, bill, againInHours } });
    },
    fail: async (claim, reason) => {
      await call(endpoints.failBillingRead, { params, body: { claim, ...reason } });
    },
    giveBack: async (claim) => {
      await call(endpoints.failBillingRead, { params, body: { claim, error: null } });
    },
  };
}
