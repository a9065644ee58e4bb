/** What changes of a tenant that is there: its connection, its external ID, and at last itself. Each leaves a line of audit. */
import type { Selectable } from "kysely";
import type { Tenant } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";
import { writeAudit } from "./audit.ts";
import type { Database, Db, Tx } from "./database.ts";
import { unfinished } from "./jobs.ts";
import { toTenant } from "./rows.ts";
import type { Seal } from "./seal.ts";
import { refuseStale } from "./stale.ts";
import { accountOf, externalIdContext, refuseShared, tenantRemoved, unknownTenant } from "./tenants.ts";
import { excludeWriters, transact } from "./transact.ts";

type TenantRow = Selectable<Database["tenants"]>;

/** Who changes a tenant, and which version of it they have seen. */
export interface TenantChange {
  id: string;
  actor: string;
  now: Date;
  requestId: string;
  expected?: number | undefined;
}

/** Errors: `tenant.not-found`, `version.stale` (conflict), and those of `decide`, which gives the row's new values. */
async function change(
  db: Db | Tx,
  { id, actor, now, requestId, expected }: TenantChange,
  action: string,
  decide: (row: TenantRow, tx: Tx) => Promise<Partial<TenantRow>>,
): Promise<Tenant> {
  return await transact(db, async (tx) => {
    await excludeWriters(tx, "tenants");
    const row = await tx.selectFrom("tenants").selectAll().where("id", "=", id).executeTakeFirst();
    if (!row) throw unknownTenant(id);
    refuseStale(row, expected);
    const changed = await decide(row, tx);
    if (Object.keys(changed).length === 0) return toTenant(row);
    const after = { ...row, ...changed, version: row.version + 1 };
    await tx.updateTable("tenants").set(after).where("id", "=", id).execute();
    await writeAudit(tx, { tenantId: id, actor, action, subject: id, before: toTenant(row), after: toTenant(after), at: now, requestId });
    return toTenant(after);
  });
}

/** Errors also: `tenant.role-taken`, `tenant.account-taken`, `tenant.account-in-use` (conflict), `tenant.account-mismatch` (usage). */
export const updateConnection = async (
  db: Db | Tx,
  by: TenantChange,
  connection: { roleArn: string | null; accountId?: string | null | undefined },
): Promise<Tenant> =>
  await change(db, by, "tenant.connected", async (row, tx) => {
    const changed = { role_arn: connection.roleArn, account_id: accountOf(connection) };
    if (changed.role_arn === row.role_arn && changed.account_id === row.account_id) return {};
    await refuseShared(tx, { id: row.id, ...changed });
    await refuseMove(tx, row, changed.account_id);
    return changed;
  });

/**
 * What stands in the old account could be neither seen nor taken away: the new one would prove that there is nothing. A booking
 * without an account is being provisioned, or its run died: what it made is where the tenant's role was until now.
 */
async function refuseMove(tx: Tx, { id: tenantId, account_id: before }: TenantRow, accountId: string | null): Promise<void> {
  await excludeWriters(tx, "accounts"); // no booking meanwhile
  const live = await tx.selectFrom("projects").select(["id", "account_id"]).where("tenant_id", "=", tenantId).where("ended_at", "is", null).execute();
  const left = live.map(({ id, account_id }) => ({ id, account: account_id ?? before })).filter(({ account }) => account !== accountId);
  if (left.length === 0) return;
  const where = left[0]?.account ? `account ${left[0].account}` : "an account that no book names";
  throw new ChartctlError({
    kind: "conflict",
    code: "tenant.account-in-use",
    message: `Projects of tenant ${tenantId} stand, or may stand, in ${where}: ${left.map(({ id }) => id).join(", ")}`,
    hint: `destroy them first, such as: chartctl destroy -t ${tenantId} -p ${left[0]?.id} --purge`,
    details: { projects: left.map(({ id }) => id) },
  });
}

/** Another table is another report: it is waited for from now on. */
export const changeBilling = async (db: Db | Tx, by: TenantChange, table: string | null): Promise<Tenant> =>
  await change(db, by, "tenant.billing-connected", async (row) =>
    row.billing_table === table ? {} : { billing_table: table, billing_since: table === null ? null : by.now.toISOString() },
  );

