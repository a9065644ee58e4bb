/** `chartctl purge`: takes the application off a project; the infrastructure stays. */
import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import type { Purged } from "../core/lifecycle/purge.ts";
import { purge } from "../core/lifecycle/purge.ts";
import { accountIdOption } from "./account-id.ts";
import type { Cli } from "./cli.ts";
import type { RemoteFlags } from "./remote.ts";
import { addRemoteOptions, agreed, isRemote, runRemote } from "./remote.ts";
import { required } from "./required.ts";

interface Flags extends RemoteFlags {
  data?: boolean;
  accountId?: string;
}

export function register(command: Command, cli: Cli): void {
  addRemoteOptions(command.option("--data", "delete all items of the application's table, too").addOption(accountIdOption()), "accountId").action(
    async (flags: Flags) => {
      const settings = await cli.settings();
      required(settings, "tenant");
      const projectId = required(settings, "project");
      const { data = false } = flags;
      if (isRemote(flags)) {
        const { yes, project } = await agreed(cli, projectId, (one) => ({ about: "purge", project: one, data }));
        if (!yes) return cli.io.result("Purged", { outcome: "declined", project }, () => "Nothing was changed.");
        return await runRemote(cli, flags, (call) => call(endpoints.startPurge, { query: { projectId, data: data ? "true" : "false" } }));
      }
      const [books, credentials, { openRemoval }] = await Promise.all([cli.connect.books(), cli.connect.credentials(), cli.connect.application()]);
      const { io, clock, processes, interrupt } = cli;
      const done = await purge(
        { books, credentials, openRemoval, clock, processes, interrupt, progress: io.progress, confirm: cli.yes ? async () => true : io.confirm },
        { projectId, data, accountId: flags.accountId, idempotencyKey: randomUUID() },
      );
      io.result("Purged", done, () => textOf(done, data));
    },
  );
}

function textOf({ outcome, project, emptied }: Purged, data: boolean): string {
  if (outcome === "declined") return "Nothing was changed.";
  const counted = (count: number, what: string): string => `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
  const gone = [
    counted(emptied.objects, "object version"),
    ...(emptied.uploads > 0 ? [counted(emptied.uploads, "unfinished upload")] : []),
    ...(data ? [counted(emptied.items, "table item")] : []),
  ];
  return [
    `The application of ${project.id} is gone: ${gone.join(", ")} deleted. Its infrastructure stands.`,
    ...(data ? [] : ["Its table was left as it is; --data clears it, too."]),
    `Take the infrastructure away: chartctl destroy -p ${project.id}`,
  ].join("\n");
}
