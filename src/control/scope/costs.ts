/** What a tenant's projects cost, as one principal may see it. */
import type { BilledCosts, BilledGrouping, BilledUsageView, DailyCost, DayTotal, Money } from "../../contract/cost-endpoints.ts";
import { atLeast } from "../../contract/roles.ts";
import { ChartctlError } from "../../errors.ts";
import type { ControlApi } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { billedView } from "../store/billed-view.ts";
import { dayOf, daysBefore } from "../store/costs.ts";
import type { Db, Tx } from "../store/database.ts";
import type { DayCosts } from "../store/day-costs.ts";
import { centsOf, dayCosts, totalsOf, totalsPerDay } from "../store/day-costs.ts";
import { usageView } from "../store/usage-view.ts";
import { refuseDays } from "./asked-days.ts";

interface Costs {
  from: string;
  /** The last day, today. */
  to: string;
  rows: DailyCost[];
  totalCents: number;
  totals: Money[];
}
interface Trends extends Omit<Costs, "rows"> {
  days: DayTotal[];
  previousCents: number;
  previousTotals: Money[];
}
export interface CostStore {
  /** The last so many days, today included; a member sees their own projects. */
  costs(days: number): Promise<Costs>;
  trends(days: number): Promise<Trends>;
  /** Errors: `costs.period`, `costs.grouping` (usage), `costs.admins` (refused), `role.admin` (auth). */
  billed(asked: { from: string; until: string; by: BilledGrouping; project?: string | undefined; user?: string | undefined }): Promise<BilledCosts>;
  /** A member's own project; of another's, nothing is there. */
  usage(asked: { project: string; month: string }): Promise<BilledUsageView>;
}

export function costStore(api: ControlApi, principal: Principal, db: Db | Tx): CostStore {
  const { tenantId, userId, role } = principal;
  /** Null: everybody's, and what belongs to nobody. */
  const owner = atLeast(role, "admin") ? null : userId;
  const between = async (from: string, until: string): Promise<DayCosts> => {
    const costs = await dayCosts(db, { tenantId, from, until });
    return owner === null ? costs : { ...costs, rows: costs.rows.filter((row) => row.userId === owner) };
  };
  const tomorrow = (): string => daysBefore(api.now(), -1);
  return {
    costs: async (days) => {
      const from = daysBefore(api.now(), days - 1);
      const { rows } = await between(from, tomorrow());
      const totals = totalsOf(rows);
      return { from, to: dayOf(api.now()), rows, totals, totalCents: centsOf(totals) };
    },
    trends: async (days) => {
      const from = daysBefore(api.now(), days - 1);
      const costs = await between(from, tomorrow());
      const totals = totalsOf(costs.rows);
      const previousTotals = totalsOf((await between(daysBefore(api.now(), 2 * days - 1), from)).rows);
      return {
        from,
        to: dayOf(api.now()),
        days: totalsPerDay(costs, tenantId, from, tomorrow()),
        totals,
        totalCents: centsOf(totals),
        previousTotals,
        previousCents: centsOf(previousTotals),
      };
    },
    billed: async (asked) => {
      refuseDays(asked);
      if (owner !== null && asked.user !== undefined && asked.user !== owner) throw othersCosts();
      return await billedView(db, tenantId, owner, asked);
    },
    usage: (asked) => usageView(db, tenantId, owner, { ...asked, now: api.now() }),
  };
}

const othersCosts = (): ChartctlError =>
  new ChartctlError({
    kind: "auth",
    code: "role.admin",
    message: "Only an admin may see what another user's projects cost",
    hint: "your own projects: chartctl costs --by project",
  });
