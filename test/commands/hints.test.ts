/** Commands that messages tell people to type: each must be there, with its flags. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import type { Cli } from "../../src/commands/cli.ts";
import { buildProgram, commandSummaries } from "../../src/program.ts";

/** The whole tree: asking a command for its help loads it. */
async function everyCommand(): Promise<Command> {
  const program = buildProgram(async () => ({}) as Cli, { out: () => {}, err: () => {} }, 80);
  for (const { name } of commandSummaries()) await program.parseAsync(["node", "chartctl", name, "--help"]).catch(() => {});
  return program;
}

const comment = /^\s*(\/\/|\/?\*)/;
/** Up to what ends a command in a sentence. */
const typed = /\bchartctl ((?:[\w./:=<>|@-]+|\$\{[^}]*\})(?: (?:[\w./:=<>|@-]+|\$\{[^}]*\}))*)/g;

function commandsIn(folder: string): { where: string; hinted: boolean; words: string[] }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) =>
      readFileSync(join(folder, name), "utf8")
        .split("\n")
        .flatMap((line, at) => (comment.test(line) ? [] : [{ line: line.replaceAll("\\n", "\n"), where: `${name}:${at + 1}` }])),
    )
    .flatMap(({ line, where }) =>
      [...line.matchAll(typed)].map(([, text = ""]) => ({ where: `${where}: ${text}`, hinted: /\b(hint|mend)\b/.test(line), words: text.split(" ") })),
    );
}

/** Words after `chartctl` in sentences about it. */
const prose = new Set(["again", "alone", "does", "has", "is", "there", "with"]);
const isWord = (text: string | undefined): text is string => text !== undefined && /^[a-z][a-z-]+$/.test(text) && !prose.has(text);

/** Undefined when it can be typed. Outside hints `chartctl` also begins sentences: there an unknown first word is none. */
function faultOf(program: Command, { hinted, words }: { hinted: boolean; words: string[] }): string | undefined {
  let command = program;
  let rest = words;
  for (let next = named(command, rest[0]); next; next = named(command, rest[0])) {
    command = next;
    rest = rest.slice(1);
  }
  const [first] = rest;
  if (command === program) return hinted && isWord(first) ? "no such command" : undefined;
  const options = [command, command.parent, program].flatMap((one) => one?.options ?? []).map(({ long }) => long);
  const flag = rest.find((word) => /^--[a-z]/.test(word) && !["--help", ...options].includes(word.split("=")[0]));
  if (flag) return `no flag ${flag}`;
  return command.commands.length > 0 && command.registeredArguments.length === 0 && isWord(first) ? `no subcommand ${first}` : undefined;
}

const named = (command: Command, name: string | undefined): Command | undefined => command.commands.find((one) => one.name() === name);

describe("commands in messages", () => {
  it("can all be typed", async () => {
    const program = await everyCommand();
    const all = commandsIn("src");
    expect(all.length).toBeGreaterThan(100);
    const wrong = all.flatMap((one) => {
      const fault = faultOf(program, one);
      return fault ? [`${one.where}: ${fault}`] : [];
    });
    expect(wrong).toEqual([]);
    for (const text of ["setup herku", "setup aws --tear-down", "tenats", "setup heroku scael"])
      expect(faultOf(program, { hinted: true, words: text.split(" ") }), text).toBeDefined();
  });
});
