/** `/api/quota`. */
import { endpoints } from "../../contract/endpoints.ts";
import { ChartctlError } from "../../errors.ts";
import type { Bind } from "../bind.ts";
import type { ControlApi } from "../parts.ts";
import { writeAudit } from "../store/audit.ts";
import { limitsOf, setLimits, usedBy } from "../store/quotas.ts";

export function quotaRoutes(bind: Bind, { db, now, platformLimits }: ControlApi): void {
  bind(endpoints.getQuota, async ({ principal, query }) => {
    const { tenantId } = principal;
    const userId = query.user ?? principal.userId;
    return { tenantId, userId, limits: await limitsOf(db, tenantId, userId, platformLimits), used: await usedBy(db, tenantId, userId) };
  });
  bind(endpoints.setQuota, async ({ principal, body }) => {
    if (principal.role === "member") throw new ChartctlError({ kind: "auth", code: "role.admin", message: "Only an admin may change limits" });
    const { tenantId } = principal;
    const owner = body.user ?? "";
    const before = await limitsOf(db, tenantId, owner, platformLimits);
    await setLimits(db, tenantId, body.user, body.limits);
    const limits = await limitsOf(db, tenantId, owner, platformLimits);
    await writeAudit(db, { tenantId, actor: principal.userId, action: "quota.set", subject: owner || tenantId, before, after: limits, at: now() });
    return { limits };
  });
}
