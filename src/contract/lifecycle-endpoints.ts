/** Projects, operations and quotas: what the command line's lifecycle works with. */
import { z } from "zod";
import { blueprintSchema } from "./blueprints.ts";
import { endpoint } from "./endpoint.ts";
import { accountIdSchema, environmentSchema, idSchema, projectKeySchema, regionSchema } from "./names.ts";
import { centsSchema, countingSchema, ttlSecondsSchema, wholeSchema } from "./numbers.ts";
import {
  holderSchema,
  limitsSchema,
  operationKindSchema,
  operationSchema,
  overCostPolicySchema,
  projectSchema,
  quotaSchema,
  receiptSchema,
  releaseSchema,
} from "./resources.ts";

const fenced = z.object({ fence: countingSchema });
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
      ttlSeconds: ttlSecondsSchema.nullable().optional(),
      /** The caller's own limit for this project, cents a month. */
      maxMonthlyCents: centsSchema.optional(),
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
  /** Refused unless the project is still over its limit on actual costs, and its grace time has ended (likewise). */
  onlyOverCost: z.boolean().optional(),
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

/** Anything, up to so many bytes as JSON: what is kept for ever, and listed, is bounded. */
const smallRecord = (maxBytes: number) =>
  z.record(z.string().max(200), z.unknown()).refine((value) => JSON.stringify(value).length <= maxBytes, `is larger than ${maxBytes} bytes`);

const stateCopySchema = z.object({
  serial: wholeSchema,
  lineage: z.string().max(200),
  /** The Terraform state file, whole; sealed where it is kept. */
  body: z.string(),
});
export type StateCopy = z.infer<typeof stateCopySchema>;

const finishOperationSchema = fenced.extend({
  outcome: z.enum(["succeeded", "failed", "cancelled", "interrupted"]),
  /** What stands in AWS now, as the caller proved it: nothing ends the booking. */
  standing: z.enum(["nothing", "something", "unchanged"]),
  /** The newest state's serial; the operation closes only when that one is stored. */
  stateSerial: wholeSchema.optional(),
  outputs: smallRecord(50_000).optional(),
  accountId: accountIdSchema.optional(),
  error: z.object({ code: z.string().max(100), message: z.string().max(4_000) }).optional(),
  receipt: receiptSchema.optional(),
  /** What a deploy published. */
  version: z.string().max(20).optional(),
});
export type FinishOperation = z.infer<typeof finishOperationSchema>;

const recordReleaseSchema = fenced.extend(releaseSchema.pick({ build: true, codeSha256: true, files: true, bytes: true, source: true, health: true }).shape);
export type RecordRelease = Omit<z.infer<typeof recordReleaseSchema>, "fence">;

/** A Terraform state of a small project is tens of KB; 20 MB is far above, and still bounded. */
const maxStateBytes = 20_000_000;

/** What an operation does at the moment; its credentials allow no more. */
const operationPurposeSchema = z.enum(["provision", "destroy", "purge", "deploy", "read", "boundary"]);

const issuedCredentialsSchema = z.object({
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
  expiration: z.iso.datetime(),
  /** The account that they reach. */
  accountId: accountIdSchema,
});
export type IssuedCredentials = z.infer<typeof issuedCredentialsSchema>;

export const projectEndpoints = {
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
    versioned: true,
    summary: "Move the expiry forward",
    params: projectParams,
    body: z.object({ ttlSeconds: ttlSecondsSchema.nullable().optional() }),
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
  projectCredentials: endpoint({
    method: "POST",
    path: "/projects/:projectId/credentials",
    replay: false,
    summary: "Temporary AWS credentials that read a project, or its logs; of one that isn't booked yet, nothing",
    params: projectParams,
    body: z.object({ purpose: z.enum(["read", "logs", "boundary-read"]), region: regionSchema.optional() }),
    response: issuedCredentialsSchema,
  }),
} as const;

export const operationEndpoints = {
  openOperation: endpoint({
    method: "POST",
    path: "/operations",
    maxBytes: 100_000,
    replay: false, // it has a key of its own, in the body, which counts for ever
    summary: "Open an operation: checks limits and state, books, leases",
    body: openOperationSchema,
    response: openedOperationSchema,
  }),
  renewLease: endpoint({
    method: "POST",
    path: "/operations/:operationId/lease",
    replay: false,
    summary: "Renew the lease",
    params: operationParams,
    body: fenced.extend({ credentialsExpireAt: z.iso.datetime().optional() }),
    response: z.object({ leaseExpiresAt: z.iso.datetime() }),
  }),
  journal: endpoint({
    method: "POST",
    path: "/operations/:operationId/journal",
    maxBytes: 20_000,
    summary: "A line before a step (intent) or after it (done)",
    params: operationParams,
    body: fenced.extend({ step: z.string().max(100), phase: z.enum(["intent", "done"]), detail: smallRecord(10_000).optional() }),
    response: z.object({ sequence: z.number().int() }),
  }),
  saveState: endpoint({
    method: "PUT",
    path: "/operations/:operationId/state",
    maxBytes: maxStateBytes,
    replay: false,
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
    maxBytes: 200_000,
    summary: "Close the operation",
    params: operationParams,
    body: finishOperationSchema,
    response: z.object({ operation: operationSchema, project: projectSchema.nullable() }),
  }),
  operationCredentials: endpoint({
    method: "POST",
    path: "/operations/:operationId/credentials",
    replay: false,
    summary: "Temporary AWS credentials for a running operation, narrowed to its project and to what is being done",
    params: operationParams,
    body: z.object({ purpose: operationPurposeSchema }),
    response: issuedCredentialsSchema,
  }),
} as const;

export const quotaEndpoints = {
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
    allow: "admin",
    versioned: true,
    summary: "Override limits of a user, or of the whole tenant, and what happens to what passes them",
    body: z.object({
      user: idSchema.optional(),
      limits: limitsSchema.partial().default({}),
      overCost: overCostPolicySchema.omit({ setAt: true }).optional(),
    }),
    response: z.object({ limits: limitsSchema, overCost: overCostPolicySchema, version: z.number().int() }),
  }),
} as const;
