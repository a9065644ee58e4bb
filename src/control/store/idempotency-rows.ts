/** Kept answers: how long, and what their seal is bound to. */
import type { Db } from "./database.ts";

/** Kept so long; then the key may be used anew. */
const idempotencyDays = 7;

export const oldestAnswer = (now: Date): string => new Date(now.getTime() - idempotencyDays * 86_400_000).toISOString();

export const idempotencyContext = (owner: { tenant_id: string; user_id: string; key: string }): string =>
  JSON.stringify(["idempotency", owner.tenant_id, owner.user_id, owner.key]);

export const forgetAnswers = async (db: Db, now: Date): Promise<void> => {
  await db.deleteFrom("idempotency").where("created_at", "<=", oldestAnswer(now)).execute();
};
