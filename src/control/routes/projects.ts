/** `/api/projects`. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { ControlApi } from "../parts.ts";
import { writeAudit } from "../store/audit.ts";
import { loadState } from "../store/operations.ts";
import { getProject, listProjects, renewProject } from "../store/projects.ts";

export function projectRoutes(bind: Bind, { db, seal, now }: ControlApi): void {
  bind(endpoints.listProjects, ({ principal, query }) => listProjects(db, principal.tenantId, query.user));
  bind(endpoints.getProject, ({ principal, params }) => getProject(db, principal.tenantId, params.projectId));
  bind(endpoints.renewProject, async ({ principal, params, body }) => {
    const before = await getProject(db, principal.tenantId, params.projectId);
    const after = await renewProject(db, principal.tenantId, params.projectId, body.ttlSeconds, now());
    await writeAudit(db, {
      tenantId: principal.tenantId,
      actor: principal.userId,
      action: "project.renewed",
      subject: after.id,
      before: { expiresAt: before.expiresAt },
      after: { expiresAt: after.expiresAt },
      at: now(),
    });
    return after;
  });
  bind(endpoints.getState, async ({ principal, params }) => {
    const project = await getProject(db, principal.tenantId, params.projectId);
    return await loadState(db, seal, project.key);
  });
}
