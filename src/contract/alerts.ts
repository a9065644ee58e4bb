/** Alerts about costs, on their way to a webhook. */
import { z } from "zod";
import { idSchema } from "./names.ts";

const count = z.number().int().min(0);
const time = z.iso.datetime();

export const alertSchema = z.object({
  /** The receiver's `webhook-id`, the same at every try. */
  id: z.string(),
  tenantId: idSchema,
  /** `cost.project.over_limit`, `cost.user.near_limit`. */
  kind: z.string(),
  userId: idSchema,
  projectId: idSchema.nullable(),
  month: z.string(),
  /** Of how many projects it names the clean-up. */
  cleanUps: count,
  /** Of the first of these: at the earliest, until it is told, because the grace time begins then. */
  cleanUpAt: time.nullable(),
  status: z.enum(["waiting", "delivered", "given-up"]),
  attempts: count,
  createdAt: time,
  /** Null once it has ended. */
  nextAt: time.nullable(),
  /** Of the last try that failed. */
  error: z.string().nullable(),
  endedAt: time.nullable(),
});
export type Alert = z.infer<typeof alertSchema>;

export const alertsStandingSchema = z.object({
  /** `none`: ALERT_WEBHOOK_URL isn't set; `gone`: it answered 410, and is sent nothing any more. */
  receiver: z.enum(["none", "set", "gone"]),
  waiting: count,
  /** Of those, the ones that failed at least once. */
  failing: count,
  /** Tried for days; they stay listed until they are delivered: chartctl alerts deliver --again. */
  givenUp: count,
  /** Since when the oldest of all these is to be told. */
  oldestAt: time.nullable(),
  /** Clean-ups whose grace time has not begun, because no alert that names them was delivered or given up. */
  cleanUps: count,
  /** The newest of the failing and given up. */
  lastError: z.string().nullable(),
  /** Why they fail, or were given up, the most frequent first; `tried` false: no receiver was asked. */
  reasons: z.array(z.object({ status: z.enum(["failing", "given-up"]), error: z.string(), tried: z.boolean(), alerts: count })),
  /** Tenants with booked projects whose bill has costs, none of which carries the tag ProjectKey: no limit can act on them. */
  untagged: z.array(idSchema),
});
export type AlertsStanding = z.infer<typeof alertsStandingSchema>;

export const alertDeliverySchema = z.object({ delivered: count, failed: count, givenUp: count, standing: alertsStandingSchema });
export type AlertDelivery = z.infer<typeof alertDeliverySchema>;
