/** The platform's own: is it well, its tenants, its figures. */
import { z } from "zod";
import { endpoint } from "./endpoint.ts";
import { accountIdSchema, idSchema, reportTableSchema, roleArnSchema } from "./names.ts";
import { tenantSchema } from "./resources.ts";
import { statsSchema } from "./stats.ts";

const tenantParams = z.object({ tenantId: idSchema });

/** What the platform found out about a tenant's role, by trying. */
export const verificationSchema = z.object({
  tenantId: idSchema,
  roleArn: roleArnSchema,
  /** No check failed. */
  ok: z.boolean(),
  /** Which external IDs the role accepts: while one takes the other's place, it may be either or both. */
  accepts: z.array(z.enum(["current", "next"])),
  checks: z.array(z.object({ name: z.string(), result: z.enum(["ok", "warn", "fail"]), found: z.string(), mend: z.string().optional() })),
  /** The trust policy that the role should have; only when a check of it failed. */
  trustPolicy: z.record(z.string(), z.unknown()).nullable(),
});
export type Verification = z.infer<typeof verificationSchema>;

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
    params: tenantParams,
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
    params: tenantParams,
    response: z.object({
      roleArn: roleArnSchema.nullable(),
      accountId: accountIdSchema.nullable(),
      externalId: z.string(),
      /** The new one of an overlap. */
      nextExternalId: z.string().nullable(),
      billing: tenantSchema.shape.billing,
    }),
  }),
  updateTenant: endpoint({
    method: "PATCH",
    path: "/tenants/:tenantId",
    allow: "global_owner",
    versioned: true,
    summary: "Change a tenant's role and account; no other tenant may have either",
    params: tenantParams,
    body: z.object({ roleArn: roleArnSchema.nullable(), accountId: accountIdSchema.nullable().optional() }),
    response: tenantSchema,
  }),
  connectBilling: endpoint({
    method: "PUT",
    path: "/tenants/:tenantId/billing",
    allow: "global_owner",
    versioned: true,
    summary: "Which Cost and Usage Report tells a tenant's costs, by its table's name; null: none does",
    params: tenantParams,
    body: z.object({ table: reportTableSchema.nullable() }),
    response: tenantSchema,
  }),
  removeTenant: endpoint({
    method: "DELETE",
    path: "/tenants/:tenantId",
    allow: "global_owner",
    versioned: true,
    summary: "Remove a tenant without projects, with its users and tokens; its history stays",
    params: tenantParams,
    response: tenantSchema,
  }),
  rotateExternalId: endpoint({
    method: "POST",
    path: "/tenants/:tenantId/external-id",
    allow: "global_owner",
    status: 201,
    summary: "A new external ID beside the old one; the one of an open rotation, when there is one",
    params: tenantParams,
    response: tenantSchema.extend({ externalId: z.string(), nextExternalId: z.string() }),
  }),
  finishRotation: endpoint({
    method: "DELETE",
    path: "/tenants/:tenantId/external-id",
    allow: "global_owner",
    versioned: true,
    summary: "End the overlap: only the new external ID counts from now on",
    params: tenantParams,
    response: tenantSchema,
  }),
  verifyTenant: endpoint({
    method: "POST",
    path: "/tenants/:tenantId/verify",
    allow: "global_owner",
    replay: false,
    summary: "Try the tenant's role, or the one that is given, both ways; stores nothing",
    params: tenantParams,
    body: z.object({ roleArn: roleArnSchema.optional(), accountId: accountIdSchema.optional() }),
    response: verificationSchema,
  }),
  platformPrincipal: endpoint({
    method: "GET",
    path: "/platform/principal",
    allow: "global_owner",
    summary: "The AWS role or user that the platform works as: whom tenants' roles must trust",
    response: z.object({ principalArn: z.string() }),
  }),

  adminStats: endpoint({
    method: "GET",
    path: "/admin/stats",
    allow: "global_owner",
    summary: "The platform at a glance: what the page /admin/stats and chartctl stats show",
    response: statsSchema,
  }),
} as const;
