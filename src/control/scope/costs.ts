/** What a tenant's projects cost, as one principal may see it. */
import type { DailyCost } from "../../contract/cost-endpoints.ts";
import { atLeast } from "../../contract/roles.ts";
import type { ControlApi } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { dailyCosts, dayOf, daysBefore, perDay } from "../store/costs.ts";
import type { Db, Tx } from "../store/database.ts";

interface Costs {
  from: string;
  /** The last day, today. */
  to: string;
  rows: DailyCost[];
  totalCents: number;
}
export interface CostStore {
  /** The last so many days, today included; a member sees their own projects. */
  costs(days: number): Promise<Costs>;
  trends(days: number): Promise<{ from: string; to: string; days: { day: string; cents: number }[]; totalCents: number; previousCents: number }>;
}

export function costStore(api: ControlApi, principal: Principal, db: Db | Tx): CostStore {
  const between = async (from: string, until: string): Promise<DailyCost[]> => {
    const rows = await dailyCosts(db, principal.tenantId, from, until);
    return atLeast(principal.role, "admin") ? rows : rows.filter(({ userId }) => userId === principal.userId);
  };
  const tomorrow = (): string => daysBefore(api.now(), -1);
  return {
    costs: async (days) => {
      const from = daysBefore(api.now(), days - 1);
      const rows = await between(from, tomorrow());
      return { from, to: dayOf(api.now()), rows, totalCents: total(rows) };
    },
    trends: async (days) => {
      const from = daysBefore(api.now(), days - 1);
      const rows = await between(from, tomorrow());
      const previous = await between(daysBefore(api.now(), 2 * days - 1), from);
      return { from, to: dayOf(api.now()), days: perDay(rows, from, tomorrow()), totalCents: total(rows), previousCents: total(previous) };
    },
  };
}

const total = (rows: DailyCost[]): number => rows.reduce((sum, { cents }) => sum + cents, 0);
