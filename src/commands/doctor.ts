/** `chartctl doctor`: what is ready, what is not, and how to mend it. */
import chalk from "chalk";
import type { Command } from "commander";
import type { Check, Cli } from "./cli.ts";

const marks: Record<Check["result"], () => string> = { ok: () => chalk.green("✔"), warn: () => chalk.yellow("!"), fail: () => chalk.red("✖") };

export function register(command: Command, cli: Cli): void {
  command.action(async () => {
    const checks = await cli.connect.checks();
    const failed = checks.some(({ result }) => result === "fail");
    cli.exitCode(failed ? 1 : 0);
    cli.io.result("Doctor", { ready: !failed, checks }, () =>
      [
        ...checks.map(({ name, result, found, mend }) =>
          [`${marks[result]()} ${name}: ${found}`, ...(mend && result !== "ok" ? [`    help: ${mend}`] : [])].join("\n"),
        ),
        failed ? "Not ready yet: mend what is marked ✖." : "Ready.",
      ].join("\n"),
    );
  });
}
