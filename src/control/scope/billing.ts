/** Tenants' bills, read into the books by this program alone, and what all of them come to. */
import type { CostOverview } from "../../contract/cost-overview.ts";
import type { Holder } from "../../contract/resources.ts";
import type { Bill } from "../../core/costs/billed/bill.ts";
import type { KnownDays } from "../../core/costs/billed/days-to-read.ts";
import type { KnownUsage } from "../../core/costs/billed/usage-months.ts";
import { ChartctlError } from "../../errors.ts";
import type { ControlApi } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { writeAudit } from "../store/audit.ts";
import { claimBillingRead, giveClaimBack, recordBill, recordBillingFailure } from "../store/billing-reads.ts";
import { costOverview } from "../store/cost-overview.ts";
import type { Db, Tx } from "../store/database.ts";
import { reviewCosts } from "../store/over-cost.ts";
import { transact } from "../store/transact.ts";
import { reviewOf } from "./actor.ts";

interface Reader {
  onlyDue: boolean;
  holder: Holder;
  holderGone?: Holder | undefined;
}

export interface BillingStore {
  beginBillingRead(tenantId: string, by: Reader): Promise<{ claim: string; known: KnownDays | null; usage: KnownUsage[] } | null>;
  recordBill(tenantId: string, read: { claim: string; bill: Bill; againInHours: number }): Promise<void>;
  failBillingRead(tenantId: string, failed: { claim: string; error: string | null; hint?: string | undefined }): Promise<void>;
  overview(days: number): Promise<CostOverview>;
}

/** Bound to endpoints that want a `global_owner`. */
export function billingStore(api: ControlApi, principal: Principal, db: Db | Tx): BillingStore {
  const { actor, requestId } = principal;
  return {
    beginBillingRead: async (tenantId, by) => {
      refuseOutside(api);
      const claim = api.randomHex(claimBytes);
      const begun = await claimBillingRead(db, { tenantId, claim, now: api.now(), ...by });
      return begun && { claim, ...begun };
    },
    recordBill: async (tenantId, { claim, bill, againInHours }) => {
      refuseOutside(api);
      const now = api.now();
      const { from, until, source, price } = bill;
      await transact(db, async (tx) => {
        await recordBill(tx, { tenantId, claim, now }, bill, new Date(now.getTime() + againInHours * 3_600_000));
        await writeAudit(tx, { tenantId, actor, action: "billing.read", subject: tenantId, after: { from, until, source, price }, at: now, requestId });
        await reviewCosts(tx, reviewOf(api, principal, tenantId)); // what is over a limit is known with the bill, or neither is
      });
    },
    failBillingRead: async (tenantId, { claim, error, hint }) => {
      refuseOutside(api);
      const by = { tenantId, claim, now: api.now() };
      if (error === null) await giveClaimBack(db, by);
      else await recordBillingFailure(db, by, { error, hint: hint ?? null });
    },
    overview: (days) => costOverview(db, api.now(), days),
  };
}

/** A worker asks the same application without its hosted side. Error `billing.platform` (refused). */
function refuseOutside(api: ControlApi): void {
  if (!api.hosted) return;
  throw new ChartctlError({
    kind: "refused",
    code: "billing.platform",
    message: "The platform reads its tenants' bills by itself, and takes none from outside",
    hint: "its workers read every BILLING_READ_HOURS; when they did, and what fails: chartctl stats",
  });
}

const claimBytes = 16;
