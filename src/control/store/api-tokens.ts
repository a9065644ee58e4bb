/** API tokens: random, kept as a hash, bounded in role and time. */
import type { Selectable } from "kysely";
import type { ApiToken } from "../../contract/access-endpoints.ts";
import type { Role } from "../../contract/roles.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Database, Db, Tx } from "./database.ts";
import { by } from "./projects.ts";
import { forUpdate, transact } from "./transact.ts";
import type { UserManager } from "./users.ts";
import { findUser, refuseAbove } from "./users.ts";

type TokenRow = Selectable<Database["api_tokens"]>;

const toToken = (row: TokenRow): ApiToken => ({
  id: row.id,
  tenantId: row.tenant_id,
  userId: row.user_id,
  name: row.name,
  role: row.role as Role,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
});

/** Newest first; of one user, or of the whole tenant. */
export async function listTokens(db: Db | Tx, tenantId: string, userId: string | undefined): Promise<ApiToken[]> {
  const rows = await db
    .selectFrom("api_tokens")
    .selectAll()
    .where("tenant_id", "=", tenantId)
    .$if(userId !== undefined, (query) => query.where("user_id", "=", userId as string))
    .orderBy("created_at", "desc")
    .execute();
  return rows.map(toToken);
}

/** Errors: `role.above` (auth), `token.no-user` (usage): nobody can use a token of a user that isn't there. */
export const addToken = async (
  db: Db | Tx,
  owner: UserManager,
  token: { id: string; hash: string; name: string; role: Role; expiresInDays: number; until?: string | undefined },
): Promise<ApiToken> => {
  refuseAbove(owner, token.role);
  return await transact(db, async (tx) => {
    if (!(await findUser(tx, owner.tenantId, owner.userId))) {
      throw new ChartctlError({
        kind: "usage",
        code: "token.no-user",
        message: `User ${owner.userId} is no user of tenant ${owner.tenantId}, so a token of theirs would not count`,
        hint: `add them first: chartctl users add ${owner.userId}`,
      });
    }
    const asked = new Date(owner.now.getTime() + token.expiresInDays * 86_400_000).toISOString();
    const row: TokenRow = {
      id: token.id,
      tenant_id: owner.tenantId,
      user_id: owner.userId,
      name: token.name,
      role: token.role,
      hash: token.hash,
      created_at: owner.now.toISOString(),
      expires_at: token.until !== undefined && token.until < asked ? token.until : asked,
      last_used_at: null,
      revoked_at: null,
    };
    await tx.insertInto("api_tokens").values(row).execute();
    await writeAudit(tx, {
      ...by(owner),
      action: "token.created",
      subject: row.id,
      after: { userId: row.user_id, name: row.name, role: row.role, expiresAt: row.expires_at },
    });
    return toToken(row);
  });
};

/** Again does nothing. Error `token.not-found`: also for what isn't the caller's to revoke. */
export const revokeToken = async (db: Db | Tx, actor: UserManager, id: string): Promise<ApiToken> =>
  await transact(db, async (tx) => {
    const row = await tx
      .selectFrom("api_tokens")
      .selectAll()
      .where("id", "=", id)
      .where("tenant_id", "=", actor.tenantId)
      .$call(forUpdate(tx))
      .executeTakeFirst();
    if (!row || !(actor.manages || row.user_id === actor.userId))
      throw new ChartctlError({ kind: "not-found", code: "token.not-found", message: `There is no token ${id}`, hint: "see: chartctl tokens" });
    const target = row.user_id === actor.userId ? undefined : await findUser(tx, row.tenant_id, row.user_id);
    if (target) refuseAbove(actor, target.role as Role);
    if (row.revoked_at !== null) return toToken(row);
    const revoked = { revoked_at: actor.now.toISOString() };
    await tx.updateTable("api_tokens").set(revoked).where("id", "=", id).execute();
    await writeAudit(tx, { ...by(actor), action: "token.revoked", subject: id, before: { name: row.name, userId: row.user_id } });
    return toToken({ ...row, ...revoked });
  });

/** A token with its user, in one question. */
export const tokenWithUser = async (db: Db | Tx, id: string): Promise<TokenWithUser | undefined> =>
  await db
    .selectFrom("api_tokens")
    .innerJoin("users", (join) => join.onRef("users.tenant_id", "=", "api_tokens.tenant_id").onRef("users.id", "=", "api_tokens.user_id"))
    .selectAll("api_tokens")
    .select(["users.role as user_role", "users.status as user_status"])
    .where("api_tokens.id", "=", id)
    .executeTakeFirst();
export type TokenWithUser = TokenRow & { user_role: string; user_status: string };

const noteEveryMilliseconds = 60_000;

/** Keeps the time of the last use, to the minute: not a write for every request. */
export async function noteTokenUse(db: Db | Tx, token: TokenRow, now: Date): Promise<void> {
  if (token.last_used_at !== null && now.getTime() - new Date(token.last_used_at).getTime() < noteEveryMilliseconds) return;
  await db.updateTable("api_tokens").set({ last_used_at: now.toISOString() }).where("id", "=", token.id).execute();
}
