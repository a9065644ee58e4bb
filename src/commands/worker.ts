/** `chartctl worker`: does the hosted control API's jobs, and cleans up. */
import type { Command } from "commander";
import { Option } from "commander";
import { ChartctlError } from "../errors.ts";
import type { Cli } from "./cli.ts";

export function register(command: Command, cli: Cli): void {
  command
    .addOption(new Option("--concurrency <jobs>", "jobs at once (WORKER_CONCURRENCY; default: 2)").argParser(wholeNumber))
    .addHelpText(
      "after",
      "\nIt needs DATABASE_URL and CHARTCTL_MASTER_KEY, as chartctl serve has them. Several may run; when one dies, another\ngoes on with its jobs. SIGTERM stops gently: what runs is put back and goes on elsewhere.\n",
    )
    .action(async ({ concurrency }: { concurrency?: number }) => {
      const host = await cli.connect.host({ worker: true });
      await host.work(concurrency);
    });
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new ChartctlError({ kind: "usage", code: "concurrency.invalid", message: `${JSON.stringify(text)} is no number of jobs`, hint: "from 1 to 99" });
}
