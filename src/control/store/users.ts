/** Users: who may sign in to a tenant, and as what. */
import type { Selectable } from "kysely";
import type { User } from "../../contract/access-endpoints.ts";
import type { Role } from "../../contract/roles.ts";
import { atLeast, lesser } from "../../contract/roles.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Database, Db, Tx } from "./database.ts";
import type { Actor } from "./projects.ts";
import { by } from "./projects.ts";
import { refuseStale } from "./stale.ts";
import { getTenant, platformTenant } from "./tenants.ts";
import { forUpdate, transact } from "./transact.ts";

export type UserRow = Selectable<Database["users"]>;

const toUser = (row: UserRow): User => ({
  tenantId: row.tenant_id,
  id: row.id,
  role: row.role as Role,
  status: row.status as User["status"],
  createdAt: row.created_at,
  lastSignInAt: row.last_sign_in_at,
  version: row.version,
});

export const findUser = async (db: Db | Tx, tenantId: string, id: string): Promise<UserRow | undefined> =>
  await db.selectFrom("users").selectAll().where("tenant_id", "=", tenantId).where("id", "=", id).executeTakeFirst();

export const listUsers = async (db: Db | Tx, tenantId: string): Promise<User[]> =>
  (await db.selectFrom("users").selectAll().where("tenant_id", "=", tenantId).orderBy("id").execute()).map(toUser);

/** Error `user.not-found`: also for another tenant's. */
export async function getUser(db: Db | Tx, tenantId: string, id: string): Promise<User> {
  const row = await findUser(db, tenantId, id);
  if (!row) throw unknownUser(id);
  return toUser(row);
}

async function lockUser(tx: Tx, tenantId: string, id: string): Promise<UserRow> {
  const row = await tx.selectFrom("users").selectAll().where("tenant_id", "=", tenantId).where("id", "=", id).$call(forUpdate(tx)).executeTakeFirst();
  if (!row) throw unknownUser(id);
  return row;
}

const invitationMilliseconds = 24 * 3_600_000;

/** Who manages users, with the role that bounds what they may give. */
export type UserManager = Actor & { role: Role };

/** Errors: `tenant.not-found`, `user.exists` (conflict), `role.above` (auth), `user.misplaced` (usage). */
export const addUser = async (
  db: Db | Tx,
  manager: UserManager,
  user: { id: string; role: Role },
  invitationHash: string,
): Promise<{ user: User; expiresAt: string }> => {
  refuseAbove(manager, user.role);
  refuseMisplaced(manager.tenantId, user.role);
  return await transact(db, async (tx) => {
    const now = manager.now.toISOString();
    const row: UserRow = {
      tenant_id: manager.tenantId,
      id: user.id,
      role: user.role,
      password_hash: null,
      status: "invited",
      version: 1,
      sessions_from: now,
      created_at: now,
      last_sign_in_at: null,
    };
    if (manager.tenantId !== platformTenant) await getTenant(tx, manager.tenantId);
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto("users")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (!numInsertedOrUpdatedRows)
      throw new ChartctlError({ kind: "conflict", code: "user.exists", message: `User ${user.id} exists already`, hint: "see: chartctl users" });
    await writeAudit(tx, { ...by(manager), action: "user.added", subject: user.id, after: toUser(row) });
    return { user: toUser(row), expiresAt: await invite(tx, row, invitationHash, manager.now) };
  });
};

/** A new invitation; earlier ones end. Errors: `user.not-found`, `role.above` (auth). */
export const inviteUser = async (db: Db | Tx, manager: UserManager, id: string, invitationHash: string): Promise<{ user: User; expiresAt: string }> =>
  await transact(db, async (tx) => {
    const row = await lockUser(tx, manager.tenantId, id);
    refuseAbove(manager, row.role as Role);
    await writeAudit(tx, { ...by(manager), action: "user.invited", subject: id });
    return { user: toUser(row), expiresAt: await invite(tx, row, invitationHash, manager.now) };
  });

/** The caller holds the user's row: of two at once, the later link counts. */
async function invite(tx: Tx, user: UserRow, hash: string, now: Date): Promise<string> {
  const expiresAt = new Date(now.getTime() + invitationMilliseconds).toISOString();
  await tx.deleteFrom("invitations").where("tenant_id", "=", user.tenant_id).where("user_id", "=", user.id).execute();
  await tx.insertInto("invitations").values({ hash, tenant_id: user.tenant_id, user_id: user.id, expires_at: expiresAt, used_at: null }).execute();
  return expiresAt;
}

