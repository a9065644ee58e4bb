/** The outbox: what is to be told about costs, until it has been. */
import type { Selectable } from "kysely";
import type { Alert, AlertsStanding } from "../../contract/alerts.ts";
import { givenUpAfterSeconds } from "../../core/costs/limits/alerts.ts";
import type { AlertOutbox, AlertReceiver, DueAlert } from "../../core/costs/limits/deliver-alerts.ts";
import { monthOf } from "../../core/costs/limits/over-limit.ts";
import type { Database, Db, Tx } from "./database.ts";

/** Longer than a send takes; whoever takes longer has died. */
const claimMilliseconds = 60_000;

interface NewAlert {
  id: string;
  tenantId: string;
  kind: string;
  subject: string;
  month: string;
  userId: string;
  projectId: string | null;
  body: string;
  at: Date;
}

/** Once a subject, month and kind: whoever decides it again changes nothing. */
export async function addAlert(tx: Tx, { id, tenantId, kind, subject, month, userId, projectId, body, at }: NewAlert): Promise<void> {
  const now = at.toISOString();
  await tx
    .insertInto("alerts")
    .values({
      id,
      tenant_id: tenantId,
      kind,
      subject,
      month,
      user_id: userId,
      project_id: projectId,
      body,
      status: "waiting",
      attempts: 0,
      created_at: now,
      next_at: now,
    })
    .onConflict((conflict) => conflict.columns(["tenant_id", "kind", "subject", "month"]).doNothing())
    .execute();
}

/** For one receiver; nothing is due for one that has gone. */
export const outboxFor = (db: Db | Tx, receiver: Pick<AlertReceiver, "id">, now: () => Date): AlertOutbox => ({
  claim: async () => {
    if (await goneSince(db, receiver.id)) return undefined;
    await giveUpOld(db, now());
    return await claimAlert(db, now());
  },
  delivered: (alert) => endTry(db, alert, { status: "delivered", next_at: null, error: null, ended_at: now().toISOString() }),
  failed: (alert, error, nextAt) =>
    endTry(
      db,
      alert,
      nextAt
        ? { status: "waiting", next_at: nextAt.toISOString(), error, ended_at: null }
        : { status: "given-up", next_at: null, error, ended_at: now().toISOString() },
    ),
  gone: async (alert) => {
    const at = now().toISOString();
    await db
      .insertInto("gone_receivers")
      .values({ id: receiver.id, gone_at: at })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
    await endTry(db, alert, { status: "waiting", next_at: at, error: "the receiver wants no more alerts (410 Gone)", ended_at: null });
  },
});

const goneSince = async (db: Db | Tx, id: string): Promise<string | undefined> =>
  (await db.selectFrom("gone_receivers").select("gone_at").where("id", "=", id).executeTakeFirst())?.gone_at;

/** From before there was a receiver: nobody wants last month's alerts all at once. They stay to be seen, and to be sent again. */
async function giveUpOld(db: Db | Tx, now: Date): Promise<void> {
  const old = new Date(now.getTime() - givenUpAfterSeconds * 1_000).toISOString();
  await db
    .updateTable("alerts")
    .set({ status: "given-up", next_at: null, error: "nobody was there to be told in time", ended_at: now.toISOString() })
    .where("status", "=", "waiting")
    .where("attempts", "=", 0)
    .where("created_at", "<", old)
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

/** What a try came to; of a try whose claim has ended, only that it was delivered still counts. */
async function endTry(
  db: Db | Tx,
  { id, attempts }: DueAlert,
  end: Pick<Selectable<Database["alerts"]>, "status" | "next_at" | "error" | "ended_at">,
): Promise<void> {
  await db
    .updateTable("alerts")
    .set({ ...end, claimed_until: null })
    .where("id", "=", id)
    .where("status", "=", "waiting")
    .$if(end.status !== "delivered", (query) => query.where("attempts", "=", attempts))
    .execute();
}

/** What was given up is due again, and a receiver that had gone is asked again. */
export async function dueAgain(db: Db | Tx, receiver: Pick<AlertReceiver, "id">, now: Date): Promise<void> {
  const at = now.toISOString();
  await db.deleteFrom("gone_receivers").where("id", "=", receiver.id).execute();
  await db.updateTable("alerts").set({ status: "waiting", next_at: at, ended_at: null }).where("status", "in", ["waiting", "given-up"]).execute();
}

export async function listAlerts(db: Db | Tx, limit: number): Promise<Alert[]> {
  const rows = await db.selectFrom("alerts").selectAll().orderBy("created_at", "desc").orderBy("id").limit(limit).execute();
  return rows.map((row) => ({
    id: row.id,
    tenantId: row.tenant_id,
    kind: row.kind,
    userId: row.user_id,
    projectId: row.project_id,
    month: row.month,
    status: row.status as Alert["status"],
    attempts: row.attempts,
    createdAt: row.created_at,
    nextAt: row.next_at,
    error: row.error,
    endedAt: row.ended_at,
  }));
}

/** What hasn't been told; where nobody is to be told, of this month alone. */
export async function alertsStanding(db: Db | Tx, receiver: Pick<AlertReceiver, "id"> | undefined, now: Date): Promise<AlertsStanding> {
  const rows = await db
    .selectFrom("alerts")
    .select(["status", "error"])
    .where("status", "!=", "delivered")
    .$if(receiver === undefined, (query) => query.where("month", "=", monthOf(now)))
    .orderBy("created_at", "desc")
    .execute();
  const waiting = rows.filter(({ status }) => status === "waiting");
  return {
    receiver: receiver === undefined ? "none" : (await goneSince(db, receiver.id)) ? "gone" : "set",
    waiting: waiting.length,
    failing: waiting.filter(({ error }) => error !== null).length,
    givenUp: rows.length - waiting.length,
    lastError: rows.find(({ error }) => error !== null)?.error ?? null,
  };
}
