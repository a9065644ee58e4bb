/** `chartctl setup`: brings the platform up, part by part; every part can be run again. */
import type { Command } from "commander";
import type { Cli, CommandModule } from "./cli.ts";
import * as aws from "./setup/aws.ts";
import * as check from "./setup/check.ts";
import * as container from "./setup/container.ts";
import * as heroku from "./setup/heroku.ts";
import * as terraform from "./setup/terraform.ts";
import * as tour from "./setup/tour.ts";
import * as vercel from "./setup/vercel.ts";

/** Each adds one subcommand. */
const parts: CommandModule[] = [check, aws, heroku, container, vercel, terraform];

export function register(command: Command, cli: Cli): void {
  tour.register(command, cli);
  for (const part of parts) part.register(command, cli);
}
