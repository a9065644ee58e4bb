/** Every endpoint of the control API: one value that the server binds and the client calls. */
import { z } from "zod";
import { blueprintSchema } from "./blueprints.ts";
import { accountIdSchema, environmentSchema, idSchema, projectKeySchema, regionSchema, roleArnSchema } from "./names.ts";
import {
  holderSchema,
  limitsSchema,
  operationKindSchema,
  operationSchema,
  projectSchema,
  quotaSchema,
  receiptSchema,
  releaseSchema,
  tenantSchema,
} from "./resources.ts";

export interface Endpoint<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Under `/api`; parameters as `:name`. */
  path: string;
  summary: string;
  params: P;
  query: Q;
  body: B;
  response: R;
}

const none = z.object({});
type None = typeof none;

const endpoint = <R extends z.ZodType, P extends z.ZodType = None, Q extends z.ZodType = None, B extends z.ZodType = None>(
  given: Pick<Endpoint<P, Q, B, R>, "method" | "path" | "summary" | "response"> & { params?: P; query?: Q; body?: B },
): Endpoint<P, Q, B, R> => ({ params: none, query: none, body: none, ...given }) as unknown as Endpoint<P, Q, B, R>;

const fenced = z.object({ fence: z.number().int().min(1) });
const operationParams = z.object({ operationId: z.string().min(1).max(64) });
const projectParams = z.object({ projectId: idSchema });

const openOperationSchema = z.object({
  /** Same key, same operation: a request whose answer was lost can be sent again. */
  idempotencyKey: z.uuid(),
  kind: operationKindSchema,
  projectId: idSchema,
  holder: holderSchema,
  /** What a provision asks for; left out by the others. */
  desired: z
    .object({
      blueprint: blueprintSchema,
      region: regionSchema,
      environment: environmentSchema,
      /** Complete and checked again by the server. */
      parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      /** null: never expires; left out: as it is, or the default for a new project. */
      ttlSeconds: z.number().int().min(60).nullable().optional(),
      /** The caller's own limit for this project, cents a month. */
      maxMonthlyCents: z.number().int().min(0).optional(),
      /** A failed first provision stays, to be looked at, until it expires. */
      keepFailed: z.boolean().optional(),
      /** Books what is in AWS already and in no book, under its own key, so that it can be destroyed. No limit is asked. */
      adopt: z.object({ key: projectKeySchema, userId: idSchema, createdAt: z.iso.datetime() }).optional(),
    })
    .optional(),
  /** Why a machine opens it; a person gives none. */
  reason: z.string().max(500).optional(),
  /** Refused when the project has not expired: activity since the caller looked wins (a clean-up's check, under the lock). */
  onlyExpired: z.boolean().optional(),
  /** The caller shares the holder's machine and saw that its process is gone. */
  holderGone: z.object({ operationId: z.string() }).optional(),
});
export type OpenOperation = z.infer<typeof openOperationSchema>;

const openedOperationSchema = z.object({
  operation: operationSchema,
  project: projectSchema,
  /** The operation that ended without finishing, which this one takes over from. */
  takenOver: operationSchema.nullable(),
  /** True when no infrastructure of this project was ever recorded: its state is known to be empty. */
  fresh: z.boolean(),
});
export type OpenedOperation = z.infer<typeof openedOperationSchema>;

const stateCopySchema = z.object({
  serial: z.number().int().min(0),
  lineage: z.string(),
  /** The Terraform state file, whole; sealed where it is kept. */
  body: z.string(),
});
export type StateCopy = z.infer<typeof stateCopySchema>;

const finishOperationSchema = fenced.extend({
  outcome: z.enum(["succeeded", "failed", "cancelled", "interrupted"]),
  /** What stands in AWS now, as the caller proved it: nothing ends the booking. */
  standing: z.enum(["nothing", "something", "unchanged"]),
  /** The newest state's serial; the operation closes only when that one is stored. */
  stateSerial: z.number().int().min(0).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
  accountId: accountIdSchema.optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  receipt: receiptSchema.optional(),
  /** What a deploy published. */
  version: z.string().max(20).optional(),
});
export type FinishOperation = z.infer<typeof finishOperationSchema>;

const recordReleaseSchema = fenced.extend(releaseSchema.pick({ build: true, codeSha256: true, files: true, bytes: true, source: true, health: true }).shape);
export type RecordRelease = Omit<z.infer<typeof recordReleaseSchema>, "fence">;

