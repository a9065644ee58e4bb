/** A job's work: the same lifecycle functions as at a terminal, with nobody to ask. */
import type { JobInput } from "../../contract/job-endpoints.ts";
import { isChartctlError } from "../../errors.ts";
import type { CleanUpPorts } from "../lifecycle/cleanup.ts";
import type { DeployPorts, DeployWhat } from "../lifecycle/deploy.ts";
import { deploy } from "../lifecycle/deploy.ts";
import { destroy } from "../lifecycle/destroy.ts";
import { provision } from "../lifecycle/provision.ts";
import { purge } from "../lifecycle/purge.ts";

export type JobPorts = CleanUpPorts & DeployPorts;

/**
 * Done again after a worker's death it goes on from what stands: an operation that ended is answered as such, one that
 * died is taken over. Errors: those of the lifecycle.
 */
export async function runJob(ports: JobPorts, { kind, input }: JobInput, again: boolean): Promise<Record<string, unknown>> {
  const { projectId } = input;
  const idempotencyKey = ports.newIdempotencyKey();
  const confirm = async (): Promise<boolean> => true;
  switch (kind) {
    case "provision": {
      const { blueprint, region, environment, ttlSeconds, maxMonthlyCents, keepFailed } = input;
      const set = Object.entries(input.parameters).map(([name, value]) => `${name}=${value}`);
      const done = await provision(
        { ...ports, confirm },
        { projectId, blueprint, region, environment, set, ttlSeconds, maxMonthlyCents, keepFailed, idempotencyKey },
      );
      return { outcome: done.outcome, monthlyCents: done.estimate.monthlyCents, outputs: done.project.outputs };
    }
    case "deploy": {
      const done = await deploy(ports, { projectId, what: whatOf(input), idempotencyKey });
      return { outcome: done.outcome, release: done.release.number, uploaded: done.uploaded };
    }
    case "purge": {
      await purge({ ...ports, confirm }, { projectId, data: input.data, idempotencyKey });
      return { outcome: "purged" };
    }
    case "destroy":
      try {
        await destroy({ ...ports, confirm }, { projectId, purge: input.purge, idempotencyKey });
      } catch (error) {
        // The worker before had finished, and died before it could say so.
        if (!(again && isChartctlError(error) && error.code === "project.not-found")) throw error;
      }
      return { outcome: "destroyed" };
  }
}

const whatOf = ({ template, rollback, retry }: { template?: string | undefined; rollback?: number | undefined; retry?: boolean | undefined }): DeployWhat => {
  if (retry) return { retry: true };
  return rollback === undefined ? { from: { template: template ?? "" } } : { rollback };
};
