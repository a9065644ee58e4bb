/** A job of the platform's workers as a person reads it. */
import type { Job } from "../contract/job-endpoints.ts";

export const jobStartText = ({ id, kind, projectId, tenantId }: Job): string =>
  `Job ${id} is ordered: ${kind} ${projectId}, on the platform's workers.\nFollow it: chartctl status -t ${tenantId} -p ${projectId} --follow`;

export function jobEndText({ id, kind, projectId, result }: Job): string {
  const texts: Record<Job["kind"], string> = {
    provision: result?.outcome === "unchanged" ? `Project ${projectId} is up to date; nothing changed.` : `Project ${projectId} is provisioned.`,
    deploy:
      result?.outcome === "unchanged"
        ? `Release ${result.release} of ${projectId} is up to date.`
        : `Release ${result?.release ?? "?"} of ${projectId} answers.`,
    purge: `The application of ${projectId} is gone. Its infrastructure stands.`,
    destroy: `Project ${projectId} is gone; its booking has ended.`,
  };
  return `${texts[kind]} (job ${id})`;
}
