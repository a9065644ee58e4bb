/** The control API as a value: `app.fetch` answers in process, a server puts it on a socket. */
import { Hono } from "hono";
import type { OpenOperation } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import type { Limits } from "../contract/resources.ts";
import { binder, problemOf } from "./bind.ts";
import type { Identify } from "./principal.ts";
import { operationRoutes } from "./routes/operations.ts";
import { projectRoutes } from "./routes/projects.ts";
import { quotaRoutes } from "./routes/quota.ts";
import { tenantRoutes } from "./routes/tenants.ts";
import type { Db } from "./store/database.ts";
import type { Seal } from "./store/seal.ts";

export interface ControlApi {
  db: Db;
  seal: Seal;
  identify: Identify;
  now(): Date;
  /** Lower-case hexadecimal of so many random bytes. */
  randomHex(bytes: number): string;
  version: string;
  platformLimits: Limits;
  /** Whole cents; the API reckons itself, whatever a client says. */
  estimateMonthlyCents(desired: NonNullable<OpenOperation["desired"]>): number;
  /** Told of errors of no known kind; their callers only see that it was a bug. */
  onBug(error: unknown): void;
  /** Translates the database's errors. */
  translate(error: unknown): unknown;
}

export function createControlApi(api: ControlApi): Hono {
  const app = new Hono();
  app.onError((thrown, context) => {
    const error = api.translate(thrown);
    const problem = problemOf(error);
    if (problem.kind === "bug") api.onBug(error);
    return context.json(problem, problem.status as 500, { "content-type": "application/problem+json" });
  });
  app.notFound((context) => context.json({ type: "about:blank", title: "route.not-found", status: 404, kind: "not-found", code: "route.not-found", detail: `There is no ${context.req.method} ${context.req.path}` }, 404, { "content-type": "application/problem+json" }));
  app.get(`/api${endpoints.health.path}`, (context) => context.json({ status: "ok", version: api.version }));
  const bind = binder(app, api.identify);
  for (const routes of [tenantRoutes, projectRoutes, operationRoutes, quotaRoutes]) routes(bind, api);
  return app;
}
