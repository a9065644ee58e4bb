/** `chartctl releases`: what was deployed, newest first. */
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import type { Release } from "../contract/resources.ts";
import { bytesText } from "../ui/bytes.ts";
import { statusText } from "../ui/project.ts";
import { table } from "../ui/table.ts";
import type { Cli } from "./cli.ts";
import { required } from "./required.ts";

export function register(command: Command, cli: Cli): void {
  command.action(async () => {
    const settings = await cli.settings();
    required(settings, "tenant");
    const projectId = required(settings, "project");
    const call = await cli.connect.api();
    const releases = await call(endpoints.listReleases, { params: { projectId } });
    cli.io.result("ReleaseList", releases, () =>
      releases.length === 0
        ? `No releases yet. Make one: chartctl deploy-app -p ${projectId}`
        : table<Release>(
            releases,
            [
              { title: "Release", value: ({ number }) => String(number), right: true },
              { title: "Status", value: ({ status }) => statusText(status) },
              { title: "Made (UTC)", value: ({ createdAt }) => createdAt.slice(0, 16).replace("T", " ") },
              { title: "By", value: ({ actor }) => actor },
              { title: "Files", value: ({ files }) => String(files), right: true },
              { title: "Size", value: ({ bytes }) => bytesText(bytes), right: true },
              { title: "From", value: ({ source }) => shortened(source) },
            ],
            cli.io.width,
          ) + releases.flatMap(({ number, error }) => (error ? [`\nRelease ${number} failed: ${error.message}`] : [])).join(""),
    );
  });
}

/** A folder by its own name: its whole path is in `--json`. */
const shortened = (source: string): string => source.replace(/^folder .*\/(?=[^/]+$)/, "folder ");
