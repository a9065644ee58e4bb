/** `chartctl init`: a template to start from. */
import type { Command } from "commander";
import { ChartctlError } from "../errors.ts";
import type { Cli } from "./cli.ts";

export function register(command: Command, cli: Cli): void {
  command
    .argument("[folder]", "where to write it: a new or empty folder (default: named as the template)")
    .option("--template <name>", "which one")
    .option("--list", "the templates there are")
    .action(async (folder: string | undefined, flags: { template?: string; list?: boolean }) => {
      const templates = await cli.connect.templates();
      const names = templates.names();
      if (flags.list) {
        cli.io.result("TemplateList", names, () => names.join("\n"));
        return;
      }
      if (flags.template === undefined)
        throw new ChartctlError({
          kind: "usage",
          code: "template.missing",
          message: "No template is named",
          hint: `name one: chartctl init --template ${names[0]}; there is: ${names.join(", ")}`,
        });
      const to = folder ?? flags.template;
      const files = templates.write(flags.template, to);
      cli.io.result("Initialized", { template: flags.template, folder: to, files }, () =>
        [
          `Wrote ${flags.template} to ${to}:`,
          ...files.map((file) => `  ${file}`),
          `See it: chartctl preview ${to}`,
          `Deploy it: cd ${to} && chartctl up -p NAME`,
        ].join("\n"),
      );
    });
}
