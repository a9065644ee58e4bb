/** The command tree: one line a command, each module loaded only when its command is chosen. */
import { Command } from "commander";
import type { Cli } from "./commands/cli.ts";
import type { Part } from "./commands/parts.ts";
import { addParts } from "./commands/parts.ts";

const commands: Part[] = [
  { name: "provision", description: "make or update a project's infrastructure", load: () => import("./commands/provision.ts") },
  { name: "up", description: "provision, and deploy the application in this folder", load: () => import("./commands/provision.ts") },
  { name: "status", description: "what stands, what it costs, what to do next", load: () => import("./commands/status.ts") },
  { name: "init", description: "write an application to start from", load: () => import("./commands/init.ts") },
  { name: "preview", description: "the application on this machine, before it is deployed", load: () => import("./commands/preview.ts") },
  { name: "deploy-app", description: "put an application on a project, as a new release", load: () => import("./commands/deploy.ts") },
  { name: "releases", description: "what was deployed, newest first", load: () => import("./commands/releases.ts") },
  { name: "open", description: "the application's URL", load: () => import("./commands/open.ts") },
  { name: "logs", description: "what the application's function wrote", load: () => import("./commands/logs.ts") },
  { name: "purge", description: "take the application off a project", load: () => import("./commands/purge.ts") },
  { name: "destroy", description: "take a project's infrastructure away, and prove it", load: () => import("./commands/destroy.ts") },
  { name: "cleanup", description: "take away what expired, failed or died", load: () => import("./commands/cleanup.ts") },
  { name: "stats", description: "all tenants at a glance, failing clean-ups too", load: () => import("./commands/stats.ts") },
  { name: "projects", description: "projects of a tenant; show or renew one", load: () => import("./commands/projects.ts") },
  { name: "quota", description: "limits and what is used of them; set them", load: () => import("./commands/quota.ts") },
  { name: "costs", description: "what AWS billed: by service, project, user, tag", load: () => import("./commands/costs.ts") },
  { name: "alerts", description: "what was told about costs over a limit, what wasn't", load: () => import("./commands/alerts.ts") },
  { name: "tenants", description: "tenants and their AWS roles: connect, verify one", load: () => import("./commands/tenants.ts") },
  { name: "credentials", description: "tenant-scoped AWS credentials, for credential_process", load: () => import("./commands/credentials.ts") },
  { name: "terraform", description: "the real Terraform on a project's files and state", load: () => import("./commands/terraform.ts") },
  { name: "setup", description: "bring the platform up: AWS, a host, the front end", load: () => import("./commands/setup.ts") },
  { name: "serve", description: "the control API, hosted: for a team or a platform", load: () => import("./commands/serve.ts") },
  { name: "worker", description: "does the hosted control API's jobs, and cleans up", load: () => import("./commands/worker.ts") },
  { name: "login", description: "sign in to a hosted control API", load: () => import("./commands/login.ts") },
  { name: "logout", description: "revoke this machine's token, and forget it", load: () => import("./commands/logout.ts") },
  { name: "whoami", description: "who you are to the control API, and by which token", load: () => import("./commands/whoami.ts") },
  { name: "users", description: "users of a tenant; add, invite, change", load: () => import("./commands/users.ts") },
  { name: "tokens", description: "API tokens, and pipelines that need none", load: () => import("./commands/tokens.ts") },
  { name: "audit", description: "who changed what, when; the whole log as JSON lines", load: () => import("./commands/audit.ts") },
  { name: "sandbox", description: "the built-in AWS emulator: start, stop, status, reset", load: () => import("./commands/sandbox.ts") },
  { name: "config", description: "settings and contexts", load: () => import("./commands/config.ts") },
  { name: "verify", description: "check a running platform from outside", load: () => import("./commands/verify.ts") },
  { name: "doctor", description: "check this machine, and say how to mend it", load: () => import("./commands/doctor.ts") },
  { name: "completion", description: "shell completion for bash, zsh and fish", load: () => import("./commands/completion.ts") },
];

/** For completions: every command's name and summary. */
export const commandSummaries = (): { name: string; summary: string }[] => commands.map(({ name, description }) => ({ name, summary: description }));

const examples = `
Examples:
  $ chartctl --sandbox -p hello provision      try it without an AWS account
  $ chartctl tenants connect acme              connect a tenant's AWS account
  $ chartctl -t acme -p sales provision --plan what it would make and cost
  $ chartctl init --template live-series       an application to start from
  $ chartctl -t acme -p sales up               infrastructure and application
  $ chartctl -t acme -p sales destroy --purge  and both away again

Exit codes: 0 done, 1 failed, 2 plan has changes, 3 refused, 4 not allowed,
            5 conflict, 6 not found, 7 AWS or Terraform failed, 64 wrong usage,
            70 our bug, 130 interrupted`;

/** `write` takes what commander prints: help to stdout. */
export function buildProgram(cli: (program: Command) => Promise<Cli>, write: { out(text: string): void; err(text: string): void }, width: number): Command {
  const program: Command = new Command("chartctl")
    .description("Small applications on AWS for many tenants: provisioned, priced, and gone without a trace.")
    .usage("[options] <command>")
    .configureOutput({ writeOut: write.out, writeErr: write.err, outputError: () => {}, getOutHelpWidth: () => width, getErrHelpWidth: () => width })
    // A topic's own options are no business of its subcommands.
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: (chosen) => (chosen.parent ? [...program.options] : []) })
    .exitOverride()
    .helpCommand("help [command]", "help for a command")
    .addHelpText("after", examples);
  addGlobalOptions(program);
  addParts(program, commands, async () => await cli(program));
  return program;
}

function addGlobalOptions(program: Command): void {
  program
    .option("-t, --tenant <id>", "the tenant (CHARTCTL_TENANT)")
    .option("-p, --project <id>", "the project (CHARTCTL_PROJECT)")
    .option("--user <id>", "act for this user (CHARTCTL_USER)")
    .option("--context <name>", "saved settings to use (CHARTCTL_CONTEXT)")
    .option("--sandbox", "short for --context sandbox: a local AWS emulator")
    .option("--api-url <url>", "control API; without one, the embedded one (CHARTCTL_API_URL)")
    .option("--region <region>", "AWS region (AWS_REGION)")
    .option("--aws-profile <name>", "AWS profile of the operator (AWS_PROFILE)")
    .option("--json", "one JSON document on stdout")
    .option("-y, --yes", "skip confirmations")
    .option("--no-input", "never ask")
    .option("-q, --quiet", "no progress")
    .option("--verbose", "say more: each read of a proof, for one (CHARTCTL_LOG=verbose)")
    .option("--debug", "say everything, stack traces included (CHARTCTL_LOG=debug)")
    .option("--no-color", "no colour (NO_COLOR)")
    .version("", "-V, --version", "print the version");
}
