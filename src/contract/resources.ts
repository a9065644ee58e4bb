/** The objects that the control API speaks of. Times are ISO 8601 in UTC; money is whole US cents a month. */
import { z } from "zod";
import { blueprintSchema } from "./blueprints.ts";
import { accountIdSchema, environmentSchema, idSchema, projectKeySchema, regionSchema, reportTableSchema, roleArnSchema } from "./names.ts";
import { centsSchema, countingSchema, graceSecondsSchema, ttlSecondsSchema, wholeSchema } from "./numbers.ts";

const time = z.iso.datetime();
const cents = centsSchema;

export const tenantSchema = z.object({
  id: idSchema,
  /** Absent: the platform's role, or (embedded only) the operator's own credentials. */
  roleArn: roleArnSchema.nullable(),
  accountId: accountIdSchema.nullable(),
  createdAt: time,
  /** Since when a new external ID stands beside the old one; null: there is one. */
  rotatingSince: time.nullable(),
  /** The Cost and Usage Report that is connected, by its table's name, and since when; null: none is. */
  billing: z.object({ table: reportTableSchema, since: time }).nullable(),
  version: z.number().int(),
});
export type Tenant = z.infer<typeof tenantSchema>;

export const operationKindSchema = z.enum(["provision", "deploy", "purge", "destroy"]);

/** The process that holds an operation. `machine` tells apart hosts and containers; a process is its pid and start time. */
export const holderSchema = z.object({
  machine: z.string().min(1).max(200),
  pid: countingSchema,
  startedAt: z.string().min(1).max(100),
});
export type Holder = z.infer<typeof holderSchema>;

export const operationSchema = z.object({
  id: z.string(),
  kind: operationKindSchema,
  status: z.enum(["running", "succeeded", "failed", "cancelled", "interrupted"]),
  tenantId: idSchema,
  projectKey: projectKeySchema,
  projectId: idSchema,
  /** Grows with each operation and take-over of a project; a write with an older one is refused. */
  fence: z.number().int().min(1),
  holder: holderSchema,
  leaseExpiresAt: time,
  /** When the last credentials given out under this operation stop working. */
  credentialsExpireAt: time.nullable(),
  openedAt: time,
  finishedAt: time.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** Why a machine opened it; null for a person's. */
  reason: z.string().nullable(),
});
export type Operation = z.infer<typeof operationSchema>;

