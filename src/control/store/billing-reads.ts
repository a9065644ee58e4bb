/** When a tenant's bill was read and is to be read again. Whoever reads it claims it: AWS is paid by the question. */
import type { Holder } from "../../contract/resources.ts";
import type { Bill } from "../../core/costs/billed/bill.ts";
import type { KnownUsage } from "../../core/costs/billed/usage-months.ts";
import { ChartctlError } from "../../errors.ts";
import { knownDays } from "./billed-days.ts";
import { knownUsage } from "./billed-usage.ts";
import type { Db, Tx } from "./database.ts";
import { getTenant } from "./tenants.ts";
import { forUpdate, transact } from "./transact.ts";
import { writeBill } from "./write-bill.ts";

export interface BillingRead {
  tenantId: string;
  /** The last one that succeeded. */
  readAt: string | null;
  /** Null: as soon as somebody reads. */
  nextAt: string | null;
  /** That failed since then. */
  attempts: number;
  error: string | null;
  /** What to do about it. */
  hint: string | null;
}

/** A read is some requests, or a query of minutes; whoever takes longer has died, on whatever machine. */
const claimMilliseconds = 15 * 60_000;
/** Each try may be paid: first wait, and the longest; it doubles with each. */
const firstRetryMilliseconds = 15 * 60_000;
const longestRetryMilliseconds = 24 * 3_600_000;

const unclaimed = { claim: null, claimed_until: null, holder: null };

interface Claim {
  tenantId: string;
  /** Random; what is recorded names it. */
  claim: string;
  now: Date;
}

interface Claiming extends Claim {
  onlyDue: boolean;
  /** Null: it doesn't say, and keeps its claim until that ends. */
  holder: Holder | null;
  /** Seen dead on the caller's machine: the claim is had at once. */
  holderGone?: Holder | undefined;
}

/** What the books know, for whoever reads on. Null with `onlyDue`: not yet, or somebody else does. Errors: `tenant.not-found`, `billing.running` (conflict). */
export const claimBillingRead = async (
  db: Db | Tx,
  { tenantId, claim, now, onlyDue, holder, holderGone }: Claiming,
): Promise<{ known: Awaited<ReturnType<typeof knownDays>>; usage: KnownUsage[] } | null> =>
  await transact(db, async (tx) => {
    await getTenant(tx, tenantId);
    const row = await tx.selectFrom("billing_reads").selectAll().where("tenant_id", "=", tenantId).$call(forUpdate(tx)).executeTakeFirst();
    const time = now.toISOString();
    const before: Holder | null = JSON.parse(row?.holder ?? "null");
    const gone = before !== null && before.machine === holder?.machine && isSame(before, holderGone);
    const running = row?.claimed_until != null && row.claimed_until > time && !gone;
    if (onlyDue && (running || (row?.next_at != null && row.next_at > time))) return null;
    if (running) throw alreadyReading(tenantId, row.claimed_until as string, before);
    const claimed = {
      claim,
      claimed_until: new Date(now.getTime() + claimMilliseconds).toISOString(),
      holder: holder && JSON.stringify(holder),
    };
    if (row) await tx.updateTable("billing_reads").set(claimed).where("tenant_id", "=", tenantId).execute();
    else
      await tx
        .insertInto("billing_reads")
        .values({ tenant_id: tenantId, read_at: null, next_at: null, attempts: 0, error: null, hint: null, ...claimed })
        .execute();
    return { known: await knownDays(tx, tenantId), usage: await knownUsage(tx, tenantId) };
  });

const isSame = (one: Holder, other: Holder | undefined): boolean =>
  one.machine === other?.machine && one.pid === other.pid && one.startedAt === other.startedAt;

/** The bill's days, and when the next read is due: all or nothing. Error `billing.claim-lost` (conflict). */
export const recordBill = async (db: Db | Tx, by: Claim, bill: Bill, nextAt: Date): Promise<void> =>
  await transact(db, async (tx) => {
    await lockClaim(tx, by);
    await writeBill(tx, by.tenantId, bill, by.now);
    const done = { read_at: by.now.toISOString(), next_at: nextAt.toISOString(), attempts: 0, error: null, hint: null, ...unclaimed };
    await tx.updateTable("billing_reads").set(done).where("tenant_id", "=", by.tenantId).execute();
  });

/** Keeps why it failed, and says when the next try is due. Error `billing.claim-lost` (conflict). */
export const recordBillingFailure = async (db: Db | Tx, by: Claim, reason: { error: string; hint: string | null }): Promise<BillingRead> =>
  await transact(db, async (tx) => {
    const row = await lockClaim(tx, by);
    const wait = Math.min(firstRetryMilliseconds * 2 ** Math.min(row.attempts, 20), longestRetryMilliseconds);
    const failed = { attempts: row.attempts + 1, ...reason, next_at: new Date(by.now.getTime() + wait).toISOString(), ...unclaimed };
    await tx.updateTable("billing_reads").set(failed).where("tenant_id", "=", by.tenantId).execute();
    return toRead({ ...row, ...failed });
  });

/** Stopped: anybody may read on. Error `billing.claim-lost` (conflict). */
export const giveClaimBack = async (db: Db | Tx, by: Claim): Promise<void> =>
  await transact(db, async (tx) => {
    await lockClaim(tx, by);
    await tx.updateTable("billing_reads").set(unclaimed).where("tenant_id", "=", by.tenantId).execute();
  });

async function lockClaim(tx: Tx, { tenantId, claim }: Claim) {
  const row = await tx.selectFrom("billing_reads").selectAll().where("tenant_id", "=", tenantId).$call(forUpdate(tx)).executeTakeFirst();
  if (row?.claim === claim) return row;
  throw new ChartctlError({
    kind: "conflict",
    code: "billing.claim-lost",
    message: `Another read of tenant ${tenantId}'s bill has begun meanwhile, and counts`,
    hint: "see what it found: chartctl stats",
  });
}

/** Of every tenant that there is; one whose bill was never tried has no row. */
export async function billingReads(db: Db | Tx, tenantId: string | null): Promise<BillingRead[]> {
  const rows = await db
    .selectFrom("billing_reads")
    .selectAll("billing_reads")
    .innerJoin("tenants", "tenants.id", "billing_reads.tenant_id")
    .$if(tenantId !== null, (query) => query.where("billing_reads.tenant_id", "=", tenantId as string))
    .orderBy("billing_reads.tenant_id")
    .execute();
  return rows.map(toRead);
}

const toRead = (row: {
  tenant_id: string;
  read_at: string | null;
  next_at: string | null;
  attempts: number;
  error: string | null;
  hint: string | null;
}): BillingRead => ({
  tenantId: row.tenant_id,
  readAt: row.read_at,
  nextAt: row.next_at,
  attempts: row.attempts,
  error: row.error,
  hint: row.hint,
});

/** `12:22 UTC`: the first minute that isn't before it. */
const minuteAfter = (iso: string): string => `${new Date(Math.ceil(Date.parse(iso) / 60_000) * 60_000).toISOString().slice(11, 16)} UTC`;

const alreadyReading = (tenantId: string, until: string, holder: Holder | null): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "billing.running",
    message: `Tenant ${tenantId}'s bill is being read by somebody else, until ${minuteAfter(until)} at the latest`,
    hint: `see what it found, in a moment: chartctl stats; if it was killed on another machine: chartctl costs sync, after ${minuteAfter(until)}`,
    details: { until, holder },
  });
