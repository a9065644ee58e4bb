/** `/api/projects`. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { TenantStore } from "../scope/lifecycle.ts";

export function projectRoutes(bind: Bind<TenantStore>): void {
  bind(endpoints.listProjects, ({ store, query }) => store.projects(query.user));
  bind(endpoints.getProject, ({ store, params }) => store.project(params.projectId));
  bind(endpoints.renewProject, ({ store, params, body, expected }) => store.renewProject(params.projectId, body.ttlSeconds, expected));
  bind(endpoints.listReleases, ({ store, params }) => store.releases(params.projectId));
  bind(endpoints.recordCleanup, ({ store, params, body }) => store.recordCleanup(params.projectId, body.error));
  bind(endpoints.projectCredentials, ({ store, params, body }) => store.projectCredentials(params.projectId, body.purpose, body.region));
  bind(endpoints.getState, ({ store, params }) => store.state(params.projectId));
}
