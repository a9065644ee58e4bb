/**
 * From who asks to what the store is told. Tenant, user and rights are bound in this folder, once, and routes get nothing
 * but what it gives them: a route can't forget the tenant, because it never holds the store itself.
 */
import { atLeast } from "../../contract/roles.ts";
import { ChartctlError } from "../../errors.ts";
import type { ControlApi, Hosted } from "../parts.ts";
import type { Principal } from "../principal.ts";
import type { CostReview } from "../store/over-cost.ts";
import type { Actor } from "../store/projects.ts";
import type { UserManager } from "../store/users.ts";

export const actorOf = (api: ControlApi, { tenantId, userId, role, actor, requestId }: Principal): Actor => ({
  tenantId,
  userId,
  actor,
  manages: atLeast(role, "admin"),
  now: api.now(),
  requestId,
});

export const managerOf = (api: ControlApi, principal: Principal): UserManager => ({ ...actorOf(api, principal), role: principal.role });

const alertIdBytes = 12;

export const reviewOf = (api: ControlApi, { actor, requestId }: Principal, tenantId: string): CostReview => ({
  tenantId,
  actor,
  now: api.now(),
  requestId,
  platformLimits: api.platformLimits,
  // One that is set wrong was meant to be told: nobody is cleaned up before it is.
  receives: async () =>
    await api.alertReceiver().then(
      (receiver) => receiver !== undefined,
      () => true,
    ),
  newAlertId: () => `msg_${api.randomHex(alertIdBytes)}`,
});

/** Error `api.embedded` (usage): what only a hosted control API can do. */
export function hostedOf(api: ControlApi): Hosted {
  if (api.hosted) return api.hosted;
  throw new ChartctlError({
    kind: "usage",
    code: "api.embedded",
    message: "The embedded control API can't do this: it has no users, no workers and no credentials of its own",
    hint: "name a hosted one: --api-url URL, or run one: chartctl serve",
  });
}
