/**
 * What a member is told of another user's project: what it is, with its estimate, which its parameters and AWS's list prices say
 * anyway. Not what AWS billed for it, nor whether that is over a limit, and no text that may say so: why a machine took it away,
 * why a clean-up or a job failed.
 */
import type { Job } from "../../contract/job-endpoints.ts";
import type { Project } from "../../contract/resources.ts";
import type { OwnedJob } from "../store/jobs.ts";
import type { Actor } from "../store/projects.ts";

type Asker = Pick<Actor, "userId" | "manages">;

const untold = "what its owner and the tenant's admins are told";

export function toldProject({ userId, manages }: Asker, project: Project): Project {
  if (manages || project.userId === userId) return project;
  const { cleanup, operation } = project;
  return {
    ...project,
    overCost: null,
    cleanup: cleanup && { ...cleanup, error: untold },
    operation: operation && { ...operation, reason: operation.reason && `of ${untold}` },
  };
}

export function toldJob({ userId, manages }: Asker, { job, ownerId }: OwnedJob): Job {
  if (manages || ownerId === userId || job.error === null) return job;
  const { kind } = job.error;
  return {
    ...job,
    error: { ...(kind === undefined ? {} : { kind }), code: "job.failed", message: "It failed; why, its owner and the tenant's admins are told" },
  };
}
