/** `chartctl alerts`: what was told about costs near or over a limit, and what wasn't. */
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import { alertsText, deliveryText } from "../ui/alerts.ts";
import type { Cli } from "./cli.ts";

export function register(command: Command, cli: Cli): void {
  command.addHelpText("after", help).action(async () => {
    const found = await (await cli.connect.api())(endpoints.listAlerts, {});
    cli.io.result("AlertList", found, () => alertsText(found, cli.io.width));
  });
  command
    .command("deliver")
    .description("send what is due, now")
    .option("--again", "also what was given up, to a receiver that had said 410, too")
    .action(async ({ again = false }: { again?: boolean }) => {
      const done = await (await cli.connect.api())(endpoints.deliverAlerts, { body: { again } });
      cli.io.result("AlertDelivery", done, () => deliveryText(done, cli.io.width));
      if (done.failed + done.givenUp + done.standing.failing > 0 || done.standing.receiver === "gone") cli.exitCode(7);
    });
}

const help = `
They go to ALERT_WEBHOOK_URL, signed with ALERT_WEBHOOK_SECRET after the
Standard Webhooks specification: a worker sends them, or, embedded, this
command. A project or user is told of once a month at 80 % of a limit, once
over it, and once more for each clean-up that this brings. E-mail goes through
an AWS budget:
  chartctl setup aws --budget 500 --alert-email ops@example.org
`;
