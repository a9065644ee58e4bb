/** `chartctl stats`: the platform at a glance. */
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import { statsText } from "../ui/stats.ts";
import type { Cli } from "./cli.ts";

export function register(command: Command, cli: Cli): void {
  command.action(async () => {
    const stats = await (await cli.connect.api())(endpoints.adminStats, {});
    cli.io.result("Stats", stats, () => statsText(stats, cli.io.width));
  });
}
