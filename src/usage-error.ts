/** What commander says of a command line that it can't take, as our errors are: with what may have been meant. */
import type { Command, CommanderError } from "commander";
import { nearest } from "./core/near.ts";
import { ChartctlError } from "./errors.ts";

export function usageError({ message }: CommanderError, args: string[], program: Command): ChartctlError {
  // A topic that does something by itself takes a subcommand with a typing error for an argument too many.
  const [, name] = /^error: too many arguments for '([\w-]+)'\. Expected 0 /.exec(message) ?? [];
  const topics = [...program.commands, ...program.commands.flatMap(({ commands }) => commands)];
  const topic = topics.find((one) => one.name() === name && one.commands.length > 0);
  if (name && topic) {
    const names = topic
      .createHelp()
      .visibleCommands(topic)
      .map((one) => one.name());
    const path = topic.parent === program ? name : `${topic.parent?.name()} ${name}`;
    const typed = args.slice(args.indexOf(name) + 1).find((argument) => !argument.startsWith("-"));
    return usage(`There is no command ${path} ${typed}`, `${meant(typed, names)}there are: ${names.join(", ")}; see: chartctl ${path} --help`);
  }
  const [first = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const help = `see: ${["chartctl", ...chosenPath(program, args)].join(" ")} --help`;
  const [, given, choices] = /argument '(.*)' is invalid\. Allowed choices are (.*)\.$/.exec(first) ?? [];
  return usage(first.replace(/\.$/, ""), suggestion?.replace(/[()]/g, "") ?? `${meant(given, choices?.split(", ") ?? [])}${help}`);
}

/** The command that was meant, as far as its words are known. */
function chosenPath(program: Command, args: string[]): string[] {
  let at = program;
  const path: string[] = [];
  for (const argument of args) {
    const next = at.commands.find((one) => one.name() === argument);
    if (!next) continue;
    path.push(argument);
    at = next;
  }
  return path;
}

/** Close by as commander's own suggestions are: of short words, one letter differs. */
function meant(given: string | undefined, choices: string[]): string {
  const near = given === undefined ? undefined : nearest(given, choices, given.length < 3 ? 1 : 2);
  return near === undefined ? "" : `did you mean ${near}? `;
}

const usage = (message: string, hint: string): ChartctlError => new ChartctlError({ kind: "usage", code: "usage", message, hint });
