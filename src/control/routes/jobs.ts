/** `/api/deploy` and `/api/jobs`: what the platform's workers do. */
import { endpoints } from "../../contract/endpoints.ts";
import type { Bind } from "../bind.ts";
import type { JobStore } from "../scope/jobs.ts";

export function jobRoutes(bind: Bind<JobStore>): void {
  bind(endpoints.startProvision, ({ store, body }) => store.order({ kind: "provision", input: body }));
  bind(endpoints.createProject, ({ store, body }) => store.order({ kind: "provision", input: body }));
  bind(endpoints.startDestroy, ({ store, query: { projectId, purge } }) => store.order({ kind: "destroy", input: { projectId, purge: purge === "true" } }));
  bind(endpoints.deployStatus, ({ store, params }) => store.status(params.projectId));
  bind(endpoints.startDeploy, ({ store, body }) => store.order({ kind: "deploy", input: body }));
  bind(endpoints.startRetry, ({ store, body }) => store.order({ kind: "deploy", input: { ...body, retry: true } }));
  bind(endpoints.startPurge, ({ store, query: { projectId, data } }) => store.order({ kind: "purge", input: { projectId, data: data === "true" } }));
  bind(endpoints.listJobs, ({ store, query }) => store.jobs(query));
  bind(endpoints.getJob, ({ store, params }) => store.job(params.jobId));
  bind(endpoints.jobEvents, ({ store, params, query }) => store.progress(params.jobId, query.after));
}
