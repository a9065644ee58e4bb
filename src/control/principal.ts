/** Who asks, for which tenant. Embedded, the operator is believed; hosted, a token says it (auth/identify.ts). */
import type { HonoRequest } from "hono";
import type { Me } from "../contract/access-endpoints.ts";
import { idSchema } from "../contract/names.ts";
import type { Role } from "../contract/roles.ts";
import { ChartctlError } from "../errors.ts";

export interface Principal {
  /** The tenant of every query of this request. */
  tenantId: string;
  /** Whom it is done for: projects are booked on them. */
  userId: string;
  role: Role;
  via: Me["via"];
  /** Who really asks: an admin may act for a user, the platform's owner in a tenant. */
  home: { tenantId: string; userId: string };
  /** The same, for the audit log. */
  actor: string;
  /** What rate limits count: the token, not the person. */
  caller: string;
  /** When the API token that they show ends: one that it makes ends then, too. */
  until?: string | undefined;
  requestId: string;
}

/** Error of kind `auth` when nobody can be made out. */
export type Identify = (request: HonoRequest, requestId: string) => Promise<Principal>;

export const tenantHeader = "x-chartctl-tenant";
export const userHeader = "x-chartctl-user";

/** The embedded API runs with the operator's own rights: it believes which tenant and user it acts for. */
export const trustOperator: Identify = async (request, requestId) => {
  const tenantId = named(request.header(tenantHeader), "tenant");
  const userId = named(request.header(userHeader), "user");
  return { tenantId, userId, role: "global_owner", via: "operator", home: { tenantId, userId }, actor: userId, caller: "operator", requestId };
};

/** Errors: `tenant.missing`, `user.missing`, `name.invalid` (usage). */
export function named(value: string | undefined, what: "tenant" | "user"): string {
  const parsed = idSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ChartctlError({
    kind: "usage",
    code: value === undefined ? `${what}.missing` : "name.invalid",
    message: value === undefined ? `No ${what} is named` : `The ${what} id ${JSON.stringify(value)} ${parsed.error.issues[0]?.message}`,
    hint: `name it with --${what} ID`,
  });
}
