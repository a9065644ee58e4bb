/** Writes that happen once: the answer is kept with the effect, in one transaction, and given again for the same key. */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { AnyEndpoint } from "../contract/endpoints.ts";
import { ChartctlError } from "../errors.ts";
import type { ControlApi } from "./parts.ts";
import type { Principal } from "./principal.ts";
import type { Input } from "./request.ts";
import type { Tx } from "./store/database.ts";
import { idempotencyContext, oldestAnswer } from "./store/idempotency-rows.ts";
import { onPostgres, transact } from "./store/transact.ts";

const longestKey = 200;

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** In this process; on PostgreSQL an advisory lock says it to all of them. */
const running = new Set<string>();

/**
 * Errors: `idempotency.key`, `idempotency.mismatch` (usage, 422), `idempotency.running` (conflict). A failed write has no
 * effect, keeps no answer, and may be sent again.
 */
export async function onceByKey(
  api: ControlApi,
  principal: Principal,
  key: string,
  asked: { endpoint: AnyEndpoint; input: Input },
  work: (tx: Tx) => Promise<Answer>,
): Promise<Answer> {
  if (key === "" || key.length > longestKey) {
    throw new ChartctlError({
      kind: "usage",
      code: "idempotency.key",
      message: `An Idempotency-Key has 1 to ${longestKey} characters`,
      hint: "a random UUID will do",
    });
  }
  const { method, path } = asked.endpoint;
  // Who asks, and for whom: somebody else of the same name has other keys.
  const { actor, userId } = principal;
  const owner = { tenant_id: principal.tenantId, user_id: actor === userId ? userId : `${actor} for ${userId}`, key };
  const hash = createHash("sha256")
    .update(JSON.stringify([method, path, asked.input]))
    .digest("hex");
  const lock = JSON.stringify([owner.tenant_id, owner.user_id, key]);
  if (running.has(lock)) throw stillRunning();
  running.add(lock);
  try {
    return await transact(api.db, async (tx) => {
      await lockKey(tx, lock);
      const kept = await tx
        .selectFrom("idempotency")
        .selectAll()
        .where("tenant_id", "=", owner.tenant_id)
        .where("user_id", "=", owner.user_id)
        .where("key", "=", key)
        .executeTakeFirst();
      if (kept && kept.created_at > oldestAnswer(api.now())) {
        if (kept.request_hash !== hash) throw mismatch();
        return { status: kept.status, headers: JSON.parse(kept.headers), body: JSON.parse(api.seal.open(kept.body, idempotencyContext(owner))) };
      }
      const answer = await work(tx);
      const row = {
        ...owner,
        request_hash: hash,
        status: answer.status,
        headers: JSON.stringify(answer.headers),
        body: api.seal.seal(JSON.stringify(answer.body ?? null), idempotencyContext(owner)),
        created_at: api.now().toISOString(),
      };
      await tx
        .insertInto("idempotency")
        .values(row)
        .onConflict((conflict) => conflict.columns(["tenant_id", "user_id", "key"]).doUpdateSet(row))
        .execute();
      return answer;
    });
  } finally {
    running.delete(lock);
  }
}

/** Error `idempotency.running` (conflict) while another process works under the key. */
async function lockKey(tx: Tx, lock: string): Promise<void> {
  if (!onPostgres(tx)) return;
  const id = createHash("sha256").update(lock).digest().readBigInt64BE();
  const { rows } = await sql<{ locked: boolean }>`select pg_try_advisory_xact_lock(${id.toString()}::bigint) as locked`.execute(tx);
  if (!rows[0]?.locked) throw stillRunning();
}

const stillRunning = (): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "idempotency.running",
    message: "The first request with this idempotency key is still running",
    hint: "ask again in a moment",
  });

const mismatch = (): ChartctlError =>
  new ChartctlError({
    kind: "usage",
    code: "idempotency.mismatch",
    message: "This idempotency key was used with another request",
    hint: "use a new key for each write",
  });
