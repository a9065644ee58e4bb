/** `chartctl status`: what stands, what it costs, what to do next. */
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import type { Project } from "../contract/resources.ts";
import { projectText } from "../ui/project.ts";
import type { Cli } from "./cli.ts";
import { follow } from "./follow.ts";
import { required } from "./required.ts";

export function register(command: Command, cli: Cli): void {
  command.option("--follow", "watch the job that the platform's workers do for it, to its end").action(async ({ follow: toTheEnd }: { follow?: boolean }) => {
    const settings = await cli.settings();
    required(settings, "tenant");
    const projectId = required(settings, "project");
    const call = await cli.connect.api();
    if (!toTheEnd) return await show(cli, await call(endpoints.getProject, { params: { projectId } }));
    const { job, project } = await call(endpoints.deployStatus, { params: { projectId } });
    if (job && (job.finishedAt === null || !project)) return await follow(cli, job);
    cli.io.note("No job of the platform's workers runs or waits.");
    await show(cli, project ?? (await call(endpoints.getProject, { params: { projectId } })));
  });
}

async function show(cli: Cli, project: Project): Promise<void> {
  const reach = await cli.connect.reach();
  cli.io.result("Project", project, () => projectText(project, cli.clock.now(), cli.io.width, reach));
}
