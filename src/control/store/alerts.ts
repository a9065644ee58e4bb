/** What is to be told about costs, and what was. */
import type { Selectable } from "kysely";
import type { Alert, AlertsStanding } from "../../contract/alerts.ts";
import type { AlertReceiver } from "../../core/costs/limits/deliver-alerts.ts";
import { afterGrace, monthOf, overCostNow } from "../../core/costs/limits/over-limit.ts";
import type { Database, Db, Tx } from "./database.ts";
import { overCostMark } from "./rows.ts";
import { untaggedTenants } from "./untagged.ts";

interface NewAlert {
  id: string;
  tenantId: string;
  kind: string;
  subject: string;
  month: string;
  userId: string;
  projectId: string | null;
  limitCents: number;
  /** Names a clean-up that none before it has named: it is one more, whatever was told before. */
  warns: boolean;
  /** Somebody is there to be told. */
  awaited: boolean;
  body: string;
  at: Date;
}

/** Once a subject, month, kind and limit, and once more for each clean-up: whoever decides it again changes nothing. Under the owner's lock. */
export async function addAlert(tx: Tx, { id, tenantId, userId, projectId, body, warns, awaited, at, ...alert }: NewAlert): Promise<void> {
  const now = at.toISOString();
  const told = { tenant_id: tenantId, kind: alert.kind, subject: alert.subject, month: alert.month, limit_cents: alert.limitCents };
  await tx
    .insertInto("alerts")
    .values({
      id,
      ...told,
      round: warns ? await roundsOf(tx, told) : 0,
      awaited: awaited ? 1 : 0,
      user_id: userId,
      project_id: projectId,
      body,
      status: "waiting",
      attempts: 0,
      created_at: now,
      next_at: now,
    })
    .onConflict((conflict) => conflict.columns(["tenant_id", "kind", "subject", "month", "limit_cents", "round"]).doNothing())
    .execute();
}

type Told = Pick<Selectable<Database["alerts"]>, "tenant_id" | "kind" | "subject" | "month" | "limit_cents">;

async function roundsOf(tx: Tx, { tenant_id, kind, subject, month, limit_cents }: Told): Promise<number> {
  const { rounds } = await tx
    .selectFrom("alerts")
    .select((select) => select.fn.countAll<number>().as("rounds"))
    .where("tenant_id", "=", tenant_id)
    .where("kind", "=", kind)
    .where("subject", "=", subject)
    .where("month", "=", month)
    .where("limit_cents", "=", limit_cents)
    .executeTakeFirstOrThrow();
  return Number(rounds);
}

export const goneSince = async (db: Db | Tx, id: string): Promise<string | undefined> =>
  (await db.selectFrom("gone_receivers").select("gone_at").where("id", "=", id).executeTakeFirst())?.gone_at;

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
    ...cleanUpsOf(row),
    status: row.status as Alert["status"],
    attempts: row.attempts,
    createdAt: row.created_at,
    nextAt: row.next_at,
    error: row.error,
    endedAt: row.ended_at,
  }));
}

/** The grace time of what was awaited began when it was told, or given up; the body was made before. */
function cleanUpsOf({ body, awaited, ended_at }: Pick<Selectable<Database["alerts"]>, "body" | "awaited" | "ended_at">): Pick<Alert, "cleanUps" | "cleanUpAt"> {
  const { data } = JSON.parse(body) as { data: { projects: { cleanUpAt: string | null; graceSeconds?: number | null }[] } };
  const times = data.projects.flatMap(({ cleanUpAt, graceSeconds }) => {
    if (cleanUpAt === null) return [];
    return awaited === 1 && ended_at !== null && graceSeconds != null ? afterGrace(new Date(ended_at), graceSeconds) : cleanUpAt;
  });
  return { cleanUps: times.length, cleanUpAt: times.sort()[0] ?? null };
}

/** What hasn't been told; where nobody is to be told, of this month alone. */
export async function alertsStanding(db: Db | Tx, receiver: Pick<AlertReceiver, "id"> | undefined, now: Date): Promise<AlertsStanding> {
  const rows = await db
    .selectFrom("alerts")
    .select(["status", "error", "attempts", "created_at"])
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
    oldestAt: rows.at(-1)?.created_at ?? null,
    cleanUps: await waitingCleanUps(db, now),
    lastError: rows.find(({ error }) => error !== null)?.error ?? null,
    reasons: reasonsOf(rows),
    untagged: await untaggedTenants(db, monthOf(now)),
  };
}

function reasonsOf(rows: { status: string; error: string | null; attempts: number }[]): AlertsStanding["reasons"] {
  const reasons = new Map<string, AlertsStanding["reasons"][number]>();
  for (const { status, error, attempts } of rows) {
    if (error === null) continue;
    const reason = { status: status === "given-up" ? "given-up" : "failing", error, tried: attempts > 0 } as const;
    const at = JSON.stringify(reason);
    reasons.set(at, { ...reason, alerts: (reasons.get(at)?.alerts ?? 0) + 1 });
  }
  return [...reasons.values()].sort((a, b) => b.alerts - a.alerts);
}

/** How many clean-ups don't begin their grace time, because their alert hasn't been told. */
async function waitingCleanUps(db: Db | Tx, now: Date): Promise<number> {
  const marked = await db.selectFrom("projects").select("over_cost").where("ended_at", "is", null).where("over_cost", "is not", null).execute();
  const marks = marked.map((row) => overCostNow({ overCost: overCostMark(row) }, now));
  return marks.filter((mark) => mark?.warning && mark.cleanUpAt === null).length;
}
