/** `chartctl config`: settings, where they come from, and saved contexts. */
import type { Command } from "commander";
import type { SettingName } from "../core/settings.ts";
import { settingNames } from "../core/settings.ts";
import { ChartctlError } from "../errors.ts";
import { table } from "../ui/table.ts";
import type { Cli } from "./cli.ts";

export function register(command: Command, cli: Cli): void {
  const showOrigin = "say where each value comes from";
  command.option("--show-origin", showOrigin).action(async (flags: { showOrigin?: boolean }) => list(cli, flags));
  command
    .command("list")
    .description("every setting of this call")
    .option("--show-origin", showOrigin)
    .action(async (flags: { showOrigin?: boolean }) => list(cli, { ...flags, ...command.opts() }));
  command
    .command("get")
    .argument("<name>")
    .description("one setting")
    .action(async (name: string) => get(cli, name));
  command
    .command("set")
    .argument("<name>")
    .argument("<value>")
    .description("save a setting in the context")
    .action(async (name: string, value: string) => save(cli, name, value));
  command
    .command("unset")
    .argument("<name>")
    .description("forget a setting of the context")
    .action(async (name: string) => save(cli, name, undefined));
  command
    .command("contexts")
    .argument("[use]", "make this one current")
    .description("saved contexts")
    .action(async (use?: string) => contexts(cli, use));
}

async function list(cli: Cli, flags: { showOrigin?: boolean }): Promise<void> {
  const settings = await cli.given();
  const rows = settingNames.map((name) => ({ name, value: settings[name], origin: settings.origins[name] ?? "-" }));
  const data = { context: settings.context, settings: Object.fromEntries(rows.map(({ name, value, origin }) => [name, { value: value ?? null, origin }])) };
  cli.io.result("Config", data, () =>
    [
      `Context: ${settings.context}`,
      table(
        rows,
        [
          { title: "Setting", value: ({ name }) => name },
          { title: "Value", value: ({ value }) => value ?? "-" },
          ...(flags.showOrigin ? [{ title: "From", value: ({ origin }: (typeof rows)[number]) => origin }] : []),
        ],
        cli.io.width,
      ),
    ].join("\n"),
  );
}

async function get(cli: Cli, name: string): Promise<void> {
  const known = settingName(name);
  const settings = await cli.given();
  cli.io.result("Setting", { name: known, value: settings[known] ?? null, origin: settings.origins[known] ?? null }, () => settings[known] ?? "");
}

/** Saves in the context that is named, or the current one. */
async function save(cli: Cli, name: string, value: string | undefined): Promise<void> {
  const known = settingName(name);
  const { context } = cli.contextAsked();
  const store = await cli.connect.contexts();
  const target = context ?? store.read().current ?? "default";
  if (target === "sandbox")
    throw new ChartctlError({
      kind: "usage",
      code: "context.built-in",
      message: "The sandbox context is built in and keeps no settings",
      hint: "name another one: --context NAME",
    });
  await store.write(({ current, contexts: saved }) => {
    const { [known]: _, ...rest } = saved[target] ?? {};
    return { current: current ?? target, contexts: { ...saved, [target]: value === undefined ? rest : { ...rest, [known]: value } } };
  });
  cli.io.result("Setting", { context: target, name: known, value: value ?? null }, () =>
    value === undefined ? `${known} is forgotten in context ${target}.` : `${known} is ${value} in context ${target}.`,
  );
}

async function contexts(cli: Cli, use: string | undefined): Promise<void> {
  const store = await cli.connect.contexts();
  const { contexts: saved } = store.read();
  const names = [...new Set(["default", ...Object.keys(saved), "sandbox"])];
  if (use !== undefined) {
    if (!names.includes(use))
      throw new ChartctlError({
        kind: "usage",
        code: "context.unknown",
        message: `There is no context ${JSON.stringify(use)}`,
        hint: `there is: ${names.join(", ")}`,
      });
    await store.write((all) => ({ ...all, current: use }));
  }
  const current = store.read().current ?? "default";
  cli.io.result("Contexts", { current, contexts: saved }, () =>
    names.map((name) => `${name === current ? "*" : " "} ${name}${describe(saved[name])}`).join("\n"),
  );
}

const describe = (values: Record<string, string> | undefined): string => {
  const pairs = Object.entries(values ?? {}).map(([name, value]) => `${name}=${value}`);
  return pairs.length > 0 ? `  ${pairs.join(" ")}` : "";
};

function settingName(name: string): SettingName {
  const known = settingNames.find((candidate) => candidate === name);
  if (known) return known;
  throw new ChartctlError({
    kind: "usage",
    code: "config.unknown",
    message: `There is no setting ${JSON.stringify(name)}`,
    hint: `there is: ${settingNames.join(", ")}`,
    details: { choices: settingNames },
  });
}
