/** What AWS billed, day by day: for a project's key or a service. Sums are made here, in exact decimals. */
import Big from "big.js";
import type { CostAmount, LineKind } from "../../core/costs/actual/cost-source.ts";
import type { Bill, Dimension } from "../../core/costs/billed/bill.ts";
import type { Db, Tx } from "./database.ts";

/** Days from `from` up to, not with, `until`; a null tenant is every one. */
export interface BilledSpan {
  tenantId: string | null;
  from: string;
  until: string;
}
export interface BilledAmount {
  tenantId: string;
  day: string;
  /** Null: the bill says none. */
  key: string | null;
  kind: LineKind;
  currency: string;
  /** Decimal. */
  amount: string;
}

/** Rows of one statement, well below what either database binds (7 values a row; SQLite: 32,766). */
const rowsAtOnce = 2_000;

/** These days are as this bill says from now on, whatever was known of them. In the caller's transaction. */
export async function writeBilledCosts(tx: Tx, tenantId: string, bill: Pick<Bill, "from" | "until" | "byProject" | "byService">): Promise<void> {
  const { from, until } = bill;
  await tx.deleteFrom("billed_costs").where("tenant_id", "=", tenantId).where("day", ">=", from).where("day", "<", until).execute();
  const rows = [...rowsOf(tenantId, "project", bill.byProject), ...rowsOf(tenantId, "service", bill.byService)];
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    await tx
      .insertInto("billed_costs")
      .values(rows.slice(at, at + rowsAtOnce))
      .execute();
  }
}

/** One row a key, however many lines of the bill it has; nothing is left out but what is nothing. */
function rowsOf(tenantId: string, dimension: Dimension, amounts: CostAmount[]) {
  const sums = new Map<string, { day: string; key: string; kind: string; currency: string; sum: Big }>();
  for (const { period: day, key: given, kind, currency, amount } of amounts) {
    const key = given ?? "";
    const at = JSON.stringify([day, key, kind, currency]);
    const known = sums.get(at);
    sums.set(at, { day, key, kind, currency, sum: (known?.sum ?? new Big(0)).plus(amount) });
  }
  return [...sums.values()].filter(({ sum }) => !sum.eq(0)).map(({ sum, ...row }) => ({ tenant_id: tenantId, dimension, ...row, amount: sum.toFixed() }));
}

/** By tenant, day and key. */
export async function billedCosts(db: Db | Tx, { tenantId, from, until }: BilledSpan, dimension: Dimension): Promise<BilledAmount[]> {
  const rows = await db
    .selectFrom("billed_costs")
    .selectAll()
    .where("dimension", "=", dimension)
    .where("day", ">=", from)
    .where("day", "<", until)
    .$if(tenantId !== null, (query) => query.where("tenant_id", "=", tenantId as string))
    .orderBy("tenant_id")
    .orderBy("day")
    .orderBy("key")
    .orderBy("kind")
    .orderBy("currency")
    .execute();
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    day: row.day,
    key: row.key || null,
    kind: row.kind as LineKind,
    currency: row.currency,
    amount: row.amount,
  }));
}

/** A project's part of a bill, with whose it is; all three are null for what carries no project's tag. */
export interface BilledProjectAmount extends Omit<BilledAmount, "key"> {
  projectKey: string | null;
  /** Null with a key: a project that these books don't know. */
  projectId: string | null;
  userId: string | null;
}

/** Also of projects that have ended: their rows stay. */
export async function billedProjects(db: Db | Tx, span: BilledSpan): Promise<BilledProjectAmount[]> {
  const owners = await db
    .selectFrom("projects")
    .select(["key", "tenant_id", "id", "user_id"])
    .$if(span.tenantId !== null, (query) => query.where("tenant_id", "=", span.tenantId as string))
    .where("key", "in", (billed) =>
      billed
        .selectFrom("billed_costs")
        .select("billed_costs.key")
        .where("dimension", "=", "project")
        .where("day", ">=", span.from)
        .where("day", "<", span.until)
        .$if(span.tenantId !== null, (query) => query.where("billed_costs.tenant_id", "=", span.tenantId as string)),
    )
    .execute();
  const ownerOf = new Map(owners.map((row) => [row.key, row]));
  return (await billedCosts(db, span, "project")).map(({ key, ...amount }) => {
    const owner = key === null ? undefined : ownerOf.get(key);
    const own = owner?.tenant_id === amount.tenantId ? owner : undefined; // a tag may claim another tenant's project
    return { ...amount, projectKey: key, projectId: own?.id ?? null, userId: own?.user_id ?? null };
  });
}

export interface BilledSum {
  tenantId: string;
  projectKey: string | null;
  projectId: string | null;
  userId: string | null;
  currency: string;
  amount: string;
}

/** The sum of each project (and of the rest) in a time, credits and refunds included; such as the month so far. */
export async function billedPerProject(db: Db | Tx, span: BilledSpan): Promise<BilledSum[]> {
  const sums = new Map<string, BilledSum & { sum: Big }>();
  for (const { tenantId, projectKey, projectId, userId, currency, amount } of await billedProjects(db, span)) {
    const at = JSON.stringify([tenantId, projectKey, currency]);
    const known = sums.get(at) ?? { tenantId, projectKey, projectId, userId, currency, amount: "0", sum: new Big(0) };
    sums.set(at, { ...known, sum: known.sum.plus(amount) });
  }
  return [...sums.values()].map(({ sum, ...row }) => ({ ...row, amount: sum.toFixed() }));
}
