/** What projects cost: as AWS billed it, where the books have a day's bill, and as estimated elsewhere; each row says which. */
import { z } from "zod";
import { costAmountSchema, decimalSchema } from "./billing-endpoints.ts";
import { endpoint } from "./endpoint.ts";
import { idSchema } from "./names.ts";
import { askedDaysShape, monthSchema } from "./numbers.ts";
import { projectSchema, quotaSchema } from "./resources.ts";

const day = z.iso.date();
/** Whole US cents, rounded for show; credits may make them negative. */
const cents = z.number().int();
const currency = z.string().regex(/^[A-Z]{3}$/);
/** Exact; currencies are never added to each other. */
const moneySchema = z.object({ currency, amount: decimalSchema });
export type Money = z.infer<typeof moneySchema>;
const source = z.enum(["estimate", "actual"]);

/** One day of one project; without a project, what the bill names none for. Cents are of US dollars, 0 for another currency. */
export const dailyCostSchema = z.object({
  day,
  tenantId: idSchema,
  userId: idSchema.nullable(),
  projectId: idSchema.nullable(),
  source,
  cents,
  ...moneySchema.shape,
});
export type DailyCost = z.infer<typeof dailyCostSchema>;

const dayTotalSchema = z.object({ day, source, cents, totals: z.array(moneySchema) });
export type DayTotal = z.infer<typeof dayTotalSchema>;

const days = z.object({ days: z.coerce.number().int().min(1).max(90).default(7) });

export const billedGroupings = ["service", "project", "user"] as const;
export type BilledGrouping = (typeof billedGroupings)[number];

const billedCostsSchema = z.object({
  from: day,
  until: day,
  by: z.enum(billedGroupings),
  /** One a day, key, kind and currency; a null key is what the bill names none for. */
  amounts: z.array(costAmountSchema),
  /** Of the last day; null: this tenant's bill was never read. */
  source: z.enum(["ce", "cur"]).nullable(),
  readAt: z.iso.datetime().nullable(),
  /** The first day of these that AWS may still change. */
  openFrom: day.nullable(),
  /** True: the caller's own projects alone. */
  own: z.boolean(),
  /** What the books have of this tenant's bill, at all. */
  known: z.object({ first: day, last: day }).nullable(),
  /** Days between these two whose bill was never read: what they cost, nobody knows. */
  unread: z.array(day),
});
export type BilledCosts = z.infer<typeof billedCostsSchema>;

const billedUsageSchema = z.object({
  project: idSchema,
  month: monthSchema,
  /**
   * By usage type, with how much was used; the key is the service, where that tells usage types apart. Then, without one, what the
   * books have beside these for this project and month: together they are its bill. Empty until the month was read so.
   */
  amounts: z.array(costAmountSchema.extend({ used: z.object({ type: z.string(), quantity: decimalSchema }).optional() })),
  source: z.enum(["ce", "cur"]).nullable(),
  readAt: z.iso.datetime().nullable(),
  /** Of what was not read so: when it is. Null: never, it is too old, or the books don't have the whole month. */
  dueAt: z.iso.datetime().nullable(),
  /** AWS could still change it when it was read. */
  open: z.boolean(),
});
export type BilledUsageView = z.infer<typeof billedUsageSchema>;

export const costEndpoints = {
  getCosts: endpoint({
    method: "GET",
    path: "/costs",
    summary: "Cost per project and day: billed where known, estimated elsewhere",
    query: days,
    response: z.object({ from: day, to: day, currency: z.literal("USD"), totalCents: cents, totals: z.array(moneySchema), rows: z.array(dailyCostSchema) }),
  }),
  costTrends: endpoint({
    method: "GET",
    path: "/costs/trends",
    summary: "Cost per day, and against the same time before",
    query: days,
    response: z.object({
      from: day,
      to: day,
      days: z.array(dayTotalSchema),
      totalCents: cents,
      previousCents: cents,
      totals: z.array(moneySchema),
      previousTotals: z.array(moneySchema),
    }),
  }),
  billedCosts: endpoint({
    method: "GET",
    path: "/costs/billed",
    summary: "What AWS billed per day, from the books: unblended, exact; a member's own projects alone",
    /** `user`: whose projects alone, for an admin. */
    query: z.object({ ...askedDaysShape, by: z.enum(billedGroupings).default("project"), project: idSchema.optional(), user: idSchema.optional() }),
    response: billedCostsSchema,
  }),
  billedUsage: endpoint({
    method: "GET",
    path: "/costs/usage",
    summary: "What AWS billed a project in a month by usage type, from the books; a member's own project",
    query: z.object({ project: idSchema, month: monthSchema }),
    response: billedUsageSchema,
  }),
  dashboard: endpoint({
    method: "GET",
    path: "/dashboard",
    summary: "Projects, quota and the last week's cost of the caller",
    response: z.object({ projects: z.array(projectSchema), quota: quotaSchema, days: z.array(dayTotalSchema) }),
  }),
} as const;
