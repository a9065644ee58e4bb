/** Watching a job of the platform's workers, as if it ran here. */
import { endpoints } from "../contract/endpoints.ts";
import type { Job } from "../contract/job-endpoints.ts";
import type { ProgressEvent } from "../core/ports.ts";
import type { ErrorKind } from "../errors.ts";
import { ChartctlError, isChartctlError, outcomes } from "../errors.ts";
import { jobEndText } from "../ui/job.ts";
import { projectText } from "../ui/project.ts";
import type { Cli } from "./cli.ts";

/** With `--json`, one document a line: each event, then the job. Error: the job's own; `job.unreachable`; `interrupted`. */
export async function follow(cli: Cli, job: Job): Promise<void> {
  const { io } = cli;
  const ended = await watched(cli, job);
  if (!ended) {
    throw new ChartctlError({
      kind: "interrupted",
      code: "interrupted",
      message: `The job ${job.id} goes on without being watched`,
      hint: `look again: chartctl status -p ${job.projectId} --follow`,
    });
  }
  if (io.json) {
    io.line(document("Job", ended));
    if (ended.error) cli.exitCode(outcomes[kindOf(ended)].exitCode);
    return;
  }
  if (ended.error) {
    const { code, message, hint } = ended.error;
    throw new ChartctlError({ kind: kindOf(ended), code, message, ...(hint ? { hint } : {}), details: { jobId: job.id } });
  }
  const project = await standing(cli, ended);
  io.result("Job", ended, () => [jobEndText(ended), ...project].join("\n\n"));
}

async function watched(cli: Cli, { id }: Job): Promise<Job | undefined> {
  const { io } = cli;
  for await (const message of cli.connect.jobEvents(id)) {
    if (message.type === "end") return message.job;
    if (io.json) io.line(document("JobEvent", { at: message.at, ...message.event }));
    else if (isProgress(message.event)) io.progress(message.event, new Date(message.at));
  }
  return undefined;
}

const document = (kind: string, data: unknown): string => JSON.stringify({ apiVersion: "chartctl/v1", kind, data });

const known = new Set<unknown>(["step", "resource", "plan", "count", "note"] satisfies ProgressEvent["type"][]);
/** A newer platform may tell what this version can't show. */
const isProgress = (event: Record<string, unknown>): event is Record<string, unknown> & ProgressEvent => known.has(event.type);

const kindOf = ({ error }: Job): ErrorKind => (error?.kind !== undefined && Object.hasOwn(outcomes, error.kind) ? (error.kind as ErrorKind) : "failed");

async function standing({ connect, clock, io }: Cli, { kind, projectId }: Job): Promise<string[]> {
  if (kind === "destroy") return [];
  try {
    const project = await (await connect.api())(endpoints.getProject, { params: { projectId } });
    return [projectText(project, clock.now(), io.width, await connect.reach())];
  } catch (error) {
    if (isChartctlError(error, "not-found")) return []; // taken away meanwhile
    throw error;
  }
}
