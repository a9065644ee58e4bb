/** `chartctl completion`: a script for the shell, made from the command table. */

import type { Command } from "commander";
import { Argument } from "commander";
import type { Cli } from "./cli.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** The words after a topic's own: kept beside the shells' scripts, because a completion must not load every command. */
const topics: Record<string, string[]> = {
  projects: ["show", "renew"],
  tenants: ["add", "connect", "list", "remove", "rotate-external-id", "verify"],
  quota: ["set"],
  sandbox: ["start", "status", "stop", "reset"],
  setup: ["check", "aws", "heroku", "container", "vercel", "terraform"],
  costs: ["trends", "forecast"],
  "setup heroku": ["scale", "logs", "config", "restart", "rotate-secrets", "destroy"],
  config: ["list", "get", "set", "unset", "contexts"],
  completion: [...shells],
};

type Commands = Cli["commands"];

const scripts: Record<(typeof shells)[number], (commands: Commands) => string> = {
  bash: (commands) => `# bash: source <(chartctl completion bash)
_chartctl() {
  local words="${names(commands)}" current="\${COMP_WORDS[COMP_CWORD]}" topic="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  if [ "$COMP_CWORD" -gt 1 ]; then
    case "$topic" in
${Object.entries(topics)
  .map(([topic, words]) => `      "${topic}") words="${words.join(" ")}" ;;`)
  .join("\n")}
      *) words="" ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _chartctl chartctl`,
  zsh: (commands) => `#compdef chartctl
# zsh: source <(chartctl completion zsh)
_chartctl() {
  local -a choices
  if (( CURRENT == 2 )); then
    choices=(${commands.map(({ name, summary }) => `'${name}:${summary.replaceAll("'", "")}'`).join(" ")})
    _describe 'command' choices
  else
    case "\${(j: :)words[2,CURRENT-1]}" in
${Object.entries(topics)
  .map(([topic, words]) => `      "${topic}") compadd ${words.join(" ")} ;;`)
  .join("\n")}
    esac
  fi
}
compdef _chartctl chartctl`,
  fish: (commands) =>
    [
      "# fish: chartctl completion fish | source",
      "complete -c chartctl -f",
      ...commands.map(({ name, summary }) => `complete -c chartctl -n __fish_use_subcommand -a ${name} -d '${summary.replaceAll("'", "")}'`),
      ...Object.entries(topics).map(
        ([topic, words]) =>
          `complete -c chartctl -n '${topic
            .split(" ")
            .map((word) => `__fish_seen_subcommand_from ${word}`)
            .join("; and ")}' -a '${words.join(" ")}'`,
      ),
    ].join("\n"),
};

const names = (commands: Commands): string => commands.map(({ name }) => name).join(" ");

export function register(command: Command, cli: Cli): void {
  command.addArgument(new Argument("<shell>", "the shell").choices(shells)).action((shell: (typeof shells)[number]) => {
    const script = scripts[shell](cli.commands);
    cli.io.result("Completion", { shell, script }, () => script);
  });
}
