/** Alerts about costs: what was told, what wasn't, and once more. */
import { z } from "zod";
import { alertDeliverySchema, alertSchema, alertsStandingSchema } from "./alerts.ts";
import { endpoint } from "./endpoint.ts";

/** Alerts are the platform's; what they are about, each may see of what is theirs. */
const instead = "what you may see that is over its limit: chartctl projects; what you have used of yours: chartctl quota";

export const alertEndpoints = {
  listAlerts: endpoint({
    method: "GET",
    path: "/admin/alerts",
    allow: "global_owner",
    instead,
    summary: "Alerts about costs over or near a limit: delivered, waiting or given up; newest first",
    query: z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(100) }),
    response: z.object({ standing: alertsStandingSchema, alerts: z.array(alertSchema) }),
  }),
  deliverAlerts: endpoint({
    method: "POST",
    path: "/admin/alerts/deliver",
    allow: "global_owner",
    instead,
    replay: false,
    summary: "Deliver the alerts that are due, now; again=true also those that were given up, to a receiver that had gone, too",
    body: z.object({ again: z.boolean().default(false) }),
    response: alertDeliverySchema,
  }),
} as const;
