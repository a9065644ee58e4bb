/** `chartctl setup vercel`: tells a front end on Vercel where the platform is. */
import type { Command } from "commander";
import { runSteps } from "../../core/setup/steps.ts";
import { typedCommand } from "../../core/typed-command.ts";
import { setupText } from "../../ui/setup.ts";
import type { Cli } from "../cli.ts";
import { hostedUrl } from "../required.ts";

interface Flags {
  vercelProject: string;
  vercelTeam?: string;
  dryRun?: boolean;
}

export function register(topic: Command, cli: Cli): void {
  topic
    .command("vercel")
    .description("the front end's variables, on a Vercel project")
    .requiredOption("--vercel-project <name>", "the project's name or id")
    .option("--vercel-team <team>", "the team that owns it: its slug or id")
    .option("--dry-run", "every call that would be made, and none of them")
    .addHelpText(
      "after",
      "\nThe token is VERCEL_TOKEN. The platform is that of the context, or of --api-url.\nVercel uses changed variables from its next deployment on.",
    )
    .action(async (flags: Flags) => run(cli, flags));
}

async function run(cli: Cli, { vercelProject: project, vercelTeam: team, dryRun = false }: Flags): Promise<void> {
  const settings = await cli.given();
  const steps = await cli.connect.vercel({ project, team, apiUrl: hostedUrl(settings).replace(/\/+$/, ""), awsRegion: settings.region });
  const named = settings.origins.apiUrl === "flag" ? settings.apiUrl : undefined;
  const report = await runSteps(steps, {
    dryRun,
    progress: cli.io.progress,
    interrupt: cli.interrupt,
    goOn: typedCommand(["chartctl", "setup", "vercel"], { vercelProject: project, vercelTeam: team, apiUrl: named }),
  });
  cli.io.result("FrontEndSetup", { project, ...report }, () =>
    [
      setupText(report, cli.io.width),
      ...(dryRun
        ? []
        : [
            "",
            "They count from the project's next deployment on. The platform lets its pages in when",
            "CORS_ORIGIN names their origin, such as on Heroku:",
            "  chartctl setup heroku config CORS_ORIGIN=https://app.example.org",
          ]),
    ].join("\n"),
  );
}