/** One numbered, immutable deployment of an application. `deploying` may be one that died: see the project's operation. */
export const releaseSchema = z.object({
  number: z.number().int().min(1),
  projectId: idSchema,
  operationId: z.string(),
  status: z.enum(["deploying", "live", "retired", "failed", "purged"]),
  /** SHA-256 over everything that is deployed, hex: the same build has the same. */
  build: z.string().regex(/^[0-9a-f]{64}$/),
  /** SHA-256 of the function's zip, base64, as Lambda says it. */
  codeSha256: z.string().max(64),
  /** Lambda's version number, once it is published. */
  version: z.string().max(20).nullable(),
  files: wholeSchema,
  bytes: z.number().int().min(0),
  /** `folder /path`, `template NAME` or `release N`. */
  source: z.string().max(4_096),
  /** The path that a deployment's health is asked at. */
  health: z.string().max(1_024),
  actor: idSchema,
  createdAt: time,
  finishedAt: time.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type Release = z.infer<typeof releaseSchema>;

const infrastructureStatusSchema = z.enum(["absent", "provisioning", "deployed", "destroying", "failed"]);
const applicationStatusSchema = z.enum(["absent", "deploying", "deployed", "purging", "failed"]);

/** Dollars, exact. */
const decimalSchema = z.string().regex(/^-?\d+(\.\d+)?$/);

/** AWS billed more this month than the limit allows. */
export const overCostSchema = z.object({
  /** Whose limit: the project's own, or its user's, whose dearest projects are marked. */
  of: z.enum(["project", "user"]),
  /** The mark counts in this month alone (UTC). */
  month: z.string().regex(/^\d{4}-\d{2}$/),
  since: time,
  /** Of the project, or of all of the user's, in dollars. */
  amount: decimalSchema,
  limitCents: cents,
  /** From then on it is purged and destroyed, while it is still over its limit; null: it stays, or the clean-up waits for its alert. */
  cleanUpAt: time.nullable(),
  /** Of a project that is to be cleaned up: the alert that says so, and how long after it; without `cleanUpAt`, it waits to be told. */
  warning: z.object({ alertId: z.string(), graceSeconds: graceSecondsSchema }).nullable(),
});
export type OverCost = z.infer<typeof overCostSchema>;

export const projectSchema = z.object({
  key: projectKeySchema,
  id: idSchema,
  tenantId: idSchema,
  userId: idSchema,
  blueprint: blueprintSchema,
  region: regionSchema,
  environment: environmentSchema,
  accountId: accountIdSchema.nullable(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  monthlyCents: cents,
  infrastructure: infrastructureStatusSchema,
  application: applicationStatusSchema,
  /** Fixed at the first provision; also the `CreatedAt` tag. */
  createdAt: time,
  lastActivityAt: time,
  /** Idle seconds until clean-up; null: never. */
  ttlSeconds: ttlSecondsSchema.nullable(),
  expiresAt: time.nullable(),
  outputs: z.record(z.string(), z.unknown()),
  /** A failed provision that its owner wants to look at, until it expires. */
  keepFailed: z.boolean(),
  /** The release that answers; null without one. */
  release: releaseSchema.pick({ number: true, build: true, files: true, bytes: true, createdAt: true }).nullable(),
  /** The clean-up's failed tries of late, the next one's time and why; null when all is well. */
  cleanup: z.object({ attempts: z.number().int().min(1), nextAt: time, error: z.string() }).nullable(),
  /** Since the last reading of the bill; null: within its limits, as far as that goes, or another user's, to a member. */
  overCost: overCostSchema.nullable(),
  /** The running operation, or else the last one. */
  operation: operationSchema.nullable(),
  /** Grows with each change; the ETag. */
  version: z.number().int(),
});
export type Project = z.infer<typeof projectSchema>;

export const limitsSchema = z.object({
  projectsPerUser: wholeSchema,
  projectMonthlyCents: cents,
  userMonthlyCents: cents,
});
export type Limits = z.infer<typeof limitsSchema>;

/** What happens to a project whose actual cost passes its limit. */
export const overCostPolicySchema = z.object({
  action: z.enum(["alert", "clean-up"]),
  /** From the alert that names it until the clean-up. */
  graceSeconds: graceSecondsSchema,
  /** Null: nobody has set it, it is the default. */
  setAt: time.nullable(),
});
export type OverCostPolicy = z.infer<typeof overCostPolicySchema>;

/** It is told, and stays. */
export const defaultOverCostPolicy: OverCostPolicy = { action: "alert", graceSeconds: 86_400, setAt: null };

/** Defaults of DESIGN section 2. */
export const defaultLimits: Limits = { projectsPerUser: 10, projectMonthlyCents: 5_000, userMonthlyCents: 10_000 };

/** DESIGN section 2: 60 idle minutes. */
export const defaultTtlSeconds = 3_600;

export const quotaSchema = z.object({
  tenantId: idSchema,
  userId: idSchema,
  limits: limitsSchema,
  used: z.object({ projects: z.number().int().min(0), monthlyCents: cents }),
  overCost: overCostPolicySchema,
  /** More was billed this month than the user may cost; null: not so, as of the last reading. */
  over: overCostSchema.omit({ of: true, cleanUpAt: true, warning: true }).nullable(),
  /** Of the override that `setQuota` changes; 0 without one. */
  version: z.number().int(),
});
export type Quota = z.infer<typeof quotaSchema>;

/** One read of AWS, made to prove that something is absent. */
const absenceReadSchema = z.object({
  kind: z.string(),
  asked: z.string(),
  at: time,
  answer: z.enum(["absent", "present"]),
  found: z.array(z.string()),
});
export const receiptSchema = z.object({
  stateResources: z.number().int().min(0),
  reads: z.array(absenceReadSchema),
  /** Account-wide things that stay because other projects use them. */
  shared: z.array(z.string()),
  verifiedAt: time,
});
export type Receipt = z.infer<typeof receiptSchema>;

/** Problem details (RFC 9457), with the command line's codes. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  kind: z.string(),
  code: z.string(),
  detail: z.string(),
  hint: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
