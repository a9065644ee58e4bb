/** A running platform, looked at from outside: what can be asked of it, and what was found. */

/** In whose name: the operator's own token, none, or the operator's with its secret changed. */
type Asker = "operator" | "nobody" | "forger";

export interface Ask {
  method: "GET" | "POST" | "OPTIONS";
  /** From the root: `/api/health`. */
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  as: Asker;
}

export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Parsed JSON; undefined when it is none. */
  body: unknown;
}

export interface Platform {
  url: string;
  /** Somebody is signed in there. */
  signedIn: boolean;
  /** As it comes: nothing is sent twice, no redirect is followed. Error `api.unreachable` (external). */
  ask(asked: Ask): Promise<Answer>;
  /** Of an https URL. Errors (external): `tls.failed`, with what is wrong about it. */
  certificate(): Promise<{ endsAt: Date; issuer: string }>;
}

export interface Verified {
  name: string;
  result: "ok" | "fail" | "skipped";
  found: string;
  /** How to mend it, or what to give so that it isn't skipped. */
  mend?: string | undefined;
  milliseconds: number;
}

export type Finding = Pick<Verified, "result" | "found" | "mend">;
export const ok = (found: string): Finding => ({ result: "ok", found });
export const fail = (found: string, mend?: string): Finding => ({ result: "fail", found, mend });
export const skipped = (found: string, mend?: string): Finding => ({ result: "skipped", found, mend });