/** Sets the password, once; every earlier session ends. Error `invitation.invalid` (auth). */
export const acceptInvitation = async (db: Db | Tx, invitation: { hash: string; passwordHash: string; now: Date; requestId: string }): Promise<UserRow> =>
  await transact(db, async (tx) => {
    const now = invitation.now.toISOString();
    const { numUpdatedRows } = await tx
      .updateTable("invitations")
      .set({ used_at: now })
      .where("hash", "=", invitation.hash)
      .where("used_at", "is", null)
      .where("expires_at", ">", now)
      .executeTakeFirst();
    const used = numUpdatedRows === 1n ? await tx.selectFrom("invitations").selectAll().where("hash", "=", invitation.hash).executeTakeFirst() : undefined;
    if (!used) {
      throw new ChartctlError({
        kind: "auth",
        code: "invitation.invalid",
        message: "This invitation was used already, has expired, or never was",
        hint: "ask an admin for a new one: chartctl users invite ID",
      });
    }
    const row = await lockUser(tx, used.tenant_id, used.user_id);
    if (row.status === "disabled") throw disabled(row.id);
    const changed = { password_hash: invitation.passwordHash, status: "active", sessions_from: now, last_sign_in_at: now, version: row.version + 1 };
    await tx.updateTable("users").set(changed).where("tenant_id", "=", row.tenant_id).where("id", "=", row.id).execute();
    await writeAudit(tx, {
      tenantId: row.tenant_id,
      actor: row.id,
      at: invitation.now,
      requestId: invitation.requestId,
      action: "user.password-set",
      subject: row.id,
    });
    return { ...row, ...changed };
  });

/** Errors: `user.not-found`, `version.stale`, `user.last-owner` (conflict), `role.above` (auth). */
export const updateUser = async (
  db: Db | Tx,
  manager: UserManager,
  id: string,
  change: { role?: Role | undefined; disabled?: boolean | undefined },
  expected?: number,
): Promise<User> =>
  await transact(db, async (tx) => {
    // All owners at once: two who end each other must not both find the other one left.
    if (manager.tenantId === platformTenant)
      await tx.selectFrom("users").select("id").where("tenant_id", "=", platformTenant).orderBy("id").$call(forUpdate(tx)).execute();
    const row = await lockUser(tx, manager.tenantId, id);
    refuseStale(row, expected);
    refuseAbove(manager, row.role as Role);
    const role = change.role ?? (row.role as Role);
    refuseAbove(manager, role);
    refuseMisplaced(manager.tenantId, role);
    const enabled = row.password_hash === null ? "invited" : "active";
    const status = change.disabled === undefined ? row.status : change.disabled ? "disabled" : enabled;
    const changed = { role, status, version: row.version + 1, ...(status === "disabled" ? { sessions_from: manager.now.toISOString() } : {}) };
    await tx.updateTable("users").set(changed).where("tenant_id", "=", row.tenant_id).where("id", "=", id).execute();
    if (row.role === "global_owner") await refuseNobodyLeft(tx);
    // A link that was given out for the old role must not open the new one.
    if (role !== row.role) await tx.deleteFrom("invitations").where("tenant_id", "=", row.tenant_id).where("user_id", "=", id).execute();
    await writeAudit(tx, {
      ...by(manager),
      action: "user.changed",
      subject: id,
      before: { role: row.role, status: row.status },
      after: { role, status },
    });
    return toUser({ ...row, ...changed });
  });

/** Every session of the user ends; the time is when. Error `role.above` (auth) for somebody above the caller. */
export const endSessions = async (db: Db | Tx, actor: UserManager): Promise<string> =>
  await transact(db, async (tx) => {
    const target = await findUser(tx, actor.tenantId, actor.userId);
    if (target) refuseAbove(actor, target.role as Role);
    const now = actor.now.toISOString();
    await tx.updateTable("users").set({ sessions_from: now }).where("tenant_id", "=", actor.tenantId).where("id", "=", actor.userId).execute();
    await writeAudit(tx, { ...by(actor), action: "user.sessions-ended", subject: actor.userId });
    return now;
  });

export const noteSignIn = async (db: Db | Tx, user: UserRow, now: Date): Promise<void> => {
  await db.updateTable("users").set({ last_sign_in_at: now.toISOString() }).where("tenant_id", "=", user.tenant_id).where("id", "=", user.id).execute();
};

/** What somebody may do now who ordered a job: at most what they might then. Error `auth.disabled`. */
export async function roleNow(db: Db, order: { homeTenant: string; homeUser: string; role: Role }): Promise<Role> {
  const user = await findUser(db, order.homeTenant, order.homeUser);
  if (!user || user.status === "disabled") throw disabled(order.homeUser);
  return lesser(order.role, user.role as Role);
}

/** True when somebody can sign in as the platform's owner. */
export const hasOwner = async (db: Db): Promise<boolean> =>
  (await db.selectFrom("users").select("id").where("role", "=", "global_owner").where("status", "=", "active").executeTakeFirst()) !== undefined;

