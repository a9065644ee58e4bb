/** What the platform costs, at a glance: this month so far as billed, beside what was estimated. Times are ISO 8601 in UTC. */
import { z } from "zod";
import { decimalSchema } from "./billing-endpoints.ts";
import { endpoint } from "./endpoint.ts";
import { idSchema } from "./names.ts";

const day = z.iso.date();
const time = z.iso.datetime();
const currency = z.string().regex(/^[A-Z]{3}$/);
const money = z.object({ currency, amount: decimalSchema });
/** Estimate and bill of the same days: those of this month that are billed as a whole. */
const compared = z.object({ estimatedCents: z.number().int(), billedCents: z.number().int() });

export const costOverviewSchema = z.object({
  at: time,
  /** `2026-11`. */
  month: z.string(),
  /** Month so far; currencies are never added to each other. */
  billed: z.array(money),
  /** Of it, what carries no tag of a project that the books know. */
  unallocated: z.array(money),
  /** Of a whole month, of what stands. */
  monthlyCents: z.number().int(),
  compared,
  tenants: z.array(
    z.object({
      tenantId: idSchema,
      /** It was removed, and what it cost in this month stays in the sums. */
      removed: z.boolean(),
      billed: z.array(money),
      unallocated: z.array(money),
      monthlyCents: z.number().int(),
      compared,
      /** Days of this month that are billed as a whole. */
      wholeDays: z.number().int(),
      source: z.enum(["ce", "cur"]).nullable(),
      /** From this day on AWS may still change it. */
      openFrom: day.nullable(),
      readAt: time.nullable(),
      nextAt: time.nullable(),
      attempts: z.number().int(),
      error: z.string().nullable(),
      /** What to do about it. */
      hint: z.string().nullable(),
    }),
  ),
  /** The dearest first, of this month; without an id, what names no project, or no user, that the books know. */
  projects: z.array(
    z.object({ tenantId: idSchema, projectId: idSchema.nullable(), userId: idSchema.nullable(), ended: z.boolean(), billed: z.array(money), compared }),
  ),
  users: z.array(z.object({ tenantId: idSchema, userId: idSchema.nullable(), billed: z.array(money), compared })),
  services: z.array(z.object({ service: z.string().nullable(), billed: z.array(money) })),
  /** How many there are, of which the dearest are listed above. */
  counts: z.object({ projects: z.number().int(), users: z.number().int(), services: z.number().int() }),
  /** Dollars a day, of all tenants: billed where it is known, and what was estimated of all. */
  days: z.array(z.object({ day, cents: z.number().int(), estimatedCents: z.number().int(), billed: z.enum(["all", "some", "none"]) })),
});
export type CostOverview = z.infer<typeof costOverviewSchema>;

export const costOverviewEndpoints = {
  adminCosts: endpoint({
    method: "GET",
    path: "/admin/costs",
    allow: "global_owner",
    summary: "What the platform costs: what the page /admin/costs shows",
    query: z.object({ days: z.coerce.number().int().min(1).max(366).default(30) }),
    response: costOverviewSchema,
  }),
} as const;
