/** A bill in the books, as a reading of it leaves them. */

import { defaultLimits } from "../../src/contract/resources.ts";
import { writeBilledCosts } from "../../src/control/store/billed-costs.ts";
import type { Db, Tx } from "../../src/control/store/database.ts";
import { reviewCosts } from "../../src/control/store/over-cost.ts";
import { transact } from "../../src/control/store/transact.ts";
import type { CostAmount } from "../../src/core/costs/actual/cost-source.ts";
import { addDays, dayOf } from "../../src/core/costs/actual/period.ts";
import type { TestApi } from "./support.ts";

let alerts = 0;
/** The tenant's whole month up to now: dollars by project key, or several lines of one. */
export async function readBill(
  api: Pick<TestApi, "db" | "clock"> & { receives?: boolean },
  costs: Record<string, string | Partial<CostAmount>[]>,
  tenantId = "acme",
): Promise<void> {
  const { now } = api.clock;
  const day = dayOf(now);
  const line = { period: day, kind: "usage", currency: "USD" } as const;
  const byProject = Object.entries(costs).flatMap(([key, cost]) =>
    (typeof cost === "string" ? [{ amount: cost }] : cost).map((one): CostAmount => ({ ...line, key, amount: "0", ...one })),
  );
  await transact(api.db, async (tx) => {
    await writeBilledCosts(tx, tenantId, { from: `${day.slice(0, 7)}-01`, until: addDays(day, 1), byProject, byService: [] });
    await review(tx, now, tenantId, api.receives);
  });
}

/** Decides on the bill that is there. */
export const review = async (db: Db | Tx, now: Date, tenantId = "acme", receives = false): Promise<void> =>
  await reviewCosts(db, {
    tenantId,
    actor: "platform/worker",
    now,
    requestId: "billing:1",
    platformLimits: defaultLimits,
    receives: async () => receives,
    newAlertId: () => `msg_${process.pid}_${alerts++}`,
  });
