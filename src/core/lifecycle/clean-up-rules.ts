/** What a clean-up does with a project, and why: decided from the books alone, and checked again under the lock. */
import type { OverCost, Project } from "../../contract/resources.ts";
import { overCostNow } from "../costs/limits/over-limit.ts";
import { formatDuration } from "../duration.ts";
import { formatCents, formatDollars } from "../money.ts";
import type { Processes } from "../ports.ts";
import type { OnlyIf } from "./open.ts";

export type CleanUpAction = "destroy" | "purge" | "settle" | "provision" | "wait";

export interface Decision {
  action: CleanUpAction;
  /** As the journal, the audit and a person read it. */
  reason: string;
  /** What must still be so when the operation is opened: activity until then wins, or a raised limit. */
  only?: OnlyIf;
}

/**
 * Undefined: it is as it should be. A project that has stood is never destroyed for a failure: it has data, and an owner
 * who can provision it again; only its expiry ends it, or what it costs, where the tenant's policy says so.
 * `hasJob`: somebody ordered work on it that isn't done yet, and a worker goes on with that.
 */
export function decide(project: Project, now: Date, look: Processes["look"], hasJob = false): Decision | undefined {
  const { operation, cleanup } = project;
  const at = now.toISOString();
  const running = operation?.status === "running";
  const alive = running && operation.leaseExpiresAt > at && look(operation.holder) !== "gone";
  if (alive) return undefined;
  const found = hasJob ? costsTooMuch(project, now) : stale(project, now);
  if (found && cleanup && cleanup.nextAt > at)
    return decided("wait", `${found.reason}; the last try failed (${cleanup.error}), the next is due at ${cleanup.nextAt}`);
  return found ?? inGrace(project, now);
}

const decided = (action: CleanUpAction, reason: string, only?: OnlyIf): Decision => ({ action, reason, ...(only ? { only } : {}) });

/** Whatever somebody does with it: it goes on costing. */
function costsTooMuch(project: Project, now: Date): Decision | undefined {
  const over = overCostNow(project, now);
  if (!over?.cleanUpAt || over.cleanUpAt > now.toISOString()) return undefined;
  return decided("destroy", `${overCostReason(project, over)}, and its grace time ended at ${over.cleanUpAt}`, { onlyOverCost: true });
}

function stale(project: Project, now: Date): Decision | undefined {
  const { operation, infrastructure, application, expiresAt, keepFailed } = project;
  const died = operation?.status === "running" || operation?.status === "interrupted";
  const stood = Object.keys(project.outputs).length > 0;
  if (expiresAt !== null && expiresAt <= now.toISOString()) {
    const seconds = (now.getTime() - Date.parse(expiresAt)) / 1_000;
    return decided("destroy", `it expired ${formatDuration(seconds)} ago, at ${expiresAt}`, { onlyExpired: true });
  }
  const tooMuch = costsTooMuch(project, now);
  if (tooMuch) return tooMuch;
  if (infrastructure === "destroying") return decided("destroy", "its destroy stopped before its end");
  if (!stood && infrastructure !== "deployed" && !keepFailed)
    return decided("destroy", died ? "its provision stopped before its end" : "its provision failed, and left something");
  if (infrastructure === "provisioning") return decided("provision", "its provision stopped before its end");
  if (application === "purging") return decided("purge", "its purge stopped before its end");
  if (application === "deploying") return decided("settle", "its deploy stopped before its end");
  return undefined;
}

/** Nothing is done yet; whoever looks is told when it will be. */
function inGrace(project: Project, now: Date): Decision | undefined {
  const over = overCostNow(project, now);
  if (over?.warning && over.cleanUpAt === null) return decided("wait", `${overCostReason(project, over)}; it is destroyed ${onceTold(over.warning)}`);
  if (!over?.cleanUpAt) return undefined;
  const left = formatDuration((Date.parse(over.cleanUpAt) - now.getTime()) / 1_000);
  return decided("wait", `${overCostReason(project, over)}; it is destroyed in ${left}, at ${over.cleanUpAt}`);
}

/** `1 d after its alert is delivered`. */
export const onceTold = ({ graceSeconds }: NonNullable<OverCost["warning"]>): string => `${formatDuration(graceSeconds)} after its alert is delivered`;

/** `AWS has billed it $61.20 this month, its limit is $50.00`. */
export const overCostReason = ({ userId }: Pick<Project, "userId">, { of, amount, limitCents }: OverCost): string =>
  of === "project"
    ? `AWS has billed it ${formatDollars(amount)} this month, its limit is ${formatCents(limitCents)}`
    : `AWS has billed user ${userId} ${formatDollars(amount)} this month, their limit is ${formatCents(limitCents)}, and it is one of their dearest projects`;
