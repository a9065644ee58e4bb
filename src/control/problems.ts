/** Errors as problem details (RFC 9457). */
import type { Problem } from "../contract/resources.ts";
import { ChartctlError, isChartctlError, outcomes } from "../errors.ts";

/** Where HTTP has a better word than the error's kind. */
const statuses: Record<string, number> = {
  "request.too-large": 413,
  "rate.limited": 429,
  "version.stale": 412,
  "store.unavailable": 503,
  "store.busy": 503,
  "store.slow": 503,
  "server.stopping": 503,
  "server.busy": 503,
};
/** Signed in, and not allowed: 403. Only who isn't signed in at all gets 401. */
const forbidden = /^(role|ttl|token|csrf)\./;

function statusOf({ kind, code }: ChartctlError): number {
  if (kind === "auth" && forbidden.test(code)) return 403;
  return statuses[code] ?? outcomes[kind].status;
}

/** An error of no known kind says nothing of its inside. */
export function problemOf(error: unknown): Problem {
  const known = isChartctlError(error) ? error : new ChartctlError({ kind: "bug", code: "bug", message: "The control API failed unexpectedly" });
  return {
    type: "about:blank",
    title: known.code,
    status: statusOf(known),
    kind: known.kind,
    code: known.code,
    detail: known.message,
    ...(known.hint ? { hint: known.hint } : {}),
    ...(known.details ? { details: known.details } : {}),
  };
}