export const endpoints = {
  health: endpoint({ method: "GET", path: "/health", summary: "Alive", response: z.object({ status: z.literal("ok"), version: z.string() }) }),

  listTenants: endpoint({ method: "GET", path: "/tenants", summary: "Every tenant", response: z.array(tenantSchema) }),
  getTenant: endpoint({ method: "GET", path: "/tenants/:tenantId", summary: "One tenant", params: z.object({ tenantId: idSchema }), response: tenantSchema }),
  addTenant: endpoint({
    method: "POST",
    path: "/tenants",
    summary: "Add a tenant; the answer shows its external ID, once",
    body: z.object({ id: idSchema, roleArn: roleArnSchema.nullable(), accountId: accountIdSchema.nullable() }),
    response: tenantSchema.extend({ externalId: z.string() }),
  }),
  /** For the process that assumes the role. */
  tenantConnection: endpoint({
    method: "GET",
    path: "/tenants/:tenantId/connection",
    summary: "Role and external ID, for assuming the role",
    params: z.object({ tenantId: idSchema }),
    response: z.object({ roleArn: roleArnSchema.nullable(), accountId: accountIdSchema.nullable(), externalId: z.string() }),
  }),

  listProjects: endpoint({
    method: "GET",
    path: "/projects",
    summary: "Projects of the tenant",
    query: z.object({ user: idSchema.optional() }),
    response: z.array(projectSchema),
  }),
  getProject: endpoint({ method: "GET", path: "/projects/:projectId", summary: "One project", params: projectParams, response: projectSchema }),
  renewProject: endpoint({
    method: "POST",
    path: "/projects/:projectId/renew",
    summary: "Move the expiry forward",
    params: projectParams,
    body: z.object({ ttlSeconds: z.number().int().min(60).nullable().optional() }),
    response: projectSchema,
  }),
  listReleases: endpoint({
    method: "GET",
    path: "/projects/:projectId/releases",
    summary: "Releases of the application, newest first",
    params: projectParams,
    response: z.array(releaseSchema),
  }),
  recordCleanup: endpoint({
    method: "POST",
    path: "/projects/:projectId/cleanup",
    summary: "Record that a clean-up of the project failed; the answer says when to try again",
    params: projectParams,
    body: z.object({ error: z.string().max(2_000) }),
    response: projectSchema,
  }),
  getState: endpoint({
    method: "GET",
    path: "/projects/:projectId/state",
    summary: "The newest copy of the Terraform state",
    params: projectParams,
    response: stateCopySchema.nullable(),
  }),

  openOperation: endpoint({
    method: "POST",
    path: "/operations",
    summary: "Open an operation: checks limits and state, books, leases",
    body: openOperationSchema,
    response: openedOperationSchema,
  }),
  renewLease: endpoint({
    method: "POST",
    path: "/operations/:operationId/lease",
    summary: "Renew the lease",
    params: operationParams,
    body: fenced.extend({ credentialsExpireAt: z.iso.datetime().optional() }),
    response: z.object({ leaseExpiresAt: z.iso.datetime() }),
  }),
  journal: endpoint({
    method: "POST",
    path: "/operations/:operationId/journal",
    summary: "A line before a step (intent) or after it (done)",
    params: operationParams,
    body: fenced.extend({ step: z.string().max(100), phase: z.enum(["intent", "done"]), detail: z.record(z.string(), z.unknown()).optional() }),
    response: z.object({ sequence: z.number().int() }),
  }),
  saveState: endpoint({
    method: "PUT",
    path: "/operations/:operationId/state",
    summary: "Keep a newer state",
    params: operationParams,
    body: fenced.extend(stateCopySchema.shape),
    response: z.object({ serial: z.number().int() }),
  }),
  recordRelease: endpoint({
    method: "PUT",
    path: "/operations/:operationId/release",
    summary: "Number the release that this deploy makes; once an operation",
    params: operationParams,
    body: recordReleaseSchema,
    response: releaseSchema,
  }),
  finishOperation: endpoint({
    method: "POST",
    path: "/operations/:operationId/finish",
    summary: "Close the operation",
    params: operationParams,
    body: finishOperationSchema,
    response: z.object({ operation: operationSchema, project: projectSchema.nullable() }),
  }),

  getQuota: endpoint({
    method: "GET",
    path: "/quota",
    summary: "Limits and what is used",
    query: z.object({ user: idSchema.optional() }),
    response: quotaSchema,
  }),
  setQuota: endpoint({
    method: "PUT",
    path: "/quota",
    summary: "Override limits of a user, or of the whole tenant",
    body: z.object({ user: idSchema.optional(), limits: limitsSchema.partial() }),
    response: z.object({ limits: limitsSchema }),
  }),
} as const;

/** Calls an endpoint of the control API, typed from the contract; embedded and hosted alike. */
export type CallApi = <E extends (typeof endpoints)[keyof typeof endpoints]>(
  endpoint: E,
  input: { params?: z.input<E["params"]>; query?: z.input<E["query"]>; body?: z.input<E["body"]> },
) => Promise<z.output<E["response"]>>;
