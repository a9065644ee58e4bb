/** The streams of one run: results to stdout, everything else to stderr. */
import chalk from "chalk";
import { askWith, chooseWith, confirmWith } from "./adapters/prompts.ts";
import type { Io } from "./commands/cli.ts";
import { inAscii } from "./ui/ascii.ts";
import { inContext } from "./ui/context.ts";
import { progressView } from "./ui/progress.ts";
import type { Terminal } from "./ui/terminal.ts";

interface IoOptions {
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  terminal: Terminal;
  /** The command line, whose context the text's commands keep. */
  args: readonly string[];
  /** A question that is open then is given up. */
  interrupted: AbortSignal;
}

export function createIo({ json, quiet, verbose, terminal, args, interrupted }: IoOptions): Io {
  chalk.level = terminal.color ? 1 : 0;
  const shown = (text: string): string => (terminal.unicode ? text : inAscii(text));
  const line = (text: string): void => void process.stderr.write(`${shown(text)}\n`);
  const { live, unicode } = terminal;
  const view = progressView(line, { live, unicode, quiet, stream: process.stderr, now: () => performance.now() });
  return {
    json,
    quiet,
    verbose,
    canPrompt: terminal.canPrompt,
    reader: terminal.reader,
    width: terminal.width,
    result: (kind, data, text) => {
      view.stop();
      process.stdout.write(json ? `${JSON.stringify({ apiVersion: "chartctl/v1", kind, data }, undefined, 2)}\n` : `${shown(inContext(text(), args))}\n`);
    },
    line: (text) => void process.stdout.write(`${text}\n`),
    note: (message) => {
      if (!quiet) line(message);
    },
    warn: (message) => line(`${chalk.yellow("warning:")} ${message}`),
    progress: view.show,
    confirm: confirmWith({ canPrompt: terminal.canPrompt, before: view.stop, interrupted }),
    choose: chooseWith({ canPrompt: terminal.canPrompt, before: view.stop, interrupted }),
    ask: askWith({ canPrompt: terminal.canPrompt, before: view.stop, interrupted }),
    piped: async () => {
      if (process.stdin.isTTY) return undefined;
      const { text } = await import("node:stream/consumers");
      return await text(process.stdin);
    },
  };
}
