/** The control API as a value: `app.fetch` answers in process, a server puts it on a socket. */
import { Hono } from "hono";
import { endpoints } from "../contract/endpoints.ts";
import { binder, problemOf } from "./bind.ts";
import type { ControlApi } from "./parts.ts";
import { operationRoutes } from "./routes/operations.ts";
import { projectRoutes } from "./routes/projects.ts";
import { quotaRoutes } from "./routes/quota.ts";
import { tenantRoutes } from "./routes/tenants.ts";
import { platformStore, tenantStore } from "./scoped.ts";

export function createControlApi(api: ControlApi): Hono {
  const app = new Hono();
  app.onError((thrown, context) => {
    const error = api.translate(thrown);
    const problem = problemOf(error);
    if (problem.kind === "bug") api.onBug(error);
    return context.json(problem, problem.status as 500, { "content-type": "application/problem+json" });
  });
  app.notFound((context) =>
    context.json(
      {
        type: "about:blank",
        title: "route.not-found",
        status: 404,
        kind: "not-found",
        code: "route.not-found",
        detail: `There is no ${context.req.method} ${context.req.path}`,
      },
      404,
      { "content-type": "application/problem+json" },
    ),
  );
  app.get(`/api${endpoints.health.path}`, (context) => context.json({ status: "ok", version: api.version }));
  const tenant = binder(app, api.identify, (principal) => tenantStore(api, principal));
  for (const routes of [projectRoutes, operationRoutes, quotaRoutes]) routes(tenant);
  tenantRoutes(binder(app, api.identify, (principal) => platformStore(api, principal)));
  return app;
}
