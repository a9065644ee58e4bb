/** `chartctl projects`: list, show, renew. */
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import type { Project } from "../contract/resources.ts";
import { parseDuration } from "../core/duration.ts";
import { formatCents } from "../core/money.ts";
import { expiryText, overCostLines, projectText, statusText } from "../ui/project.ts";
import { table } from "../ui/table.ts";
import type { Cli } from "./cli.ts";
import { required, userOf } from "./required.ts";

export function register(command: Command, cli: Cli): void {
  command.option("--mine", "only the user's own").action(async (flags: { mine?: boolean }) => list(cli, flags));
  command
    .command("show")
    .description("one project, whole")
    .action(async () => show(cli));
  command
    .command("renew")
    .description("move the expiry forward")
    .option("--ttl <duration>", "idle time until clean-up: 90m, 2h, 7d, none (default: as it is)")
    .action(async (flags: { ttl?: string }) => renew(cli, flags));
}

async function list(cli: Cli, flags: { mine?: boolean }): Promise<void> {
  const { connect, settings: resolve, io, clock } = cli;
  const settings = await resolve();
  required(settings, "tenant");
  const call = await connect.api();
  const projects = await call(endpoints.listProjects, { query: flags.mine ? { user: await userOf(cli) } : {} });
  io.result("ProjectList", projects, () =>
    projects.length === 0
      ? "No projects yet. Make one: chartctl provision -p NAME"
      : table<Project>(
          projects,
          [
            { title: "Project", value: ({ id }) => id },
            { title: "User", value: ({ userId }) => userId },
            { title: "Infrastructure", value: ({ infrastructure }) => statusText(infrastructure) },
            { title: "Application", value: ({ application }) => statusText(application) },
            { title: "Estimate", value: ({ monthlyCents }) => formatCents(monthlyCents), right: true },
            { title: "Expires", value: (project) => expiryText(project, clock.now()) },
          ],
          io.width,
        ) + overCostLines(projects, clock.now()),
  );
}

async function show({ connect, settings: resolve, io, clock }: Cli): Promise<void> {
  const settings = await resolve();
  required(settings, "tenant");
  const call = await connect.api();
  const project = await call(endpoints.getProject, { params: { projectId: required(settings, "project") } });
  const reach = await connect.reach();
  const parameters = Object.entries(project.parameters).map(([name, value]) => `  ${name}=${value}`);
  const outputs = Object.entries(project.outputs).map(([name, value]) => `  ${name}=${String(value)}`);
  io.result("Project", project, () =>
    [projectText(project, clock.now(), io.width, reach), ["Parameters", ...parameters].join("\n"), ["Outputs", ...outputs].join("\n")].join("\n\n"),
  );
}

async function renew({ connect, settings: resolve, io, clock }: Cli, flags: { ttl?: string }): Promise<void> {
  const settings = await resolve();
  required(settings, "tenant");
  const call = await connect.api();
  const projectId = required(settings, "project");
  const project = await call(endpoints.renewProject, { params: { projectId }, body: flags.ttl === undefined ? {} : { ttlSeconds: parseDuration(flags.ttl) } });
  io.result("Project", project, () => `Project ${project.id} expires ${expiryText(project, clock.now())}.`);
}
