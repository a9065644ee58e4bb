/** `chartctl destroy`: takes a project's infrastructure away and proves it. */
import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { accountIdSchema } from "../contract/names.ts";
import type { Destroyed } from "../core/lifecycle/destroy.ts";
import { destroy } from "../core/lifecycle/destroy.ts";
import { ChartctlError } from "../errors.ts";
import type { Cli } from "./cli.ts";
import { required } from "./required.ts";

interface Flags {
  accountId?: string;
}

export function register(command: Command, cli: Cli): void {
  command.option("--account-id <id>", "refuse when the credentials reach another AWS account").action(async (flags: Flags) => run(cli, flags));
}

async function run(cli: Cli, flags: Flags): Promise<void> {
  const settings = await cli.settings();
  required(settings, "tenant");
  const projectId = required(settings, "project");
  if (flags.accountId !== undefined && !accountIdSchema.safeParse(flags.accountId).success) {
    throw new ChartctlError({ kind: "usage", code: "account-id.invalid", message: `The account id ${JSON.stringify(flags.accountId)} is not 12 digits` });
  }
  const [books, credentials, infrastructure] = await Promise.all([cli.connect.books(), cli.connect.credentials(), cli.connect.infrastructure()]);
  const { io, clock, processes, interrupt } = cli;
  const done = await destroy(
    { books, credentials, ...infrastructure, clock, processes, interrupt, progress: io.progress, confirm: cli.yes ? async () => true : io.confirm },
    { projectId, accountId: flags.accountId, idempotencyKey: randomUUID() },
  );
  io.result("Destroyed", { outcome: done.outcome, project: done.project, receipt: done.receipt ?? null }, () => textOf(done, io.verbose));
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
