/** `chartctl setup terraform`: the pinned Terraform into a folder, for a host's build. */
import type { Command } from "commander";
import type { Cli } from "../cli.ts";

interface Flags {
  to: string;
  releases?: string;
}

export function register(topic: Command, cli: Cli): void {
  topic
    .command("terraform")
    .description("the Terraform that is tested with this version, its bytes verified")
    .option("--to <folder>", "where the program is put", "bin")
    .option("--releases <url>", "a mirror of releases.hashicorp.com")
    .action(async (flags: Flags) => {
      const done = await cli.connect.installTerraform(flags);
      cli.io.result(
        "TerraformInstalled",
        done,
        () => `Terraform ${done.version} ${done.outcome === "found" ? "is" : "is put"} at ${done.file}; its SHA-256 is the pinned one.`,
      );
    });
}
