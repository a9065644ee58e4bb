/** `chartctl setup terraform`: the pinned Terraform into a folder, for a host's build. */
import type { Command } from "commander";
import { setupText } from "../../ui/setup.ts";
import type { Cli } from "../cli.ts";

interface Flags {
  to: string;
  releases?: string;
  dryRun?: boolean;
}

export function register(topic: Command, cli: Cli): void {
  topic
    .command("terraform")
    .description("the Terraform that is tested with this version, its bytes verified")
    .option("--to <folder>", "where the program is put", "bin")
    .option("--releases <url>", "a mirror of releases.hashicorp.com")
    .option("--dry-run", "every call that would be made, and none of them")
    .action(async ({ dryRun = false, ...flags }: Flags) => {
      const { calls, ...done } = await cli.connect.installTerraform({ ...flags, dryRun });
      const report = { dryRun, steps: [{ name: "terraform", outcome: done.outcome }], calls };
      if (dryRun) return cli.io.result("TerraformInstalled", { ...done, ...report }, () => setupText(report, cli.io.width));
      cli.io.result(
        "TerraformInstalled",
        done,
        () => `Terraform ${done.version} ${done.outcome === "found" ? "is" : "is put"} at ${done.file}; its SHA-256 is the pinned one.`,
      );
    });
}
