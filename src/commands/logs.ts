/** `chartctl logs`: what the application's function wrote. */
import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import type { LogLine } from "../core/app-ports.ts";
import { parseDuration } from "../core/duration.ts";
import { credentialRequest, identityOf } from "../core/lifecycle/identity.ts";
import { unknownProject } from "../core/unknown-project.ts";
import { ChartctlError } from "../errors.ts";
import type { Cli } from "./cli.ts";
import { required } from "./required.ts";

/** CloudWatch shows a line some seconds after it was written: each look goes back a little. */
const pollMilliseconds = 2_000;
const overlapMilliseconds = 30_000;

export function register(command: Command, cli: Cli): void {
  command
    .option("-f, --follow", "go on until Ctrl-C")
    .option("--since <duration>", "how far back: 10m, 2h, 1d", "1h")
    .action(async (flags: { follow?: boolean; since: string }) => {
      const settings = await cli.settings();
      required(settings, "tenant");
      const projectId = required(settings, "project");
      const since = parseDuration(flags.since);
      if (since === null)
        throw new ChartctlError({ kind: "usage", code: "duration.invalid", message: "Logs need a time to begin at", hint: "such as: --since 2h" });
      const [books, credentials, { readLogs }] = await Promise.all([cli.connect.books(), cli.connect.credentials(), cli.connect.application()]);
      const project = await books.project(projectId);
      if (!project) throw unknownProject(projectId);
      const request = credentialRequest(project, `logs-${randomUUID()}`, "logs");
      const identity = identityOf(project, project.accountId ?? (await credentials.account(request)));
      const read = (from: Date): Promise<LogLine[]> => readLogs(identity, { get: () => credentials.issue(request) }, from);

      const from = new Date(cli.clock.now().getTime() - since * 1_000);
      const lines = await read(from);
      if (!flags.follow) {
        cli.io.result("Logs", lines, () => (lines.length === 0 ? `Nothing was written in the last ${flags.since}.` : lines.map(textOf).join("\n")));
        return;
      }
      await follow(cli, read, lines);
    });
}

const textOf = ({ at, text }: LogLine): string => `${at.slice(11, 23)} ${text}`;

/** Each line once, with `--json` as a document of its own. */
async function follow({ io, clock, interrupt }: Cli, read: (from: Date) => Promise<LogLine[]>, first: LogLine[]): Promise<void> {
  let shown = new Map<string, number>();
  let lines = first;
  for (;;) {
    const now = new Map<string, number>();
    for (const line of lines) {
      const key = JSON.stringify(line);
      const count = (now.get(key) ?? 0) + 1;
      now.set(key, count);
      if (count > (shown.get(key) ?? 0)) io.line(io.json ? key : textOf(line));
    }
    shown = now;
    await clock.sleep(pollMilliseconds, interrupt.gentle);
    if (interrupt.gentle.aborted) return;
    lines = await read(new Date(clock.now().getTime() - overlapMilliseconds));
  }
}
