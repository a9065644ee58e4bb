/** Commands that messages tell people to type: whether they can be. */
import type { Command } from "commander";
import type { Cli } from "../../src/commands/cli.ts";
import { buildProgram, commandSummaries } from "../../src/program.ts";

/** The whole tree: asking a command for its help loads it, and then its parts. */
export async function everyCommand(): Promise<Command> {
  const program = buildProgram(async () => ({}) as Cli, { out: () => {}, err: () => {} }, 80);
  const load = async (...path: string[]): Promise<void> => void (await program.parseAsync(["node", "chartctl", ...path, "--help"]).catch(() => {}));
  for (const { name } of commandSummaries()) await load(name);
  for (const topic of program.commands) for (const part of topic.commands) await load(topic.name(), part.name());
  return program;
}

/** Up to what ends a command in a sentence. */
export const typed = /\bchartctl ((?:[\w./:=<>|@-]+|\$\{[^}]*\})(?: (?:[\w./:=<>|@-]+|\$\{[^}]*\}))*)/g;

/** Words after `chartctl` in sentences about it. */
const prose = new Set(["again", "alone", "does", "has", "is", "there", "with"]);
const isWord = (text: string | undefined): text is string => text !== undefined && /^[a-z][a-z-]+$/.test(text) && !prose.has(text);

/** Undefined when it can be typed. Outside hints `chartctl` also begins sentences: there an unknown first word is none. */
export function faultOf(program: Command, { hinted, words }: { hinted: boolean; words: string[] }): string | undefined {
  let command = program;
  let rest = words;
  for (let next = named(command, rest[0]); next; next = named(command, rest[0])) {
    command = next;
    rest = rest.slice(1);
  }
  const [first] = rest;
  if (command === program) return hinted && isWord(first) ? "no such command" : undefined;
  const options = [command, command.parent, program].flatMap((one) => one?.options ?? []).map(({ long }) => long);
  // A page's markup may end what is typed.
  const flags = rest.flatMap((word) => /^--[a-z][a-z-]*/.exec(word) ?? []);
  const flag = flags.find((one) => !["--help", ...options].includes(one));
  if (flag) return `no flag ${flag}`;
  return command.commands.length > 0 && command.registeredArguments.length === 0 && isWord(first) ? `no subcommand ${first}` : undefined;
}

const named = (command: Command, name: string | undefined): Command | undefined => command.commands.find((one) => one.name() === name);

/** What is wrong with the commands in a hint. */
export const faultsIn = (program: Command, hint: string): string[] =>
  [...hint.matchAll(typed)].flatMap(([, text = ""]) => {
    const fault = faultOf(program, { hinted: true, words: text.split(" ") });
    return fault ? [`${text}: ${fault}`] : [];
  });

/** AWS's own command line has its own flags. */
const typedAws = /\baws [a-z-]+ [a-z-]+(?: --[a-z-]+ [^\s;]+)*/g;

/** Flags that a hint names alone: they are meant for the command that was typed. */
export function flagsAlone(program: Command, path: readonly string[], hint: string): string[] {
  const command = path.reduce((at, name) => named(at, name) ?? at, program);
  const options = [command, program].flatMap((one) => one.options).map(({ long }) => long);
  return [
    ...hint
      .replace(typed, "")
      .replace(typedAws, "")
      .matchAll(/(?<![\w-])--[a-z][a-z-]+/g),
  ].flatMap(([flag]) => (options.includes(flag) ? [] : [`${path.join(" ")} has no ${flag}`]));
}
