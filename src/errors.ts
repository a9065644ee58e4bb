/**
 * The one error type of chartctl, and the one table from its kind to an exit code and an HTTP status.
 * Only adapters translate foreign errors into it; anything else that reaches main is our own bug.
 */

/** What went wrong, in the closed list that exit codes and HTTP statuses are made of. */
export type ErrorKind = "failed" | "refused" | "auth" | "conflict" | "not-found" | "external" | "usage" | "bug" | "interrupted";

export const outcomes: Record<ErrorKind, { exitCode: number; status: number }> = {
  failed: { exitCode: 1, status: 500 },
  refused: { exitCode: 3, status: 403 },
  auth: { exitCode: 4, status: 401 },
  conflict: { exitCode: 5, status: 409 },
  "not-found": { exitCode: 6, status: 404 },
  external: { exitCode: 7, status: 502 },
  usage: { exitCode: 64, status: 422 },
  bug: { exitCode: 70, status: 500 },
  interrupted: { exitCode: 130, status: 503 },
};

export interface ErrorFacts {
  kind: ErrorKind;
  /** Stable, machine-readable, `thing.reason`: `quota.projects`, `terraform.missing`. */
  code: string;
  /** Present tense, the thing first, why after it. */
  message: string;
  /** The next command to type, or what to mend. */
  hint?: string;
  /** Plain data for `--json`; never a secret. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

export class ChartctlError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(facts: ErrorFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "ChartctlError";
    this.kind = facts.kind;
    this.code = facts.code;
    this.hint = facts.hint;
    this.details = facts.details;
  }
}

/** True for a `ChartctlError` of any of these kinds (of any kind, when none is given). */
export const isChartctlError = (error: unknown, ...kinds: ErrorKind[]): error is ChartctlError =>
  error instanceof ChartctlError && (kinds.length === 0 || kinds.includes(error.kind));

/** The text of anything that was thrown. Of a request that got no answer, `fetch` says only that it failed: its cause says how. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause as { message?: string; code?: string } | undefined;
  return (error.message === "fetch failed" && (cause?.message || cause?.code)) || error.message;
}
