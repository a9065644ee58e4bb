/** What a clean-up does with a project, and why: decided from the books alone, and checked again under the lock. */
import type { Project } from "../../contract/resources.ts";
import { formatDuration } from "../duration.ts";
import type { Processes } from "../ports.ts";

export type CleanUpAction = "destroy" | "purge" | "settle" | "provision" | "wait";

export interface Decision {
  action: CleanUpAction;
  /** As the journal, the audit and a person read it. */
  reason: string;
  /** Activity until then wins: the books refuse the operation. */
  onlyExpired: boolean;
}

/**
 * Undefined: it is as it should be. A project that has stood is never destroyed for a failure: it has data, and an owner
 * who can provision it again; only its expiry ends it.
 */
export function decide(project: Project, now: Date, look: Processes["look"]): Decision | undefined {
  const { operation, cleanup } = project;
  const at = now.toISOString();
  const running = operation?.status === "running";
  const alive = running && operation.leaseExpiresAt > at && look(operation.holder) !== "gone";
  if (alive) return undefined;
  const decided = (action: CleanUpAction, reason: string, onlyExpired = false): Decision => ({ action, reason, onlyExpired });
  const found = stale(project, now, decided);
  if (found && cleanup && cleanup.nextAt > at)
    return decided("wait", `${found.reason}; the last try failed (${cleanup.error}), the next is due at ${cleanup.nextAt}`);
  return found;
}

function stale(project: Project, now: Date, decided: (action: CleanUpAction, reason: string, onlyExpired?: boolean) => Decision): Decision | undefined {
  const { operation, infrastructure, application, expiresAt, keepFailed } = project;
  const died = operation?.status === "running" || operation?.status === "interrupted";
  const stood = Object.keys(project.outputs).length > 0;
  if (expiresAt !== null && expiresAt <= now.toISOString()) {
    const seconds = (now.getTime() - Date.parse(expiresAt)) / 1_000;
    return decided("destroy", `it expired ${formatDuration(seconds)} ago, at ${expiresAt}`, true);
  }
  if (infrastructure === "destroying") return decided("destroy", "its destroy stopped before its end");
  if (!stood && infrastructure !== "deployed" && !keepFailed)
    return decided("destroy", died ? "its provision stopped before its end" : "its provision failed, and left something");
  if (infrastructure === "provisioning") return decided("provision", "its provision stopped before its end");
  if (application === "purging") return decided("purge", "its purge stopped before its end");
  if (application === "deploying") return decided("settle", "its deploy stopped before its end");
  return undefined;
}
