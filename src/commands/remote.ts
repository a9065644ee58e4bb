/** `--remote`: the platform's workers do it, and this terminal only watches. */
import type { Command } from "commander";
import { Option } from "commander";
import type { CallApi } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import type { Job } from "../contract/job-endpoints.ts";
import type { Project } from "../contract/resources.ts";
import type { Question } from "../core/ports.ts";
import { ChartctlError } from "../errors.ts";
import { jobStartText } from "../ui/job.ts";
import type { Cli } from "./cli.ts";
import { follow } from "./follow.ts";

export interface RemoteFlags {
  remote?: boolean;
  detach?: boolean;
}

/** `notWith`: options that only make sense on this machine. */
export const addRemoteOptions = (command: Command, ...notWith: string[]): Command =>
  command
    .addOption(new Option("--remote", "the hosted platform's workers do it; this terminal watches").conflicts(notWith))
    .option("--detach", "with --remote: order it, and don't watch");

/** Error `detach.local` (usage). */
export function isRemote({ remote, detach }: RemoteFlags): boolean {
  if (detach && !remote)
    throw new ChartctlError({ kind: "usage", code: "detach.local", message: "--detach is for what the platform's workers do", hint: "add --remote" });
  return remote === true;
}

/** Orders the job, tells its id, and follows it to its end. */
export async function runRemote(cli: Cli, { detach }: RemoteFlags, order: (call: CallApi) => Promise<Job>): Promise<void> {
  const job = await order(await cli.connect.api());
  if (detach) return cli.io.result("Job", job, () => jobStartText(job));
  cli.io.note(`Job ${job.id}: ${job.kind} ${job.projectId}, on the platform's workers`);
  await follow(cli, job);
}

/** The same question as for work on this machine. */
export async function agreed(cli: Cli, projectId: string, question: (project: Project) => Question): Promise<{ yes: boolean; project: Project }> {
  const project = await (await cli.connect.api())(endpoints.getProject, { params: { projectId } });
  const asked = question(project);
  return { yes: cli.yes || (await cli.io.confirm(asked)), project };
}
