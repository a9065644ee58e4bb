/** A tenant's bill in the books: who may read it now, and what they found. */
import { z } from "zod";
import { endpoint } from "./endpoint.ts";
import { idSchema } from "./names.ts";
import { monthSchema } from "./numbers.ts";
import { holderSchema } from "./resources.ts";

const day = z.iso.date();
/** Exact, with a sign and decimals as AWS gives them. */
export const decimalSchema = z
  .string()
  .max(60)
  .regex(/^-?\d+(\.\d+)?$/);

/** As `CostAmount` (core/costs/actual): one amount of the bill. */
const usedSchema = z.object({ type: z.string().max(1_024), quantity: decimalSchema, service: z.string().max(1_024).nullable() });
export const costAmountSchema = z.object({
  period: z.string().max(13),
  key: z.string().max(1_024).nullable(),
  kind: z.enum(["usage", "tax", "credit", "refund"]),
  currency: z.string().regex(/^[A-Z]{3}$/),
  amount: decimalSchema,
});
const dailyAmount = costAmountSchema.extend({ period: day });
const monthlyUsage = costAmountSchema.extend({ period: monthSchema, key: z.string().max(1_024), kind: z.literal("usage"), used: usedSchema });

const billSchema = z.object({
  from: day,
  until: day,
  source: z.enum(["ce", "cur"]),
  openFrom: day.nullable(),
  byProject: z.array(dailyAmount),
  byService: z.array(dailyAmount),
  /** What was used in months that are over, by project's key; left out when it wasn't asked for. */
  usage: z.object({ from: day, until: day, source: z.enum(["ce", "cur"]), amounts: z.array(monthlyUsage) }).optional(),
  price: z.object({ requests: z.number().int().min(0), dollars: decimalSchema, bytesScanned: z.number().min(0), reused: z.boolean() }),
});

/** A month whose use was read. */
const knownUsageSchema = z.object({ month: monthSchema, open: z.boolean(), readAt: z.iso.datetime() });
const claim = z.string().min(1).max(64);
const tenantParams = z.object({ tenantId: idSchema });
/** Some hundred days of thousands of projects. */
const maxBytes = 64_000_000;

/** For this program alone: a hosted control API takes no bill from outside. */
export const billingEndpoints = {
  beginBillingRead: endpoint({
    method: "POST",
    path: "/tenants/:tenantId/bill",
    allow: "global_owner",
    replay: false,
    summary: "Claim the reading of a tenant's bill; null when it isn't due (the platform's own)",
    params: tenantParams,
    body: z.object({
      onlyDue: z.boolean(),
      holder: holderSchema,
      /** The caller has seen that this one's process, on the same machine, is gone. */
      holderGone: holderSchema.optional(),
    }),
    response: z
      .object({ claim, known: z.object({ first: day, firstOpen: day.nullable(), last: day }).nullable(), usage: z.array(knownUsageSchema) })
      .nullable(),
  }),
  recordBill: endpoint({
    method: "PUT",
    path: "/tenants/:tenantId/bill",
    allow: "global_owner",
    replay: false,
    maxBytes,
    summary: "Record a tenant's bill of some days, in place of what was known of them (the platform's own)",
    params: tenantParams,
    body: z.object({ claim, bill: billSchema, againInHours: z.number().int().min(1).max(8_760) }),
    response: z.object({}),
  }),
  failBillingRead: endpoint({
    method: "POST",
    path: "/tenants/:tenantId/bill/failure",
    allow: "global_owner",
    replay: false,
    summary: "Record why a tenant's bill could not be read (the platform's own)",
    params: tenantParams,
    /** Null: it was stopped; it counts as no try, and anybody may read on. */
    body: z.object({ claim, error: z.string().max(1_000).nullable(), hint: z.string().max(1_000).optional() }),
    response: z.object({}),
  }),
} as const;
