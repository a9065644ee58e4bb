/** `chartctl terraform -p P -- state list`: the real Terraform on a project's files, state and credentials. */
import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { terraformOn } from "../core/lifecycle/power.ts";
import { ChartctlError } from "../errors.ts";
import type { Cli } from "./cli.ts";
import { required } from "./required.ts";

export function register(command: Command, cli: Cli): void {
  command
    .argument("[args...]", "Terraform's own arguments, after --")
    .addHelpText(
      "after",
      "\nCommands that write take the project's lease. Terraform can't ask here: give -auto-approve.\n\nExample:\n  $ chartctl terraform -p sales -- state list",
    )
    .action(async (args: string[]) => run(cli, args));
}

async function run(cli: Cli, args: string[]): Promise<void> {
  const settings = await cli.settings();
  required(settings, "tenant");
  const projectId = required(settings, "project");
  if (args.length === 0)
    throw new ChartctlError({
      kind: "usage",
      code: "terraform.nothing",
      message: "No Terraform command is given",
      hint: `such as: chartctl terraform -p ${projectId} -- state list`,
    });
  const [books, credentials, { openStack, synthesize }] = await Promise.all([cli.connect.books(), cli.connect.credentials(), cli.connect.infrastructure()]);
  const { io, clock, processes, interrupt } = cli;
  const exitCode = await terraformOn(
    { books, credentials, openStack, synthesize, clock, processes, interrupt, progress: io.progress },
    { projectId, args, idempotencyKey: randomUUID() },
  );
  cli.exitCode(exitCode === 0 ? 0 : 7);
}
