/** `chartctl quota`: limits, and what is used of them. */
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import { formatCents, parseDollars } from "../core/money.ts";
import { ChartctlError } from "../errors.ts";
import { facts } from "../ui/table.ts";
import type { Cli } from "./cli.ts";
import { required, userOf } from "./required.ts";

interface SetFlags {
  projects?: string;
  projectCost?: string;
  userCost?: string;
  wholeTenant?: boolean;
}

export function register(command: Command, cli: Cli): void {
  command.action(async () => show(cli));
  command
    .command("set")
    .description("override limits of the user (--user), or of the whole tenant")
    .option("--projects <count>", "projects a user")
    .option("--project-cost <dollars>", "estimated dollars a month, one project")
    .option("--user-cost <dollars>", "estimated dollars a month, all of a user's projects")
    .option("--whole-tenant", "for every user of the tenant")
    .action(async (flags: SetFlags) => set(cli, flags));
}

async function show(cli: Cli): Promise<void> {
  const { connect, settings: resolve, io } = cli;
  const settings = await resolve();
  required(settings, "tenant");
  const quota = await (await connect.api())(endpoints.getQuota, { query: { user: await userOf(cli) } });
  const { limits, used } = quota;
  io.result("Quota", quota, () =>
    facts(
      [
        ["User", `${quota.userId} (tenant ${quota.tenantId})`],
        ["Projects", `${used.projects} of ${limits.projectsPerUser}`],
        ["Estimate", `${formatCents(used.monthlyCents)} of ${formatCents(limits.userMonthlyCents)} a month`],
        ["One project", `up to ${formatCents(limits.projectMonthlyCents)} a month`],
      ],
      io.width,
    ),
  );
}

async function set(cli: Cli, flags: SetFlags): Promise<void> {
  const { connect, settings: resolve, io } = cli;
  const settings = await resolve();
  required(settings, "tenant");
  const limits = {
    ...(flags.projects === undefined ? {} : { projectsPerUser: count(flags.projects) }),
    ...(flags.projectCost === undefined ? {} : { projectMonthlyCents: parseDollars(flags.projectCost) }),
    ...(flags.userCost === undefined ? {} : { userMonthlyCents: parseDollars(flags.userCost) }),
  };
  if (Object.keys(limits).length === 0)
    throw new ChartctlError({ kind: "usage", code: "quota.nothing", message: "No limit is named", hint: "such as: chartctl quota set --projects 20" });
  const user = flags.wholeTenant ? undefined : await userOf(cli);
  const answer = await (await connect.api())(endpoints.setQuota, { body: { limits, ...(user === undefined ? {} : { user }) } });
  const whose = user === undefined ? `every user of tenant ${settings.tenant}` : `user ${user}`;
  io.result(
    "Limits",
    answer.limits,
    () =>
      `Limits of ${whose}: ${answer.limits.projectsPerUser} projects, ${formatCents(answer.limits.projectMonthlyCents)} a project, ${formatCents(answer.limits.userMonthlyCents)} in all.`,
  );
}

function count(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new ChartctlError({
    kind: "usage",
    code: "quota.invalid",
    message: `${JSON.stringify(text)} is not a number of projects`,
    hint: "such as: --projects 20",
  });
}
