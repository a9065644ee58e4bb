/** `chartctl setup`: brings the platform up, part by part; every part can be run again. */
import type { Command } from "commander";
import type { Cli, CommandModule } from "./cli.ts";
import * as aws from "./setup/aws.ts";
import * as container from "./setup/container.ts";
import * as heroku from "./setup/heroku.ts";
import * as terraform from "./setup/terraform.ts";

/** Each adds one subcommand. */
const parts: CommandModule[] = [aws, heroku, container, terraform];

export function register(command: Command, cli: Cli): void {
  for (const part of parts) part.register(command, cli);
}
