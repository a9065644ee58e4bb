/** Commands that are named at once and loaded when they are chosen: nobody waits for another command's code. */
import type { Command } from "commander";
import type { Cli, CommandModule } from "./cli.ts";

export interface Part {
  name: string;
  description: string;
  load(): Promise<CommandModule>;
}

/** `cli` is asked for when one of them is chosen. */
export function addParts(parent: Command, parts: readonly Part[], cli: () => Promise<Cli> | Cli): void {
  const unregistered = new Map<string, Part>();
  for (const part of parts) {
    parent.command(part.name).description(part.description).helpCommand(false);
    unregistered.set(part.name, part);
  }
  parent.hook("preSubcommand", async (_, chosen) => {
    const part = unregistered.get(chosen.name());
    unregistered.delete(chosen.name());
    if (!part) return;
    const [module, made] = await Promise.all([part.load(), cli()]);
    module.register(chosen, made);
  });
}
