/** `chartctl status`: what stands, what it costs, what to do next. */
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import { projectText } from "../ui/project.ts";
import type { Cli } from "./cli.ts";
import { required } from "./required.ts";

export function register(command: Command, cli: Cli): void {
  command.action(async () => {
    const settings = await cli.settings();
    required(settings, "tenant");
    const projectId = required(settings, "project");
    const call = await cli.connect.api();
    const project = await call(endpoints.getProject, { params: { projectId } });
    const reach = await cli.connect.reach();
    cli.io.result("Project", project, () => projectText(project, cli.clock.now(), cli.io.width, reach));
  });
}
