/** `chartctl open`: the application's URL, in a browser where there is one. */
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import { ChartctlError } from "../errors.ts";
import type { Cli } from "./cli.ts";
import { required } from "./required.ts";

export function register(command: Command, cli: Cli): void {
  command.option("--print", "only print the URL").action(async (flags: { print?: boolean }) => {
    const settings = await cli.settings();
    required(settings, "tenant");
    const projectId = required(settings, "project");
    const [call, { reach, openBrowser }] = await Promise.all([cli.connect.api(), cli.connect.application()]);
    const { url } = (await call(endpoints.getProject, { params: { projectId } })).outputs;
    if (typeof url !== "string")
      throw new ChartctlError({
        kind: "conflict",
        code: "project.no-url",
        message: `Project ${projectId} has no URL yet`,
        hint: `chartctl provision -p ${projectId}`,
      });
    const reached = reach(url);
    if (!flags.print && cli.io.canPrompt) openBrowser(reached);
    cli.io.result("Url", { url: reached }, () => reached);
  });
}
