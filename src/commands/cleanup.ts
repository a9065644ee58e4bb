/** `chartctl cleanup`: takes away what expired or failed, goes on with what died, and compares the books with AWS. */
import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import type { CleanedUp } from "../core/lifecycle/cleanup.ts";
import { cleanUp } from "../core/lifecycle/cleanup.ts";
import { ChartctlError } from "../errors.ts";
import { cleanupText } from "../ui/cleanup.ts";
import type { Cli } from "./cli.ts";
import { required } from "./required.ts";

interface Flags {
  dryRun?: boolean;
  allTenants?: boolean;
  unbooked?: boolean;
}

export function register(command: Command, cli: Cli): void {
  command
    .option("--dry-run", "say what would be done and why; change nothing")
    .option("--all-tenants", "every tenant of the platform (default: the named one)")
    .option("--unbooked", "destroy what AWS has of a tenant and these books don't; another machine's books may have it: look with --dry-run")
    .addHelpText(
      "after",
      "\nWhat has expired is purged and destroyed with its data; run it every few minutes, such as by cron:\n  chartctl cleanup --all-tenants --yes\n",
    )
    .action(async (flags: Flags) => run(cli, flags));
}

async function run(cli: Cli, flags: Flags): Promise<void> {
  const dryRun = flags.dryRun ?? false;
  if (!dryRun && !cli.yes) {
    throw new ChartctlError({
      kind: "usage",
      code: "confirmation.missing",
      message: "A clean-up purges and destroys what has expired, its data included",
      hint: "look first: chartctl cleanup --dry-run; then: chartctl cleanup --yes",
    });
  }
  const tenants = flags.allTenants
    ? (await (await cli.connect.api())(endpoints.listTenants, {})).map(({ id }) => id)
    : [required(await cli.settings(), "tenant")];
  const all: (CleanedUp & { tenantId: string })[] = [];
  for (const tenantId of tenants) {
    if (cli.interrupt.gentle.aborted) break;
    const books = await cli.connect.booksOf(tenantId);
    const [credentials, infrastructure, application] = await Promise.all([cli.connect.credentials(), cli.connect.infrastructure(), cli.connect.application()]);
    const { io, clock, processes, interrupt } = cli;
    const ports = { books, credentials, ...infrastructure, ...application, clock, processes, interrupt, progress: io.progress, newIdempotencyKey: randomUUID };
    await cleanUp(ports, { dryRun, unbooked: flags.unbooked ?? false, compare: true, onResult: (result) => void all.push({ tenantId, ...result }) });
  }
  cli.io.result("CleanedUp", all, () => cleanupText(all, dryRun));
  if (all.some(({ outcome }) => outcome === "failed")) cli.exitCode(1);
}
