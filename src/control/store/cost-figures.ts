/** What an operator is woken for: alerts that aren't told, bills that can't be read, who is over a cost limit. */
import type { AlertReceiver } from "../../core/costs/limits/deliver-alerts.ts";
import { monthOf, overCostNow } from "../../core/costs/limits/over-limit.ts";
import { userOverCost } from "./accounts.ts";
import { alertsStanding } from "./alerts.ts";
import type { Db } from "./database.ts";
import { overCostMark } from "./rows.ts";

export interface CostFigures {
  alerts: { waiting: number; failing: number; givenUp: number };
  /** Of those, the age of the oldest; 0 without one. */
  oldestAlertSeconds: number;
  /** Held up by an alert that isn't told. */
  heldCleanUps: number;
  failingBills: number;
  over: { projects: number; users: number };
}

export async function costFigures(db: Db, receiver: Pick<AlertReceiver, "id"> | undefined, now: Date): Promise<CostFigures> {
  const [{ waiting, failing, givenUp, cleanUps, oldestAt }, bills, projects, accounts] = await Promise.all([
    alertsStanding(db, receiver, now),
    db
      .selectFrom("billing_reads")
      .innerJoin("tenants", "tenants.id", "billing_reads.tenant_id")
      .select((select) => select.fn.countAll<number>().as("failing"))
      .where("error", "is not", null)
      .executeTakeFirstOrThrow(),
    db.selectFrom("projects").select("over_cost").where("ended_at", "is", null).where("over_cost", "is not", null).execute(),
    db.selectFrom("accounts").select("over_cost").where("over_cost", "is not", null).execute(),
  ]);
  return {
    alerts: { waiting, failing, givenUp },
    oldestAlertSeconds: oldestAt === null ? 0 : Math.max(0, Math.round((now.getTime() - Date.parse(oldestAt)) / 1_000)),
    heldCleanUps: cleanUps,
    failingBills: Number(bills.failing),
    over: {
      projects: projects.filter((row) => overCostNow({ overCost: overCostMark(row) }, now)).length,
      users: accounts.filter((row) => userOverCost(row)?.month === monthOf(now)).length,
    },
  };
}
