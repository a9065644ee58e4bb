/** The control API as a value: `app.fetch` answers in process, a server puts it on a socket. */
import { Hono } from "hono";
import { endpoints } from "../contract/endpoints.ts";
import { isChartctlError } from "../errors.ts";
import { binder, openBinder, requestIdOf } from "./bind.ts";
import { openApiDocument } from "./openapi.ts";
import type { ControlApi } from "./parts.ts";
import { problemOf } from "./problems.ts";
import { accessRoutes } from "./routes/access.ts";
import { billingRoutes } from "./routes/billing.ts";
import { costRoutes } from "./routes/costs.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { operationRoutes } from "./routes/operations.ts";
import { projectRoutes } from "./routes/projects.ts";
import { quotaRoutes } from "./routes/quota.ts";
import { reportRoutes } from "./routes/reports.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { tenantRoutes } from "./routes/tenants.ts";
import { accessStore } from "./scope/access.ts";
import { billingStore } from "./scope/billing.ts";
import { costStore } from "./scope/costs.ts";
import { jobStore } from "./scope/jobs.ts";
import { tenantStore } from "./scope/lifecycle.ts";
import { platformStore } from "./scope/platform.ts";
import { reportStore } from "./scope/reports.ts";
import { signInStore } from "./sign-in.ts";

const problemType = { "content-type": "application/problem+json" };

/** `before` adds what a host puts around it: middleware, pages. */
export function createControlApi(api: ControlApi, before: (app: Hono) => void = () => {}): Hono {
  const app = new Hono();
  app.onError((thrown, context) => {
    const error = api.translate(thrown);
    const problem = problemOf(error);
    if (problem.kind === "bug") api.onBug(error);
    const wait = isChartctlError(error) ? error.details?.retryAfterSeconds : undefined;
    const retry: Record<string, string> = problem.status === 429 || problem.status === 503 ? { "retry-after": String(wait ?? 1) } : {};
    const challenge: Record<string, string> = problem.status === 401 ? { "www-authenticate": 'Bearer realm="chartctl"' } : {};
    return context.json(problem, problem.status as 500, { ...problemType, ...retry, ...challenge });
  });
  app.notFound((context) => {
    const detail = `There is no ${context.req.method} ${context.req.path}`;
    return context.json({ type: "about:blank", title: "route.not-found", status: 404, kind: "not-found", code: "route.not-found", detail }, 404, problemType);
  });

  before(app);
  app.get("/api/openapi.json", (context) => context.json(openApiDocument(api.version)));
  app.get(`/api${endpoints.health.path}`, (context) => context.json({ status: "ok", version: api.version }));
  app.get(`/api${endpoints.ready.path}`, async (context) => {
    const ready = (await api.hosted?.ready()) ?? { status: "ready", checks: [] };
    return context.json(ready, ready.status === "ready" ? 200 : 503);
  });
  signInRoutes(
    openBinder(app, (context) => signInStore(api, { requestId: requestIdOf(context), address: api.hosted?.addressOf(context.req.raw) ?? "embedded" })),
  );

  const lifecycle = binder(app, api, (principal, db) => tenantStore(api, principal, db));
  for (const routes of [projectRoutes, operationRoutes, quotaRoutes]) routes(lifecycle);
  accessRoutes(binder(app, api, (principal, db) => accessStore(api, principal, db)));
  jobRoutes(binder(app, api, (principal, db) => jobStore(api, principal, db)));
  costRoutes(binder(app, api, (principal, db) => ({ ...tenantStore(api, principal, db), ...costStore(api, principal, db) })));
  billingRoutes(binder(app, api, (principal, db) => billingStore(api, principal, db)));
  reportRoutes(binder(app, api, (principal, db) => reportStore(api, principal, db)));
  tenantRoutes(binder(app, api, (principal, db) => platformStore(api, principal, db)));
  return app;
}
