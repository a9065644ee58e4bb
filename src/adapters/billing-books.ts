/** One tenant's bill in the control API's books. */
import type { CallApi } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import type { BillingBooks } from "../core/costs/billed/read-bill.ts";

export function billingBooks(call: CallApi, tenantId: string, againInHours: number): BillingBooks {
  const params = { tenantId };
  return {
    begin: (onlyDue) => call(endpoints.beginBillingRead, { params, body: { onlyDue } }),
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
