/** A provision's booking: the project's row as it will be, decided by limits and by what is there. */
import type { OpenOperation } from "../../contract/lifecycle-endpoints.ts";
import type { Limits } from "../../contract/resources.ts";
import { estimatedSince } from "../../core/costs/booked-estimates.ts";
import type { UserOverCost } from "../../core/costs/limits/over-limit.ts";
import { monthOf, overCostNow } from "../../core/costs/limits/over-limit.ts";
import type { Demand, Overrun } from "../../core/quota/decide.ts";
import { refusal } from "../../core/quota/decide.ts";
import { ChartctlError } from "../../errors.ts";
import type { Tx } from "./database.ts";
import { expiry, refuseLongLived } from "./projects.ts";
import type { ProjectRow } from "./rows.ts";
import { bookedEstimates, overCostMark } from "./rows.ts";

/** As far as a booking needs it of whoever opens the operation. */
interface BookContext {
  tenantId: string;
  userId: string;
  manages: boolean;
  now: Date;
  newOperationId(): string;
  newProjectKey(): string;
  /** Of a project whose owner says nothing. */
  defaultTtlSeconds: number;
}

/** Of a project's owner; for a booking it is read under the account's lock. */
export interface BookedQuota {
  limits: Limits;
  others: { projects: number; monthlyCents: number };
  over: UserOverCost | null;
}

/** What is asked for, checked and priced. */
export type Priced = Omit<NonNullable<OpenOperation["desired"]>, "parameters"> & {
  parameters: string;
  monthlyCents: number;
  /** What of its parameters would fit, when it doesn't. */
  fitting: Demand["fitting"];
};

export async function bookProvision(
  tx: Tx,
  context: BookContext,
  projectId: string,
  desired: Priced | undefined,
  existing: ProjectRow | undefined,
  quota: BookedQuota,
): Promise<ProjectRow> {
  if (!desired) throw new ChartctlError({ kind: "usage", code: "operation.desired", message: "A provision needs what it is to build" });
  refuseMove(existing, desired);
  refuseLongLived(context, desired.ttlSeconds);
  const { monthlyCents, adopt } = desired;
  const userId = existing?.user_id ?? adopt?.userId ?? context.userId;
  if (adopt) await refuseAdoption(tx, context, projectId, adopt, existing);
  const refused = adopt
    ? undefined
    : refusal({
        userId,
        limits: quota.limits,
        others: quota.others,
        over: overNow(context.now, quota.over, existing),
        booked: existing?.monthly_cents,
        monthlyCents,
        maxMonthlyCents: desired.maxMonthlyCents,
        fitting: desired.fitting,
      });
  if (refused) throw refused;

  const now = context.now.toISOString();
  const createdAt = adopt?.createdAt ?? now;
  const ttl = desired.ttlSeconds === undefined ? (existing ? existing.ttl_seconds : context.defaultTtlSeconds) : desired.ttlSeconds;
  const wanted = {
    parameters: desired.parameters,
    monthly_cents: monthlyCents,
    estimates: JSON.stringify(existing ? estimatedSince(bookedEstimates(existing), now, monthlyCents) : estimatedSince([], createdAt, monthlyCents)),
    infrastructure: "provisioning",
    keep_failed: desired.keepFailed ? 1 : 0,
    last_activity_at: now,
    ttl_seconds: ttl,
    expires_at: expiry(context.now, ttl),
  };
  if (existing) return { ...existing, ...wanted, previous: settledStatus(existing), previous_application: existing.application, fence: existing.fence + 1 };
  return {
    ...wanted,
    key: adopt?.key ?? context.newProjectKey(),
    tenant_id: context.tenantId,
    id: projectId,
    user_id: userId,
    blueprint: desired.blueprint,
    region: desired.region,
    environment: desired.environment,
    account_id: null,
    application: "absent",
    created_at: createdAt,
    outputs: "{}",
    fence: 1,
    operation_id: null,
    previous: "absent",
    previous_application: "absent",
    receipt: null,
    ended_at: null,
    cleanup_attempts: 0,
    cleanup_next_at: null,
    cleanup_error: null,
    over_cost: null,
    version: 1,
  };
}

/** What was billed beyond a limit this month; the mark of an earlier month says nothing any more. */
function overNow(now: Date, user: UserOverCost | null, existing: ProjectRow | undefined): Overrun | undefined {
  const project = existing && overCostNow({ overCost: overCostMark(existing) }, now);
  if (project?.of === "project") return project;
  return user?.month === monthOf(now) ? { of: "user", amount: user.amount } : undefined;
}

/** Only what no book has: its name must be free, and its key nobody's. Errors: `role.admin` (auth), `project.adopt` (conflict). */
async function refuseAdoption(tx: Tx, context: BookContext, projectId: string, adopt: { key: string }, existing: ProjectRow | undefined): Promise<void> {
  if (!context.manages) throw new ChartctlError({ kind: "auth", code: "role.admin", message: "Only an admin may book what AWS has already" });
  const there = await tx.selectFrom("projects").selectAll().where("key", "=", adopt.key).executeTakeFirst();
  // Another tenant's is nobody's business here, live or ended: neither named nor touched.
  if (there && there.tenant_id !== context.tenantId) {
    throw new ChartctlError({ kind: "conflict", code: "project.adopt", message: `Project ${projectId} can't be booked under the key ${adopt.key}` });
  }
  const held = existing ?? (there?.ended_at === null ? there : undefined);
  if (held)
    throw new ChartctlError({
      kind: "conflict",
      code: "project.adopt",
      message: `Project ${projectId} (key ${adopt.key}) can't be booked: project ${held.id} (key ${held.key}) is`,
      hint: `destroy that one first: chartctl destroy -p ${held.id}`,
    });
  // An ended booking gives its key back to the same things.
  await tx
    .updateTable("projects")
    .set({ key: `${adopt.key}-${context.newOperationId()}` })
    .where("key", "=", adopt.key)
    .where("tenant_id", "=", context.tenantId)
    .execute();
}

/** Names and places of what exists can't change under it. */
function refuseMove(existing: ProjectRow | undefined, desired: Priced): void {
  if (!existing) return;
  for (const what of ["region", "blueprint", "environment"] as const) {
    if (existing[what] === desired[what]) continue;
    throw new ChartctlError({
      kind: "conflict",
      code: `project.${what}-fixed`,
      message: `Project ${existing.id} is in ${what} ${existing[what]}, which can't become ${desired[what]}`,
      hint: `make another project, or destroy this one first: chartctl destroy -p ${existing.id}`,
    });
  }
}

/** The last status that an operation reached, not one that it was passing through. */
export const settledStatus = (row: ProjectRow): string =>
  row.infrastructure === "provisioning" || row.infrastructure === "destroying" ? "failed" : row.infrastructure;
