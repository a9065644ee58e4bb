/** `--role`, as several commands have it. */
import { Option } from "commander";
import { roles } from "../contract/roles.ts";

export const roleOption = (description: string): Option => new Option("--role <role>", description).choices([...roles]);
