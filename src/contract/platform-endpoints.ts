/** The platform's own: is it well, its tenants, its figures. */
import { z } from "zod";
import { endpoint } from "./endpoint.ts";
import { accountIdSchema, idSchema, roleArnSchema } from "./names.ts";
import { tenantSchema } from "./resources.ts";
import { statsSchema } from "./stats.ts";

export const readySchema = z.object({
  status: z.enum(["ready", "not ready"]),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), found: z.string() })),
});
export type Ready = z.infer<typeof readySchema>;

export const platformEndpoints = {
  health: endpoint({
    method: "GET",
    path: "/health",
    allow: "anyone",
    summary: "Alive",
    response: z.object({ status: z.literal("ok"), version: z.string() }),
  }),
  ready: endpoint({ method: "GET", path: "/ready", allow: "anyone", summary: "Database, schema and queue work (503 when they don't)", response: readySchema }),

  listTenants: endpoint({ method: "GET", path: "/tenants", allow: "global_owner", summary: "Every tenant", response: z.array(tenantSchema) }),
  getTenant: endpoint({
    method: "GET",
    path: "/tenants/:tenantId",
    allow: "global_owner",
    summary: "One tenant",
    params: z.object({ tenantId: idSchema }),
    response: tenantSchema,
  }),
  addTenant: endpoint({
    method: "POST",
    path: "/tenants",
    allow: "global_owner",
    status: 201,
    summary: "Add a tenant; the answer shows its external ID, once",
    body: z.object({ id: idSchema, roleArn: roleArnSchema.nullable(), accountId: accountIdSchema.nullable() }),
    response: tenantSchema.extend({ externalId: z.string() }),
  }),
  /** For the process that assumes the role. */
  tenantConnection: endpoint({
    method: "GET",
    path: "/tenants/:tenantId/connection",
    allow: "global_owner",
    summary: "Role and external ID, for assuming the role",
    params: z.object({ tenantId: idSchema }),
    response: z.object({ roleArn: roleArnSchema.nullable(), accountId: accountIdSchema.nullable(), externalId: z.string() }),
  }),

  adminStats: endpoint({
    method: "GET",
    path: "/admin/stats",
    allow: "global_owner",
    summary: "The platform at a glance: what the page /admin/stats and chartctl stats show",
    response: statsSchema,
  }),
} as const;
