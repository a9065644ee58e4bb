/** Who asks a hosted control API: an API token or a session token says it; the store says what they may do now. */
import type { HonoRequest } from "hono";
import type { Role } from "../../contract/roles.ts";
import { atLeast, lesser, roleSchema } from "../../contract/roles.ts";
import { ChartctlError } from "../../errors.ts";
import type { Identify, Principal } from "../principal.ts";
import { named, tenantHeader, userHeader } from "../principal.ts";
import { noteTokenUse, tokenWithUser } from "../store/api-tokens.ts";
import type { Db } from "../store/database.ts";
import { disabled, findUser } from "../store/users.ts";
import { parseApiToken, secretMatches } from "./secrets.ts";
import type { Sessions } from "./sessions.ts";
import { invalid } from "./sessions.ts";

/** Somebody, in their own tenant. */
type Somebody = Pick<Principal, "tenantId" | "userId" | "role" | "via" | "caller" | "until">;

export interface IdentifyOptions {
  db: Db;
  sessions: Sessions;
  now(): Date;
}

/** Errors of kind `auth`: `auth.missing`, `auth.invalid`, `auth.expired`, `auth.revoked`, `auth.disabled`; `tenant.not-found`. */
export const identifyByToken =
  (options: IdentifyOptions): Identify =>
  async (request, requestId) =>
    actingAs(request, await bearer(options, request.header("authorization")), requestId);

async function bearer(options: IdentifyOptions, header: string | undefined): Promise<Somebody> {
  const [, token] = /^Bearer +([\w.~+/-]+=*)$/i.exec(header ?? "") ?? [];
  if (!token) {
    throw new ChartctlError({
      kind: "auth",
      code: header ? "auth.invalid" : "auth.missing",
      message: header ? "The Authorization header is no bearer token" : "Nobody is signed in",
      hint: "sign in: chartctl login; in a pipeline, set CHARTCTL_TOKEN",
    });
  }
  return token.startsWith("cct_") ? await byApiToken(options, token) : await bySession(options, token);
}

/** Limits count the person: tokens are made freely. */
const callerOf = (tenantId: string, userId: string): string => `${tenantId}/${userId}`;

async function byApiToken({ db, now }: IdentifyOptions, text: string): Promise<Somebody> {
  const asked = parseApiToken(text);
  const row = asked && (await tokenWithUser(db, asked.id));
  if (!row || !secretMatches(row.hash, asked.secret)) throw invalid("this platform has no such token");
  if (row.revoked_at !== null)
    throw new ChartctlError({ kind: "auth", code: "auth.revoked", message: "The token was revoked", hint: "sign in again: chartctl login" });
  const time = now();
  if (row.expires_at <= time.toISOString())
    throw new ChartctlError({ kind: "auth", code: "auth.expired", message: "The token has expired", hint: "make another one: chartctl tokens create" });
  if (row.user_status !== "active") throw disabled(row.user_id);
  await noteTokenUse(db, row, time);
  return {
    tenantId: row.tenant_id,
    userId: row.user_id,
    role: lesser(row.role as Role, row.user_role as Role),
    via: "token",
    caller: callerOf(row.tenant_id, row.user_id),
    until: row.expires_at,
  };
}

/** A page's session cookie is the same token. */
export async function bySession({ db, sessions }: IdentifyOptions, token: string): Promise<Somebody> {
  const claims = await sessions.verify(token);
  const user = await findUser(db, claims.tenant_id, claims.sub);
  if (!user || user.sessions_from !== claims.since) throw invalid("its session was ended");
  if (user.status === "disabled") throw disabled(user.id);
  const bound = roleSchema.catch("member").parse(claims.role);
  return {
    tenantId: user.tenant_id,
    userId: user.id,
    // A workload's trust may give less than its user has; a person's session gives what the store says now.
    role: claims.via === "workload" ? lesser(bound, user.role as Role) : (user.role as Role),
    via: claims.via,
    caller: callerOf(user.tenant_id, user.id),
  };
}

/** How the audit log of a tenant names somebody. */
export const actorName = (home: Principal["home"], tenantId: string): string => (home.tenantId === tenantId ? home.userId : `${home.tenantId}/${home.userId}`);

/** The platform's owner may act in any tenant, and an admin for a user of theirs; for everybody else another tenant isn't there. */
function actingAs(request: HonoRequest, somebody: Somebody, requestId: string): Principal {
  const askedTenant = request.header(tenantHeader);
  const askedUser = request.header(userHeader);
  const tenantId = askedTenant === undefined ? somebody.tenantId : named(askedTenant, "tenant");
  const abroad = tenantId !== somebody.tenantId;
  if (abroad && somebody.role !== "global_owner") {
    throw new ChartctlError({
      kind: "not-found",
      code: "tenant.not-found",
      message: `Tenant ${tenantId} does not exist`,
      hint: `you are signed in to the tenant ${somebody.tenantId}`,
    });
  }
  const userId = askedUser === undefined ? somebody.userId : named(askedUser, "user");
  if (userId !== somebody.userId && !atLeast(somebody.role, "admin")) {
    throw new ChartctlError({ kind: "auth", code: "role.admin", message: "Only an admin may act for another user", hint: "leave --user out" });
  }
  const home = { tenantId: somebody.tenantId, userId: somebody.userId };
  return { ...somebody, tenantId, userId, home, actor: actorName(home, tenantId), requestId };
}
