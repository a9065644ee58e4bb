/** Everything that is sealed, sealed again under the newest key, so that older keys can be thrown away. */
import type { Db, Tx } from "./database.ts";
import { idempotencyContext } from "./idempotency-rows.ts";
import { stateContext } from "./operations.ts";
import type { Seal } from "./seal.ts";
import { keyContext } from "./signing-keys.ts";
import { externalIdContext } from "./tenants.ts";
import { forUpdate, transact } from "./transact.ts";

/** How many values were sealed again, by table. Row by row, so that nobody waits; stopped in between, it goes on. */
export async function resealAll(db: Db, seal: Seal): Promise<Record<string, number>> {
  const again = (sealed: string, context: string): string => seal.seal(seal.open(sealed, context), context);
  const done = { tenants: 0, states: 0, signingKeys: 0, answers: 0 };
  const each = async <T>(rows: T[], isNewest: (row: T) => boolean, update: (tx: Tx, row: T) => Promise<boolean>): Promise<number> => {
    let count = 0;
    for (const row of rows) if (!isNewest(row) && (await transact(db, (tx) => update(tx, row)))) count++;
    return count;
  };
  done.tenants = await each(
    await db.selectFrom("tenants").select(["id", "external_id", "next_external_id"]).execute(),
    ({ external_id, next_external_id }) => seal.isNewest(external_id) && (next_external_id === null || seal.isNewest(next_external_id)),
    async (tx, { id }) => {
      const row = await tx.selectFrom("tenants").selectAll().where("id", "=", id).$call(forUpdate(tx)).executeTakeFirst();
      if (!row) return false;
      await tx
        .updateTable("tenants")
        .set({
          external_id: again(row.external_id, externalIdContext(id)),
          next_external_id: row.next_external_id === null ? null : again(row.next_external_id, externalIdContext(id)),
        })
        .where("id", "=", id)
        .execute();
      return true;
    },
  );
  done.states = await each(
    await db.selectFrom("states").select(["project_key", "body"]).execute(),
    ({ body }) => seal.isNewest(body),
    async (tx, { project_key }) => {
      const row = await tx.selectFrom("states").selectAll().where("project_key", "=", project_key).$call(forUpdate(tx)).executeTakeFirst();
      if (!row) return false;
      await tx
        .updateTable("states")
        .set({ body: again(row.body, stateContext(project_key)) })
        .where("project_key", "=", project_key)
        .execute();
      return true;
    },
  );
  done.signingKeys = await each(
    await db.selectFrom("signing_keys").selectAll().execute(),
    ({ private_jwk }) => seal.isNewest(private_jwk),
    async (tx, { kid, private_jwk }) => {
      await tx
        .updateTable("signing_keys")
        .set({ private_jwk: again(private_jwk, keyContext(kid)) })
        .where("kid", "=", kid)
        .execute();
      return true;
    },
  );
  done.answers = await each(
    await db.selectFrom("idempotency").selectAll().execute(),
    ({ body }) => seal.isNewest(body),
    async (tx, row) => {
      await tx
        .updateTable("idempotency")
        .set({ body: again(row.body, idempotencyContext(row)) })
        .where("tenant_id", "=", row.tenant_id)
        .where("user_id", "=", row.user_id)
        .where("key", "=", row.key)
        .execute();
      return true;
    },
  );
  return done;
}
