/** The outbox: alerts on their way to a receiver, and the grace times that begin when one was told. */
import { givenUpAfterSeconds } from "../../core/costs/limits/alerts.ts";
import type { AlertOutbox, AlertReceiver, DueAlert } from "../../core/costs/limits/deliver-alerts.ts";
import { afterGrace, monthOf } from "../../core/costs/limits/over-limit.ts";
import { accountLock } from "./accounts.ts";
import { goneSince } from "./alerts.ts";
import type { Db, Tx } from "./database.ts";
import type { Auditor } from "./marks.ts";
import { lockProjects, markProject } from "./marks.ts";
import { overCostMark } from "./rows.ts";
import { transact } from "./transact.ts";

/** Longer than a send takes; whoever takes longer has died. */
const claimMilliseconds = 60_000;

/** For one receiver; nothing is due for one that has gone. */
export const outboxFor = (db: Db | Tx, receiver: Pick<AlertReceiver, "id">, now: () => Date, by: Omit<Auditor, "now">): AlertOutbox => {
  const end = (alert: Ended, fate: "delivered" | "given-up", error: string | null): Promise<void> => endAlert(db, alert, fate, error, { ...by, now: now() });
  return {
    claim: async () => {
      if (await goneSince(db, receiver.id)) {
        for (const { id } of await waitedTooLong(db, now())) await end({ id }, "given-up", goneError);
        return undefined;
      }
      await giveUpOld(db, now());
      return await claimAlert(db, now());
    },
    delivered: (alert) => end(alert, "delivered", null),
    failed: (alert, error, nextAt) => (nextAt ? againAt(db, alert, error, nextAt.toISOString()) : end(alert, "given-up", error)),
    gone: async (alert) => {
      const at = now().toISOString();
      await db
        .insertInto("gone_receivers")
        .values({ id: receiver.id, gone_at: at })
        .onConflict((conflict) => conflict.column("id").doNothing())
        .execute();
      await againAt(db, alert, goneError, at);
    },
  };
};

const goneError = "the receiver wants no more alerts (410 Gone)";

const longAgo = (now: Date): string => new Date(now.getTime() - givenUpAfterSeconds * 1_000).toISOString();

/**
 * From before there was a receiver, or of a month that is over: nobody wants last month's alerts all at once. They stay to be seen,
 * and to be sent again. No clean-up waits for one of these.
 */
async function giveUpOld(db: Db | Tx, now: Date): Promise<void> {
  await db
    .updateTable("alerts")
    .set({ status: "given-up", next_at: null, error: "nobody was there to be told in time", ended_at: now.toISOString() })
    .where("status", "=", "waiting")
    .where("attempts", "=", 0)
    .where("created_at", "<", longAgo(now))
    .where((where) => where.or([where("awaited", "=", 0), where("month", "<", monthOf(now))]))
    .where("next_at", "=", (alert) => alert.ref("created_at")) // not one that is sent again
    .execute();
}

/** The one that is due longest. Whoever takes it first has it, until the claim ends. */
async function claimAlert(db: Db | Tx, now: Date): Promise<DueAlert | undefined> {
  const at = now.toISOString();
  for (;;) {
    const due = await db
      .selectFrom("alerts")
      .select("id")
      .where("status", "=", "waiting")
      .where("next_at", "<=", at)
      .where((where) => where.or([where("claimed_until", "is", null), where("claimed_until", "<=", at)]))
      .orderBy("next_at")
      .orderBy("id")
      .limit(1)
      .executeTakeFirst();
    if (!due) return undefined;
    const claimed = await db
      .updateTable("alerts")
      .set((set) => ({ attempts: set("attempts", "+", 1), claimed_until: new Date(now.getTime() + claimMilliseconds).toISOString() }))
      .where("id", "=", due.id)
      .where("status", "=", "waiting")
      .where("next_at", "<=", at)
      .where((where) => where.or([where("claimed_until", "is", null), where("claimed_until", "<=", at)]))
      .returning(["id", "body", "created_at", "attempts"])
      .executeTakeFirst();
    if (claimed) return { id: claimed.id, body: claimed.body, createdAt: claimed.created_at, attempts: claimed.attempts };
  }
}

/** Of a receiver that has gone, as if it had been tried. */
const waitedTooLong = (db: Db | Tx, now: Date): Promise<{ id: string }[]> =>
  db.selectFrom("alerts").select("id").where("status", "=", "waiting").where("created_at", "<", longAgo(now)).orderBy("created_at").orderBy("id").execute();

/** A try whose claim has ended says nothing any more. */
async function againAt(db: Db | Tx, { id, attempts }: DueAlert, error: string, nextAt: string): Promise<void> {
  await db
    .updateTable("alerts")
    .set({ next_at: nextAt, error, claimed_until: null })
    .where("id", "=", id)
    .where("status", "=", "waiting")
    .where("attempts", "=", attempts)
    .execute();
}

/** Without `attempts`, whoever tries it. */
type Ended = Pick<DueAlert, "id"> & Partial<Pick<DueAlert, "attempts">>;

/**
 * Of a try whose claim has ended, only that it was delivered still counts. With it, in the same transaction, the grace time begins
 * of the clean-ups that the alert names: when it was given up, nobody can be told but by the books.
 */
async function endAlert(db: Db | Tx, { id, attempts }: Ended, status: "delivered" | "given-up", error: string | null, by: Auditor): Promise<void> {
  const { now } = by;
  const about = await db.selectFrom("alerts").select(["tenant_id", "user_id"]).where("id", "=", id).executeTakeFirstOrThrow();
  await transact(db, async (tx) => {
    await accountLock(tx, about.tenant_id, about.user_id).execute();
    const rows = await lockProjects(tx, about.tenant_id, about.user_id);
    const ended = await tx
      .updateTable("alerts")
      .set({ status, next_at: null, error, ended_at: now.toISOString(), claimed_until: null })
      .where("id", "=", id)
      .where("status", "=", "waiting")
      .$if(status === "given-up" && attempts !== undefined, (query) => query.where("attempts", "=", attempts as number))
      .returning("id")
      .executeTakeFirst();
    if (!ended) return;
    for (const row of rows) {
      const mark = overCostMark(row);
      if (mark?.warning?.alertId !== id || (status === "given-up" && mark.cleanUpAt !== null)) continue;
      await markProject(tx, about.tenant_id, by, row, { ...mark, cleanUpAt: afterGrace(now, mark.warning.graceSeconds) });
    }
  });
}
