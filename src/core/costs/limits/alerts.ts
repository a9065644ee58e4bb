/** What an alert says, and when it is sent again: as the Standard Webhooks specification (1.0.0) has it. */
import Big from "big.js";
import type { OverCost } from "../../../contract/resources.ts";
import type { CostAlert } from "./over-limit.ts";
import { afterGrace } from "./over-limit.ts";

export interface AlertFacts extends Omit<CostAlert, "id" | "warns"> {
  tenantId: string;
  userId: string;
  projectId: string | null;
  month: string;
  at: Date;
  /** Of the user's projects, those that are marked. */
  marked: { projectId: string; mark: OverCost }[];
}

/** The body, made once: what is signed and sent again is the same to the byte. Nothing in it is a secret. */
export function alertBody({ kind, tenantId, userId, projectId, month, amount, limitCents, at, marked, otherCurrencies }: AlertFacts): string {
  const projects = marked.filter((one) => projectId === null || one.projectId === projectId);
  return JSON.stringify({
    type: kind,
    timestamp: at.toISOString(),
    data: {
      tenantId,
      userId,
      projectId,
      month,
      currency: "USD",
      amount,
      limit: new Big(limitCents).div(100).toFixed(2),
      projects: projects.map((one) => ({ projectId: one.projectId, overLimitOf: one.mark.of, ...cleanUpOf(one.mark, at) })),
      otherCurrencies,
    },
  });
}

/** Of a clean-up that waits for its alert: the earliest there can be. It is `graceSeconds` after the alert was delivered, never before. */
const cleanUpOf = ({ cleanUpAt, warning }: OverCost, at: Date): { cleanUpAt: string | null; graceSeconds: number | null } => ({
  cleanUpAt: cleanUpAt ?? (warning && afterGrace(at, warning.graceSeconds)),
  graceSeconds: warning?.graceSeconds ?? null,
});

const firstWaitSeconds = 30;
const longestWaitSeconds = 12 * 3_600;
/** The specification wants tries over several days. */
export const givenUpAfterSeconds = 5 * 86_400;
/** How much of a wait chance decides: many alerts that failed together don't come back together. */
const jitter = 0.25;

/**
 * When the next try is due after so many; null: it is given up. `chance` is from 0 up to, not with, 1; a receiver that names a
 * time to wait is given it, within reason.
 */
export function nextTry(
  { attempts, createdAt }: { attempts: number; createdAt: string },
  { now, chance, retryAfterSeconds = 0 }: { now: Date; chance: number; retryAfterSeconds?: number | undefined },
): Date | null {
  if (now.getTime() - Date.parse(createdAt) >= givenUpAfterSeconds * 1_000) return null;
  const doubled = Math.min(firstWaitSeconds * 2 ** Math.min(attempts - 1, 20), longestWaitSeconds);
  const seconds = Math.max(doubled * (1 - jitter * chance), Math.min(retryAfterSeconds, longestWaitSeconds));
  return new Date(now.getTime() + seconds * 1_000);
}
