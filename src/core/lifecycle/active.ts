/** The guard of destroy: what is active is purged first, by a person who was told what it would cost. */
import type { Project } from "../../contract/resources.ts";
import { ChartctlError } from "../../errors.ts";

export const applicationActive = ({
  id,
  application,
  release,
}: Pick<Project, "id" | "application"> & { release: { number: number; files: number } | null }): ChartctlError =>
  new ChartctlError({
    kind: "conflict",
    code: "application.active",
    message: `Project ${id} has an active application (${release ? `release ${release.number} with ${release.files} files` : `one that is ${application}`}): purge the application first. Its files would be lost`,
    hint: `chartctl purge -p ${id}; or both at once: chartctl destroy --purge -p ${id}`,
    details: { application, release: release?.number ?? null, files: release?.files ?? null },
  });
