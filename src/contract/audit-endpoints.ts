/** Who changed what, when: append-only. */
import { z } from "zod";
import { endpoint } from "./endpoint.ts";

export const auditLineSchema = z.object({
  sequence: z.number().int(),
  at: z.iso.datetime(),
  tenantId: z.string(),
  actor: z.string(),
  /** `operation.provision.opened`, `quota.set`. */
  action: z.string(),
  subject: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  requestId: z.string().nullable(),
});
export type AuditLine = z.infer<typeof auditLineSchema>;

const page = z.object({
  /** Lines after this sequence number. */
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  /** The last ones instead of the first ones; oldest first as well. */
  newest: z.enum(["true", "false"]).default("false"),
});
export type AuditPage = Omit<z.output<typeof page>, "newest"> & { newest: boolean };

export const auditEndpoints = {
  audit: endpoint({
    method: "GET",
    path: "/audit",
    allow: "admin",
    summary: "The tenant's audit log, oldest first; as JSON lines: chartctl audit --export",
    query: page,
    response: z.array(auditLineSchema),
  }),
  platformAudit: endpoint({
    method: "GET",
    path: "/admin/audit",
    allow: "global_owner",
    summary: "The whole platform's audit log, oldest first",
    query: page,
    response: z.array(auditLineSchema),
  }),
} as const;
