/** Work for the platform's workers, as one principal may order it and look at it. */
import type { Job, JobInput } from "../../contract/job-endpoints.ts";
import type { Project } from "../../contract/resources.ts";
import { applicationActive } from "../../core/lifecycle/active.ts";
import { parseParameters } from "../../core/parameters.ts";
import { whatFits } from "../../core/quota/what-fits.ts";
import { unknownProject } from "../../core/unknown-project.ts";
import type { ControlApi } from "../parts.ts";
import type { Principal } from "../principal.ts";
import { overCostOf } from "../store/accounts.ts";
import { bookProvision } from "../store/book-provision.ts";
import type { Db, Tx } from "../store/database.ts";
import type { JobEvent } from "../store/jobs.ts";
import { addJob, getJob, jobEvents, listJobs } from "../store/jobs.ts";
import { getProject, lockProject, refuseForeign } from "../store/projects.ts";
import { limitsFrom, overridesQuery, usedFrom, usedQuery } from "../store/quotas.ts";
import { liveRelease } from "../store/releases.ts";
import type { ProjectRow } from "../store/rows.ts";
import { toProject } from "../store/rows.ts";
import { getTenant } from "../store/tenants.ts";
import { together, transact } from "../store/transact.ts";
import { actorOf, hostedOf } from "./actor.ts";
import { toldJob, toldProject } from "./told.ts";

export interface JobStore {
  /** Refused at once when it can't succeed: the guard, the limits, somebody else's project, another open job. */
  order(work: JobInput): Promise<Job>;
  jobs(filter: { projectId?: string | undefined; limit: number }): Promise<Job[]>;
  job(id: string): Promise<Job>;
  progress(id: string, after: number): Promise<{ job: Job; events: JobEvent[] }>;
  status(projectId: string): Promise<{ project: Project | null; job: Job | null }>;
}

export function jobStore(api: ControlApi, principal: Principal, db: Db | Tx): JobStore {
  const { tenantId } = principal;
  const actor = () => actorOf(api, principal);
  const job = async (id: string): Promise<Job> => toldJob(actor(), await getJob(db, tenantId, id));
  const jobs: JobStore["jobs"] = async (filter) => (await listJobs(db, tenantId, filter)).map((one) => toldJob(actor(), one));
  const project = async (id: string): Promise<Project | null> => {
    try {
      return toldProject(actor(), await getProject(db, tenantId, id));
    } catch (error) {
      if ((error as { code?: string }).code === "project.not-found") return null;
      throw error;
    }
  };
  return {
    order: async (work) => {
      const { enqueue } = hostedOf(api);
      return await transact(db, async (tx) => {
        await getTenant(tx, tenantId);
        const row = await lockProject(tx, tenantId, work.input.projectId);
        if (row) refuseForeign(actor(), row);
        await refuseHopeless(api, principal, tx, work, row);
        const added = await addJob(tx, actor(), `job-${api.randomHex(jobIdBytes)}`, work, {
          homeTenant: principal.home.tenantId,
          homeUser: principal.home.userId,
          role: principal.role,
          projectKey: row?.key ?? null,
        });
        await enqueue(tx, added.id);
        return added;
      });
    },
    jobs,
    job,
    progress: async (id, after) => ({ job: await job(id), events: await jobEvents(db, id, after) }),
    status: async (projectId) => {
      const [newest = null] = await jobs({ projectId, limit: 1 });
      const found = await project(projectId);
      if (!found && !newest) throw unknownProject(projectId);
      return { project: found, job: newest };
    },
  };
}

const jobIdBytes = 12;

/** What the worker's own operation would be refused for, said before anybody waits for it; that operation still decides. */
async function refuseHopeless(api: ControlApi, principal: Principal, tx: Tx, { kind, input }: JobInput, row: ProjectRow | undefined): Promise<void> {
  if (kind === "provision") {
    const { projectId: _, ...asked } = input;
    const parameters = parseParameters(asked.blueprint, settingsOf(asked.parameters), row && JSON.parse(row.parameters));
    const desired = { ...asked, parameters };
    const context = {
      ...actorOf(api, principal),
      newOperationId: () => "none",
      newProjectKey: () => "none",
      defaultTtlSeconds: api.defaultTtlSeconds,
    };
    const owner = row?.user_id ?? principal.userId;
    const { tenantId } = principal;
    const [overrides, [used]] = await together(tx, overridesQuery(tx, tenantId, owner), usedQuery(tx, tenantId, owner, input.projectId));
    const over = await overCostOf(tx, tenantId, owner);
    const quota = { limits: limitsFrom(overrides, owner, api.platformLimits), others: usedFrom(used), over };
    const fitting = (limit: number) =>
      whatFits(desired.blueprint, parameters, (smaller) => api.estimateMonthlyCents({ ...desired, parameters: smaller }), limit);
    await bookProvision(tx, context, input.projectId, { ...desired, parameters: "{}", monthlyCents: api.estimateMonthlyCents(desired), fitting }, row, quota);
    return;
  }
  if (!row) throw unknownProject(input.projectId);
  if (kind === "destroy" && !input.purge && row.application !== "absent") throw applicationActive(toProject(row, undefined, await liveRelease(tx, row.key)));
}

/** As `--set` says them. */
const settingsOf = (parameters: Record<string, string | number | boolean>): string[] => Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
