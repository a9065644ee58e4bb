/** Each day of each project as it is known best: as AWS billed it, once a day's bill was read as a whole, and as estimated until then. */
import Big from "big.js";
import type { DailyCost, DayTotal, Money } from "../../contract/cost-endpoints.ts";
import { addDays } from "../../core/costs/actual/period.ts";
import { dollarsFirst } from "../../core/costs/currencies.ts";
import { nearestCents } from "../../core/money.ts";
import type { BilledSpan } from "./billed-costs.ts";
import { billedProjects } from "./billed-costs.ts";
import { billedDays } from "./billed-days.ts";
import { dailyEstimates } from "./costs.ts";
import type { Db, Tx } from "./database.ts";

export interface DayCosts {
  rows: DailyCost[];
  /** Days that were billed, by tenant and day. */
  isBilled(tenantId: string, day: string): boolean;
}

export async function dayCosts(db: Db | Tx, span: BilledSpan): Promise<DayCosts> {
  const at = (tenantId: string, day: string): string => JSON.stringify([tenantId, day]);
  const [known, billed, estimates] = await Promise.all([billedDays(db, span), billedProjects(db, span), dailyEstimates(db, span)]);
  const whole = new Set(known.filter((one) => one.whole).map(({ tenantId, day }) => at(tenantId, day)));
  const isBilled = (tenantId: string, day: string): boolean => whole.has(at(tenantId, day));
  const sums = new Map<string, Omit<DailyCost, "cents" | "amount"> & { sum: Big }>();
  for (const { tenantId, day, projectKey, projectId, userId, currency, amount } of billed) {
    if (!isBilled(tenantId, day)) continue;
    // What names no project of these books is one row; a project keeps its own beside another that had its id.
    const key = JSON.stringify([tenantId, day, projectId === null ? null : projectKey, currency]);
    const row = sums.get(key) ?? { day, tenantId, userId, projectId, source: "actual", currency, sum: new Big(0) };
    sums.set(key, { ...row, sum: row.sum.plus(amount) });
  }
  const actual = [...sums.values()].map(({ sum, ...row }) => ({ ...row, amount: sum.toFixed(), cents: row.currency === "USD" ? nearestCents(sum) : 0 }));
  const rest = estimates.filter(({ tenantId, day }) => !isBilled(tenantId, day));
  return { rows: [...actual, ...rest].sort(byDay), isBilled };
}

const byDay = (a: DailyCost, b: DailyCost): number =>
  compare(a.day, b.day) || compare(a.tenantId, b.tenantId) || compare(a.projectId ?? "~", b.projectId ?? "~");
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** One sum a currency, dollars first, whether there are any or not. */
export function totalsOf(rows: Money[]): Money[] {
  const sums = new Map<string, Big>([["USD", new Big(0)]]);
  for (const { currency, amount } of rows) sums.set(currency, (sums.get(currency) ?? new Big(0)).plus(amount));
  return dollarsFirst(
    [...sums].map(([currency, sum]) => ({ currency, amount: sum.toFixed() })),
    ({ amount }) => amount,
  );
}

/** Of the dollars. */
export const centsOf = (totals: Money[]): number => nearestCents(new Big(totals.find(({ currency }) => currency === "USD")?.amount ?? "0"));

/** Every day of the time, also those without cost. */
export function totalsPerDay({ rows, isBilled }: DayCosts, tenantId: string, from: string, until: string): DayTotal[] {
  const byDay = new Map<string, DailyCost[]>();
  for (const row of rows) {
    const known = byDay.get(row.day);
    if (known) known.push(row);
    else byDay.set(row.day, [row]);
  }
  const days: DayTotal[] = [];
  for (let day = from; day < until; day = addDays(day, 1)) {
    const totals = totalsOf(byDay.get(day) ?? []);
    days.push({ day, source: isBilled(tenantId, day) ? "actual" : "estimate", cents: centsOf(totals), totals });
  }
  return days;
}
