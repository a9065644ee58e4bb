/** `chartctl destroy`: takes a project's infrastructure away and proves it. */
import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { endpoints } from "../contract/endpoints.ts";
import { applicationActive } from "../core/lifecycle/active.ts";
import type { Destroyed } from "../core/lifecycle/destroy.ts";
import { destroy } from "../core/lifecycle/destroy.ts";
import { accountIdOption } from "./account-id.ts";
import type { Cli } from "./cli.ts";
import type { RemoteFlags } from "./remote.ts";
import { addRemoteOptions, agreed, isRemote, runRemote } from "./remote.ts";
import { required } from "./required.ts";

interface Flags extends RemoteFlags {
  accountId?: string;
  purge?: boolean;
}

export function register(command: Command, cli: Cli): void {
  command.option("--purge", "purge the application first, its data included: one question for both").addOption(accountIdOption());
  addRemoteOptions(command, "accountId").action(async (flags: Flags) => run(cli, flags));
}

async function run(cli: Cli, flags: Flags): Promise<void> {
  const settings = await cli.settings();
  required(settings, "tenant");
  const projectId = required(settings, "project");
  if (isRemote(flags)) return await remotely(cli, flags, projectId);
  const [books, credentials, infrastructure, { openRemoval }] = await Promise.all([
    cli.connect.books(),
    cli.connect.credentials(),
    cli.connect.infrastructure(),
    cli.connect.application(),
  ]);
  const { io, clock, processes, interrupt } = cli;
  const done = await destroy(
    {
      books,
      credentials,
      ...infrastructure,
      openRemoval,
      clock,
      processes,
      interrupt,
      progress: io.progress,
      confirm: cli.yes ? async () => true : io.confirm,
      newIdempotencyKey: randomUUID,
    },
    { projectId, purge: flags.purge ?? false, accountId: flags.accountId, idempotencyKey: randomUUID() },
  );
  io.result("Destroyed", { outcome: done.outcome, project: done.project, receipt: done.receipt ?? null }, () => textOf(done, io.verbose));
}

/** Refused, asked and told as on this machine. */
async function remotely(cli: Cli, flags: Flags, projectId: string): Promise<void> {
  const { purge = false } = flags;
  const { yes, project } = await agreed(cli, projectId, (one) => {
    if (one.application !== "absent" && !purge) throw applicationActive(one);
    return { about: "destroy", project: one, standing: Object.keys(one.outputs), purge };
  });
  if (!yes) return cli.io.result("Destroyed", { outcome: "declined", project, receipt: null }, () => "Nothing was changed.");
  await runRemote(cli, flags, (call) => call(endpoints.startDestroy, { query: { projectId, purge: purge ? "true" : "false" } }));
}

function textOf({ outcome, project, receipt }: Destroyed, verbose: boolean): string {
  if (outcome === "declined" || !receipt) return "Nothing was changed.";
  const kinds = new Set(receipt.reads.map((read) => read.kind));
  return [
    `Project ${project.id} is gone. ${receipt.reads.length} direct reads of AWS (${kinds.size} kinds) found nothing; its booking has ended.`,
    ...(verbose ? receipt.reads.map((read) => `  ${read.at} ${read.asked}: ${read.answer}`) : []),
    ...receipt.shared.map((what) => `Stays: ${what}`),
  ].join("\n");
}
