/** Said wherever a project is asked for that the tenant doesn't have; another tenant's is none, too. */
import { ChartctlError } from "../errors.ts";

export const unknownProject = (projectId: string, hint = "see what there is: chartctl projects"): ChartctlError =>
  new ChartctlError({ kind: "not-found", code: "project.not-found", message: `Project ${projectId} does not exist`, hint, details: { projectId } });
