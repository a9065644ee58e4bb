/** `chartctl tenants verify`: is a tenant's role safe, and enough? */
import type { Command } from "commander";
import type { Verification } from "../../contract/platform-endpoints.ts";
import { verificationText } from "../../ui/tenants.ts";
import type { Cli } from "../cli.ts";
import { refusedExitCode } from "./refused.ts";

export function register(command: Command, cli: Cli): void {
  command
    .command("verify")
    .argument("<id>", "the tenant's id")
    .description("try a tenant's role both ways: what must be accepted, and what must be refused; changes nothing")
    .option("--role-arn <arn>", "a role that is not stored yet")
    .action(async (id: string, { roleArn }: { roleArn?: string }) => {
      const { roles } = await cli.connect.tenants();
      const verification = await roles.verify(id, roleArn === undefined ? {} : { roleArn });
      if (!verification.ok) cli.exitCode(refusedExitCode);
      cli.io.result("TenantVerification", verification, () => [verificationText(verification, cli.io.width), ...nextOf(id, verification)].join("\n"));
    });
}

const nextOf = (id: string, { ok, accepts }: Verification): string[] =>
  ok && accepts.includes("next") ? [`Next  chartctl tenants rotate-external-id ${id} --finish`] : [];
