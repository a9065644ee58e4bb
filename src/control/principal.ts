/** Who asks, for which tenant. Embedded, the operator is believed; hosted, a token says it. */
import type { HonoRequest } from "hono";
import { idSchema } from "../contract/names.ts";
import { ChartctlError } from "../errors.ts";

export interface Principal {
  /** The tenant of every query of this request. */
  tenantId: string;
  userId: string;
  role: "member" | "admin" | "owner" | "global_owner";
}

/** Error of kind `auth` when nobody can be made out. */
export type Identify = (request: HonoRequest) => Promise<Principal>;

const tenantHeader = "x-chartctl-tenant";
const userHeader = "x-chartctl-user";

/** The embedded API runs with the operator's own rights: it believes which tenant and user it acts for. */
export const trustOperator: Identify = async (request) => ({
  tenantId: named(request.header(tenantHeader), "tenant"),
  userId: named(request.header(userHeader), "user"),
  role: "global_owner",
});

function named(value: string | undefined, what: string): string {
  const parsed = idSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ChartctlError({
    kind: "usage",
    code: value === undefined ? `${what}.missing` : "name.invalid",
    message: value === undefined ? `No ${what} is named` : `The ${what} id ${JSON.stringify(value)} ${parsed.error.issues[0]?.message}`,
    hint: `name it with --${what} ID`,
  });
}
