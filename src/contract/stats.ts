/** The platform at a glance. Money is whole US cents a month, times are ISO 8601 in UTC. */
import { z } from "zod";
import { alertsStandingSchema } from "./alerts.ts";
import { idSchema } from "./names.ts";
import { overCostSchema } from "./resources.ts";

const count = z.number().int().min(0);
const time = z.iso.datetime();

export const statsSchema = z.object({
  at: time,
  tenants: z.array(z.object({ tenantId: idSchema, users: count, projects: count, applications: count, monthlyCents: count, failed: count, expired: count })),
  users: z.array(
    z.object({
      tenantId: idSchema,
      userId: idSchema,
      projects: count,
      projectsLimit: count,
      monthlyCents: count,
      monthlyCentsLimit: count,
    }),
  ),
  projects: z.array(
    z.object({
      tenantId: idSchema,
      projectId: idSchema,
      userId: idSchema,
      infrastructure: z.string(),
      application: z.string(),
      monthlyCents: count,
      expiresAt: time.nullable(),
    }),
  ),
  /** Operations now, and those that failed in the last 24 hours. */
  operations: z.array(
    z.object({
      id: z.string(),
      tenantId: idSchema,
      projectId: idSchema,
      kind: z.string(),
      status: z.string(),
      openedAt: time,
      finishedAt: time.nullable(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
  /** What has expired or failed and waits for its clean-up. */
  cleanups: z.array(
    z.object({ tenantId: idSchema, projectId: idSchema, attempts: count, nextAt: time.nullable(), expiresAt: time.nullable(), error: z.string().nullable() }),
  ),
  /** Users and projects that cost more this month than they may, as AWS billed it; `projectId` null: a user, all together. */
  overLimits: z.array(overCostSchema.extend({ tenantId: idSchema, userId: idSchema, projectId: idSchema.nullable() })),
  /** What was to be told about costs, and wasn't. */
  alerts: alertsStandingSchema,
  jobs: z.object({ queued: count, running: count, waiting: count, failedToday: count }),
  /** `terraform`: what it found when it started, such as `terraform 1.11.4`; null when none runs there. */
  workers: z.array(
    z.object({
      id: z.string(),
      machine: z.string(),
      version: z.string(),
      terraform: z.string().nullable(),
      startedAt: time,
      seenAt: time,
      running: count,
      alive: z.boolean(),
    }),
  ),
  /** When each tenant's bill was read, and why not; none that was never tried. */
  billing: z.array(
    z.object({
      tenantId: idSchema,
      readAt: time.nullable(),
      nextAt: time.nullable(),
      attempts: count,
      error: z.string().nullable(),
      /** What to do about it. */
      hint: z.string().nullable(),
    }),
  ),
  limitedCallers: z.array(z.object({ day: z.iso.date(), caller: z.string(), refused: count, lastAt: time })),
  /** The platform's cost per day, of the last 30: as billed where that is known of a whole day, and as estimated elsewhere. */
  days: z.array(z.object({ day: z.iso.date(), cents: z.number().int(), billed: z.enum(["all", "some", "none"]) })),
});
export type Stats = z.infer<typeof statsSchema>;
