/** `chartctl credentials`: what AWS's `credential_process` expects, scoped to one tenant and project, for reading. */
import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { Option } from "commander";
import { credentialDocument } from "../contract/credential-process.ts";
import { endpoints } from "../contract/endpoints.ts";
import { credentialRequest } from "../core/lifecycle/identity.ts";
import { ChartctlError } from "../errors.ts";
import type { Cli } from "./cli.ts";
import { required } from "./required.ts";

export function register(command: Command, cli: Cli): void {
  command
    .addOption(new Option("--broker <socket>", "ask the chartctl that runs an operation").hideHelp())
    .action(async (flags: { broker?: string }) => (flags.broker === undefined ? ask(cli) : relay(cli, flags.broker)));
}

async function ask(cli: Cli): Promise<void> {
  const settings = await cli.settings();
  required(settings, "tenant");
  const call = await cli.connect.api();
  const project = await call(endpoints.getProject, { params: { projectId: required(settings, "project") } });
  const credentials = await cli.connect.credentials();
  if ((await credentials.kind(project.tenantId)) === "direct")
    cli.io.warn("These are your own credentials, not narrowed to the project: the tenant has no role.");
  const given = await credentials.issue(credentialRequest(project, `person-${randomUUID()}`, "read"));
  process.stdout.write(`${credentialDocument(given)}\n`);
}

/** Between Terraform's provider and the chartctl that holds the operation. */
async function relay(cli: Cli, socket: string): Promise<void> {
  try {
    process.stdout.write(await cli.connect.brokeredCredentials(socket));
  } catch (error) {
    throw new ChartctlError({ kind: "auth", code: "credentials.refused", message: `No credentials: ${(error as Error).message}`, cause: error });
  }
}
