/** `chartctl audit`: who changed what, when. */
import type { Command } from "commander";
import { Option } from "commander";
import type { AuditLine } from "../contract/audit-endpoints.ts";
import type { CallApi } from "../contract/endpoints.ts";
import { endpoints } from "../contract/endpoints.ts";
import { table } from "../ui/table.ts";
import { minuteText } from "../ui/time.ts";
import type { Cli } from "./cli.ts";

interface Flags {
  export?: boolean;
  follow?: boolean;
  allTenants?: boolean;
}

const shown = 50;
const pageLines = 500;
const followMilliseconds = 2_000;

export function register(command: Command, cli: Cli): void {
  command
    .addOption(new Option("--export", "all of it as JSON lines on stdout, oldest first"))
    .addOption(new Option("--follow", "each new line as JSON, until interrupted; with --export after all that are there"))
    .option("--all-tenants", "the whole platform's (its owners alone)")
    .action(async (flags: Flags) => audit(cli, flags));
}

async function audit(cli: Cli, flags: Flags): Promise<void> {
  const call = await cli.connect.api();
  const endpoint = flags.allTenants ? endpoints.platformAudit : endpoints.audit;
  if (flags.export || flags.follow) return await stream(cli, call, endpoint, flags);
  const lines = await call(endpoint, { query: { newest: "true", limit: shown } });
  cli.io.result("AuditLog", lines, () => (lines.length === 0 ? "Nothing was changed yet." : tableOf(lines, flags, cli.io.width)));
}

/** Page by page: nobody's memory holds the whole log. */
async function stream({ io, clock, interrupt }: Cli, call: CallApi, endpoint: (typeof endpoints)["audit" | "platformAudit"], flags: Flags): Promise<void> {
  let after = 0;
  if (!flags.export) {
    const [newest] = await call(endpoint, { query: { newest: "true", limit: 1 } });
    after = newest?.sequence ?? 0;
  }
  while (!interrupt.gentle.aborted) {
    const lines = await call(endpoint, { query: { after, limit: pageLines } });
    for (const line of lines) io.line(JSON.stringify(line));
    after = lines.at(-1)?.sequence ?? after;
    if (lines.length === pageLines) continue;
    if (!flags.follow) return;
    await clock.sleep(followMilliseconds, interrupt.gentle);
  }
}

const tableOf = (lines: AuditLine[], { allTenants }: Flags, width: number): string =>
  table<AuditLine>(
    lines.toReversed(),
    [
      { title: "When", value: ({ at }) => minuteText(at) },
      ...(allTenants ? [{ title: "Tenant", value: ({ tenantId }: AuditLine) => tenantId }] : []),
      { title: "Who", value: ({ actor }) => actor },
      { title: "What", value: ({ action }) => action },
      { title: "Of", value: ({ subject }) => subject },
    ],
    width,
  );