/** The first start's own: true when there is no platform owner yet, and this made one. */
export const addFirstOwner = async (
  db: Db | Tx,
  owner: { id: string; passwordHash: string | null; invitationHash: string; now: Date },
): Promise<{ expiresAt: string } | undefined> =>
  await transact(db, async (tx) => {
    const now = owner.now.toISOString();
    // One row, one winner, however many processes start at once.
    const row: UserRow = {
      tenant_id: platformTenant,
      id: owner.id,
      role: "global_owner",
      password_hash: owner.passwordHash,
      status: owner.passwordHash === null ? "invited" : "active",
      version: 1,
      sessions_from: now,
      created_at: now,
      last_sign_in_at: null,
    };
    const there = await tx.selectFrom("users").selectAll().where("role", "=", "global_owner").execute();
    const waiting = there.length === 1 && there[0]?.status === "invited" && there[0].id === owner.id ? there[0] : undefined;
    if (there.length > 0 && !waiting) return undefined;
    if (waiting) await lockUser(tx, platformTenant, owner.id);
    else {
      await tx.insertInto("users").values(row).execute();
      await writeAudit(tx, {
        tenantId: platformTenant,
        actor: "first-start",
        at: owner.now,
        requestId: "",
        action: "user.added",
        subject: row.id,
        after: toUser(row),
      });
    }
    return { expiresAt: owner.passwordHash === null ? await invite(tx, row, owner.invitationHash, owner.now) : now };
  });

/**
 * Makes the owner, or gives them this password: earlier sessions, links and a disabling end. Who has the database may do that.
 * Error `owner.in-use` (conflict), with `ifUnused`, when somebody has signed in as an owner.
 */
export const setOwner = async (db: Db | Tx, owner: { id: string; passwordHash: string; now: Date; ifUnused?: boolean }): Promise<void> =>
  await transact(db, async (tx) => {
    if (owner.ifUnused) await refuseUsed(tx);
    const now = owner.now.toISOString();
    const set = { role: "global_owner", password_hash: owner.passwordHash, status: "active", sessions_from: now };
    await tx
      .insertInto("users")
      .values({ ...set, tenant_id: platformTenant, id: owner.id, version: 1, created_at: now, last_sign_in_at: null })
      .onConflict((conflict) => conflict.columns(["tenant_id", "id"]).doUpdateSet((row) => ({ ...set, version: row("users.version", "+", 1) })))
      .execute();
    await tx.deleteFrom("invitations").where("tenant_id", "=", platformTenant).where("user_id", "=", owner.id).execute();
    await writeAudit(tx, { tenantId: platformTenant, actor: "host", at: owner.now, requestId: "", action: "user.password-set", subject: owner.id });
  });

/** Their password is known to a person: a new one would end their sessions, and lock them out. */
async function refuseUsed(tx: Tx): Promise<void> {
  const used = await tx.selectFrom("users").select("id").where("role", "=", "global_owner").where("last_sign_in_at", "is not", null).executeTakeFirst();
  if (!used) return;
  throw new ChartctlError({
    kind: "conflict",
    code: "owner.in-use",
    message: `${used.id} has signed in as the platform's owner already, and keeps their password`,
    hint: "to give a new one all the same: chartctl serve --set-owner",
  });
}

async function refuseNobodyLeft(tx: Tx): Promise<void> {
  const left = await tx.selectFrom("users").select("id").where("role", "=", "global_owner").where("status", "=", "active").execute();
  if (left.length > 0) return;
  throw new ChartctlError({
    kind: "conflict",
    code: "user.last-owner",
    message: "This is the platform's last owner",
    hint: "make another one first: chartctl users add ID --role global_owner --tenant platform",
  });
}

/** Error `role.above` (auth): nobody gives, takes or resets what is above their own. */
export function refuseAbove(manager: { role: Role }, role: Role): void {
  if (atLeast(manager.role, role)) return;
  throw new ChartctlError({ kind: "auth", code: "role.above", message: `The role ${role} is above yours (${manager.role})`, hint: "ask somebody who has it" });
}

/** The platform's owners are the platform's own people, and it has no others. */
function refuseMisplaced(tenantId: string, role: Role): void {
  if ((role === "global_owner") === (tenantId === platformTenant)) return;
  throw new ChartctlError({
    kind: "usage",
    code: "user.misplaced",
    message: `A ${role} can't be of the tenant ${tenantId}`,
    hint: `global_owner belongs to the tenant ${platformTenant}, every other role to another one`,
  });
}

const unknownUser = (id: string): ChartctlError =>
  new ChartctlError({ kind: "not-found", code: "user.not-found", message: `User ${id} does not exist`, hint: "see: chartctl users" });

export const disabled = (id: string): ChartctlError =>
  new ChartctlError({ kind: "auth", code: "auth.disabled", message: `User ${id} is disabled`, hint: "ask an admin of the tenant" });
