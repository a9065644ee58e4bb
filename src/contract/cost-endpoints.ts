/** What projects cost. Until a bill is connected, the days' figures are estimates, and say so. */
import { z } from "zod";
import { endpoint } from "./endpoint.ts";
import { idSchema } from "./names.ts";
import { projectSchema, quotaSchema } from "./resources.ts";

const day = z.iso.date();
const cents = z.number().int().min(0);

/** Cents of one day, of one project. */
export const dailyCostSchema = z.object({ day, tenantId: idSchema, userId: idSchema, projectId: idSchema, source: z.enum(["estimate", "actual"]), cents });
export type DailyCost = z.infer<typeof dailyCostSchema>;

const days = z.object({ days: z.coerce.number().int().min(1).max(90).default(7) });

export const costEndpoints = {
  getCosts: endpoint({
    method: "GET",
    path: "/costs",
    summary: "Cost per project and day",
    query: days,
    response: z.object({ from: day, to: day, currency: z.literal("USD"), totalCents: cents, rows: z.array(dailyCostSchema) }),
  }),
  costTrends: endpoint({
    method: "GET",
    path: "/costs/trends",
    summary: "Cost per day, and against the same time before",
    query: days,
    response: z.object({
      from: day,
      to: day,
      days: z.array(z.object({ day, cents })),
      totalCents: cents,
      previousCents: cents,
    }),
  }),
  dashboard: endpoint({
    method: "GET",
    path: "/dashboard",
    summary: "Projects, quota and the last week's cost of the caller",
    response: z.object({ projects: z.array(projectSchema), quota: quotaSchema, days: z.array(z.object({ day, cents })) }),
  }),
} as const;
