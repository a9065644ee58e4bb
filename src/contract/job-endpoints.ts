/** Work that the platform itself does: the old platform's paths, and the jobs that they make. */
import { z } from "zod";
import { blueprintSchema } from "./blueprints.ts";
import { endpoint } from "./endpoint.ts";
import { environmentSchema, idSchema, regionSchema } from "./names.ts";
import { centsSchema, countingSchema, ttlSecondsSchema } from "./numbers.ts";
import { projectSchema } from "./resources.ts";

const time = z.iso.datetime();

const jobKindSchema = z.enum(["provision", "deploy", "purge", "destroy"]);

export const jobSchema = z.object({
  id: z.string(),
  tenantId: idSchema,
  userId: idSchema,
  projectId: idSchema,
  kind: jobKindSchema,
  /** `waiting` follows a worker's death or somebody else's running operation, until `notBefore`. */
  status: z.enum(["queued", "running", "waiting", "succeeded", "failed"]),
  attempts: z.number().int().min(0),
  notBefore: time.nullable(),
  worker: z.string().nullable(),
  /** `kind` decides the exit code of who follows it; jobs of old have none. */
  error: z.object({ kind: z.string().optional(), code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  result: z.record(z.string(), z.unknown()).nullable(),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});
export type Job = z.infer<typeof jobSchema>;

const provisionJobSchema = z.object({
  projectId: idSchema,
  blueprint: blueprintSchema.default("serverless-web"),
  region: regionSchema.default("us-east-1"),
  environment: environmentSchema.default("development"),
  /** What is left out keeps its value, or takes the default. */
  parameters: z.record(z.string().max(60), z.union([z.string().max(200), z.number(), z.boolean()])).default({}),
  ttlSeconds: ttlSecondsSchema.nullable().optional(),
  maxMonthlyCents: centsSchema.optional(),
  keepFailed: z.boolean().default(false),
});
const deployJobSchema = z
  .object({ projectId: idSchema, template: z.string().min(1).max(60).optional(), rollback: countingSchema.optional() })
  .refine(({ template, rollback }) => (template === undefined) !== (rollback === undefined), "give a template or a release to roll back to, and not both");
/** `true` and `false`, as a query says it. */
const flag = z.enum(["true", "false"]).default("false");

/** What a job is asked to do, as it is kept until a worker does it. */
export const jobInputSchemas = {
  provision: provisionJobSchema,
  deploy: z.object({ projectId: idSchema, template: z.string().optional(), rollback: z.number().int().optional(), retry: z.boolean().optional() }),
  purge: z.object({ projectId: idSchema, data: z.boolean() }),
  destroy: z.object({ projectId: idSchema, purge: z.boolean() }),
} as const;
export type JobInput = { [K in keyof typeof jobInputSchemas]: { kind: K; input: z.output<(typeof jobInputSchemas)[K]> } }[keyof typeof jobInputSchemas];

const projectQuery = z.object({ projectId: idSchema });

export const jobEndpoints = {
  startProvision: endpoint({
    method: "POST",
    path: "/deploy",
    status: 202,
    maxBytes: 20_000,
    summary: "Provision a project on the platform's workers",
    body: provisionJobSchema,
    response: jobSchema,
  }),
  createProject: endpoint({
    method: "POST",
    path: "/projects",
    status: 202,
    maxBytes: 20_000,
    summary: "Make a project: the same as POST /deploy",
    body: provisionJobSchema,
    response: jobSchema,
  }),
  startDestroy: endpoint({
    method: "DELETE",
    path: "/deploy",
    status: 202,
    summary: "Destroy a project on the platform's workers; refused while an application is active, unless purge=true",
    query: projectQuery.extend({ purge: flag }),
    response: jobSchema,
  }),
  deployStatus: endpoint({
    method: "GET",
    path: "/deploy/status/:projectId",
    summary: "The project and its newest job",
    params: projectQuery,
    response: z.object({ project: projectSchema.nullable(), job: jobSchema.nullable() }),
  }),
  startDeploy: endpoint({
    method: "POST",
    path: "/deploy/app",
    status: 202,
    summary: "Deploy one of the platform's templates, or an earlier release again, on the platform's workers",
    body: deployJobSchema,
    response: jobSchema,
  }),
  startRetry: endpoint({
    method: "POST",
    path: "/deploy/app/retry",
    status: 202,
    summary: "The last release, which failed, once more",
    body: projectQuery,
    response: jobSchema,
  }),
  startPurge: endpoint({
    method: "DELETE",
    path: "/deploy/app/purge",
    status: 202,
    summary: "Take the application off a project; data=true clears its table, too",
    query: projectQuery.extend({ data: flag }),
    response: jobSchema,
  }),
  listJobs: endpoint({
    method: "GET",
    path: "/jobs",
    summary: "Jobs, newest first",
    query: z.object({ projectId: idSchema.optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }),
    response: z.array(jobSchema),
  }),
  getJob: endpoint({ method: "GET", path: "/jobs/:jobId", summary: "One job", params: z.object({ jobId: z.string().min(1).max(64) }), response: jobSchema }),
  jobEvents: endpoint({
    method: "GET",
    path: "/jobs/:jobId/progress",
    summary: "What a job has told since `after`; as server-sent events at /jobs/:jobId/events",
    params: z.object({ jobId: z.string().min(1).max(64) }),
    query: z.object({ after: z.coerce.number().int().min(0).max(2_147_483_647).default(0) }),
    response: z.object({ job: jobSchema, events: z.array(z.object({ sequence: z.number().int(), at: time, event: z.record(z.string(), z.unknown()) })) }),
  }),
} as const;