/** A second ID beside the first. Of an open rotation nothing changes: `nextExternalId` of the connection is the one that counts. */
export const beginRotation = async (db: Db | Tx, seal: Seal, by: TenantChange, nextExternalId: string): Promise<Tenant> =>
  await change(db, by, "tenant.rotation-begun", async (row) =>
    row.next_external_id === null ? { next_external_id: seal.seal(nextExternalId, externalIdContext(row.id)), rotating_since: by.now.toISOString() } : {},
  );

/** The old one counts no more. Error `tenant.not-rotating` (conflict). */
export const finishRotation = async (db: Db | Tx, by: TenantChange): Promise<Tenant> =>
  await change(db, by, "tenant.rotation-finished", async ({ id, next_external_id }) => {
    if (next_external_id !== null) return { external_id: next_external_id, next_external_id: null, rotating_since: null };
    throw new ChartctlError({
      kind: "conflict",
      code: "tenant.not-rotating",
      message: `Tenant ${id} has one external ID, and no new one beside it`,
      hint: `begin with: chartctl tenants rotate-external-id ${id}`,
    });
  });

/**
 * Its users, tokens, trusted pipelines and limits go with it; operations, costs and audit stay. A booking that was let in
 * before and comes after meets limits of nothing. Errors also: `tenant.in-use` (conflict).
 */
export const removeTenant = async (db: Db | Tx, { id, actor, now, requestId, expected }: TenantChange): Promise<Tenant> =>
  await transact(db, async (tx) => {
    await excludeWriters(tx, "tenants");
    await excludeWriters(tx, "accounts"); // whoever books, books first or finds the limits below
    const row = await tx.selectFrom("tenants").selectAll().where("id", "=", id).executeTakeFirst();
    if (!row) throw unknownTenant(id);
    refuseStale(row, expected);
    await refuseInUse(tx, id);
    const users = await tx.selectFrom("users").select("id").where("tenant_id", "=", id).execute();
    for (const table of ["api_tokens", "workload_trusts", "invitations", "users", "quotas"] as const) {
      await tx.deleteFrom(table).where("tenant_id", "=", id).execute();
    }
    const limits = JSON.stringify({ projectsPerUser: 0, projectMonthlyCents: 0, userMonthlyCents: 0 });
    await tx.insertInto("quotas").values({ tenant_id: id, user_id: "", limits, version: 1 }).execute();
    await tx.deleteFrom("tenants").where("id", "=", id).execute();
    const before = { ...toTenant(row), users: users.length };
    await writeAudit(tx, { tenantId: id, actor, action: tenantRemoved, subject: id, before, at: now, requestId });
    return toTenant(row);
  });

async function refuseInUse(tx: Tx, id: string): Promise<void> {
  const projects = await tx.selectFrom("projects").select("id").where("tenant_id", "=", id).where("ended_at", "is", null).orderBy("id").execute();
  const running = await tx.selectFrom("operations").select("id").where("tenant_id", "=", id).where("status", "=", "running").execute();
  const jobs = await tx.selectFrom("jobs").select("id").where("tenant_id", "=", id).where("status", "in", unfinished).execute();
  const what = [
    ...(projects.length > 0 ? [`projects: ${projects.map((project) => project.id).join(", ")}`] : []),
    ...(running.length > 0 ? [`running operations: ${running.map((operation) => operation.id).join(", ")}`] : []),
    ...(jobs.length > 0 ? [`open jobs: ${jobs.map((job) => job.id).join(", ")}`] : []),
  ];
  if (what.length === 0) return;
  throw new ChartctlError({
    kind: "conflict",
    code: "tenant.in-use",
    message: `Tenant ${id} still has ${what.join("; ")}`,
    hint: projects[0] ? `destroy each, such as: chartctl destroy -t ${id} -p ${projects[0].id} --purge` : `wait for them: chartctl projects -t ${id}`,
    details: { projects: projects.map((project) => project.id), operations: running.map((one) => one.id), jobs: jobs.map((job) => job.id) },
  });
}
