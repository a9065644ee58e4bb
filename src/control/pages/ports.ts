/** What the pages need of the server that they are served by. */
import type { Session } from "../../contract/access-endpoints.ts";
import type { CostOverview } from "../../contract/cost-overview.ts";
import type { Role } from "../../contract/roles.ts";
import type { Stats } from "../../contract/stats.ts";

export interface Who {
  tenantId: string;
  userId: string;
  role: Role;
}

/** For the audit log and the rate limits. */
interface Asking {
  requestId: string;
  address: string;
}

/** Errors are `ChartctlError`s: what a port throws of another kind is answered by the app's own error handler. */
export interface PagePorts {
  stats(): Promise<Stats>;
  /** With a chart of so many days. */
  costs(days: number): Promise<CostOverview>;
  signIn(asked: { tenant: string; user: string; password: string }, request: Asking): Promise<Session>;
  acceptInvitation(asked: { invitation: string; password: string }, request: Asking): Promise<Session>;
  /** Who a session cookie's token names. Errors of kind auth. */
  whoIs(token: string): Promise<Who>;
  endSessions(who: Who): Promise<void>;
  addressOf(request: Request): string;
  /** True behind HTTPS: then the cookie is Secure and named `__Host-`. */
  secure: boolean;
  version: string;
}
