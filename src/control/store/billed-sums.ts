/**
 * Bills added up where they are written: a day of a tenant, and a month of each project and service. The platform's pages read
 * these, not each line: neither database adds exact decimals in text, and a page of many tenants is no time to do it.
 */
import Big from "big.js";
import { sql } from "kysely";
import { addMonths } from "../../core/costs/actual/period.ts";
import type { Db, Tx } from "./database.ts";

/** Summed by month. */
const dimensions = ["project", "service"];
/** Rows of one statement, well below what either database binds (7 values a row; SQLite: 32,766). */
const rowsAtOnce = 2_000;

interface Line {
  dimension: string;
  key: string;
  currency: string;
  amount: string;
}
export interface DaySum {
  tenant_id: string;
  day: string;
  currency: string;
  amount: string;
  /** 1: the day is billed as a whole. */
  whole: number;
}
export interface MonthSum extends Line {
  tenant_id: string;
  month: string;
  /** Of the days that are billed as a whole. */
  whole_amount: string;
}

/** Of one tenant's month, day after day. */
export function monthSums(tenantId: string, month: string): { add(day: string, whole: boolean, lines: Line[]): void; days(): DaySum[]; months(): MonthSum[] } {
  const days = new Map<string, { day: string; currency: string; whole: number; sum: Big }>();
  const months = new Map<string, Omit<Line, "amount"> & { sum: Big; whole: Big }>();
  return {
    add: (day, isWhole, lines) => {
      for (const { dimension, key, currency, amount } of lines) {
        if (!dimensions.includes(dimension)) continue;
        const big = new Big(amount);
        const at = JSON.stringify([dimension, key, currency]);
        const known = months.get(at) ?? { dimension, key, currency, sum: new Big(0), whole: new Big(0) };
        known.sum = known.sum.plus(big);
        if (isWhole) known.whole = known.whole.plus(big);
        months.set(at, known);
        if (dimension !== "project") continue; // its lines are the whole bill, and so are the services'
        const of = JSON.stringify([day, currency]);
        const total = days.get(of) ?? { day, currency, whole: isWhole ? 1 : 0, sum: new Big(0) };
        total.sum = total.sum.plus(big);
        days.set(of, total);
      }
    },
    days: () => [...days.values()].map(({ sum, ...row }) => ({ tenant_id: tenantId, ...row, amount: sum.toFixed() })),
    months: () =>
      [...months.values()].map(({ sum, whole, ...row }) => ({ tenant_id: tenantId, month, ...row, amount: sum.toFixed(), whole_amount: whole.toFixed() })),
  };
}

/** Anew for each month that has some of these days, from the lines in the books. In the transaction that wrote them. */
export async function writeBilledSums(tx: Tx, tenantId: string, { from, until }: { from: string; until: string }): Promise<void> {
  for (let first = `${from.slice(0, 7)}-01`; first < until; first = addMonths(first, 1)) await sumMonth(tx, tenantId, first);
}

async function sumMonth(tx: Tx, tenantId: string, first: string): Promise<void> {
  const [month, next] = [first.slice(0, 7), addMonths(first, 1)];
  const sums = monthSums(tenantId, month);
  const read = await tx
    .selectFrom("billed_days")
    .select(["day", "whole"])
    .where("tenant_id", "=", tenantId)
    .where("day", ">=", first)
    .where("day", "<", next)
    .orderBy("day")
    .execute();
  // A day at a time: a month of thousands of projects is more than needs to be held.
  for (const { day, whole } of read) {
    const lines = tx.selectFrom("billed_costs").select(["dimension", "key", "currency", "amount"]).where("tenant_id", "=", tenantId).where("day", "=", day);
    sums.add(day, whole === 1, await lines.where("dimension", "in", dimensions).execute());
  }
  await tx.deleteFrom("billed_day_sums").where("tenant_id", "=", tenantId).where("day", ">=", first).where("day", "<", next).execute();
  await tx.deleteFrom("billed_month_sums").where("tenant_id", "=", tenantId).where("month", "=", month).execute();
  await sumEstimates(tx, tenantId, { month, first, next });
  await inParts(sums.days(), (rows) => tx.insertInto("billed_day_sums").values(rows).execute());
  await inParts(sums.months(), (rows) => tx.insertInto("billed_month_sums").values(rows).execute());
}

/** What was estimated of a day doesn't change once that is over. */
async function sumEstimates(tx: Tx, tenantId: string, { month, first, next }: { month: string; first: string; next: string }): Promise<void> {
  await tx.deleteFrom("estimated_month_sums").where("tenant_id", "=", tenantId).where("month", "=", month).execute();
  await tx
    .insertInto("estimated_month_sums")
    .columns(["month", "tenant_id", "project_key", "cents"])
    .expression((estimates) =>
      estimates
        .selectFrom("daily_costs as costs")
        .innerJoin("billed_days as days", (join) => join.onRef("days.tenant_id", "=", "costs.tenant_id").onRef("days.day", "=", "costs.day"))
        .select((of) => [sql<string>`${month}`.as("month"), "costs.tenant_id", "costs.project_key", of.fn.sum<number>("costs.cents").as("cents")])
        .where("costs.tenant_id", "=", tenantId)
        .where("costs.day", ">=", first)
        .where("costs.day", "<", next)
        .where("days.whole", "=", 1)
        .groupBy(["costs.tenant_id", "costs.project_key"]),
    )
    .execute();
}

async function inParts<T>(rows: T[], insert: (some: T[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsAtOnce) await insert(rows.slice(at, at + rowsAtOnce));
}

export interface BilledMonthSum {
  tenantId: string;
  /** Null: of no project, or no service, that the bill names. */
  key: string | null;
  /** Null: no project of the tenant's that the books know. */
  projectId: string | null;
  userId: string | null;
  ended: boolean;
  currency: string;
  amount: string;
  wholeAmount: string;
}

/** Every tenant's month, by tenant and key. A tag may claim another tenant's project: that is nobody's. */
export async function billedMonth(db: Db | Tx, month: string, dimension: "project" | "service"): Promise<BilledMonthSum[]> {
  const rows = await db
    .selectFrom("billed_month_sums as sums")
    .leftJoin("projects", (join) =>
      join.onRef("projects.key", "=", "sums.key").onRef("projects.tenant_id", "=", "sums.tenant_id").on("sums.dimension", "=", "project"),
    )
    .select(["sums.tenant_id", "sums.key", "sums.currency", "sums.amount", "sums.whole_amount", "projects.id", "projects.user_id", "projects.ended_at"])
    .where("sums.month", "=", month)
    .where("sums.dimension", "=", dimension)
    .orderBy("sums.tenant_id")
    .orderBy("sums.key")
    .orderBy("sums.currency")
    .execute();
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    key: row.key || null,
    projectId: row.id,
    userId: row.user_id,
    ended: row.ended_at !== null,
    currency: row.currency,
    amount: row.amount,
    wholeAmount: row.whole_amount,
  }));
}
