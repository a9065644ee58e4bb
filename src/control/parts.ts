/** What the control API is made of; its routes take what they need of it. */
import type { IssuedCredentials, OpenOperation } from "../contract/lifecycle-endpoints.ts";
import type { Ready } from "../contract/platform-endpoints.ts";
import type { Limits } from "../contract/resources.ts";
import type { AlertReceiver } from "../core/costs/limits/deliver-alerts.ts";
import type { CredentialRequest } from "../core/ports.ts";
import type { RoleProbe } from "../core/tenants/role-probe.ts";
import type { Sessions } from "./auth/sessions.ts";
import type { VerifyWorkload } from "./auth/workload.ts";
import type { RateLimits } from "./limits.ts";
import type { Identify, Principal } from "./principal.ts";
import type { Db, Tx } from "./store/database.ts";
import type { Seal } from "./store/seal.ts";

export interface ControlApi {
  db: Db;
  seal: Seal;
  identify: Identify;
  /** Errors `rate.limited` (refused): one caller's share is used up. */
  admit(principal: Principal): Promise<void>;
  now(): Date;
  /** Lower-case hexadecimal of so many random bytes. */
  randomHex(bytes: number): string;
  version: string;
  platformLimits: Limits;
  /** Idle seconds until clean-up, where nobody says otherwise. */
  defaultTtlSeconds: number;
  /** Whole cents; the API reckons itself, whatever a client says. */
  estimateMonthlyCents(desired: NonNullable<OpenOperation["desired"]>): number;
  /** Told of errors of no known kind; their callers only see that it was a bug. */
  onBug(error: unknown): void;
  /** Translates the database's errors. */
  translate(error: unknown): unknown;
  /** Where alerts about costs go; undefined: nobody has named a place. Error `config.invalid` (usage). */
  alertReceiver(): Promise<AlertReceiver | undefined>;
  /** Only where it is hosted. */
  hosted?: Hosted;
}

/** What a hosted control API has, and an embedded one has no use for. */
export interface Hosted {
  /** As users reach it, without `/api`. */
  publicUrl: string;
  sessions: Sessions;
  limits: RateLimits;
  verifyWorkload: VerifyWorkload;
  /** Assumes a tenant's role. Errors: `tenant.no-role` (refused), `aws.*`. */
  issueCredentials(request: CredentialRequest): Promise<IssuedCredentials>;
  /** Tries tenants' roles, with the same credentials. */
  roleProbe(): Promise<RoleProbe>;
  /** Hands a job to the workers when the transaction commits. */
  enqueue(tx: Tx, jobId: string): Promise<void>;
  ready(): Promise<Ready>;
  /** The client's address, behind as many proxies as are trusted. */
  addressOf(request: Request): string;
}
