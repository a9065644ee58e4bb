/** What every command is given: settings, streams, and connections that are made only when asked for. */
import type { Command } from "commander";
import type { CallApi } from "../contract/endpoints.ts";
import type { Books, Boundary, Clock, Confirm, Credentials, Interrupt, Inventory, OpenStack, Processes, Progress, Synthesize } from "../core/ports.ts";

/** A command's module: adds its flags to the command that program.ts has named, and its action. */
export interface CommandModule {
  register(command: Command, cli: Cli): void;
}

/** Settings of this call. Precedence: flags > environment > chartctl.json > context > defaults. */
export interface Settings {
  /** The context's name; `sandbox` is built in. */
  context: string;
  sandbox: boolean;
  apiUrl: string | undefined;
  tenant: string | undefined;
  project: string | undefined;
  user: string;
  region: string;
  awsProfile: string | undefined;
  environment: string;
  /** Folders of DESIGN section 5. */
  paths: Paths;
  /** Where each value came from: `flag`, `AWS_REGION`, `chartctl.json`, `context demo`, `default`. */
  origins: Record<string, string>;
}
export interface Paths {
  config: string;
  data: string;
  cache: string;
}

/** Streams and what the terminal can do. Data goes to stdout, everything else to stderr. */
export interface Io {
  json: boolean;
  quiet: boolean;
  /** A terminal on both ends, no CI, no `--no-input`, no `--json`. */
  canPrompt: boolean;
  /** Columns of the terminal on stdout; 80 without one. */
  width: number;
  /** The command's result: one JSON document with `--json`, otherwise the text. */
  result(kind: string, data: unknown, text: () => string): void;
  /** A line on stderr (left out with `--quiet`). */
  note(message: string): void;
  warn(message: string): void;
  progress: Progress;
  confirm: Confirm;
}

export interface Cli {
  version: string;
  /** Global options that the command line carries. Error `usage` on a bad value. */
  settings(): Promise<Settings>;
  io: Io;
  interrupt: Interrupt;
  clock: Clock;
  processes: Processes;
  /** `--yes`. */
  yes: boolean;
  connect: {
    api(): Promise<CallApi>;
    books(): Promise<Books>;
    credentials(): Promise<Credentials>;
    /** What only provision and destroy need: Terraform, the blueprints, direct reads of AWS. */
    infrastructure(): Promise<{ openStack: OpenStack; synthesize: Synthesize; inventory: Inventory; boundary: Boundary }>;
  };
  /** Sets the exit code of a run that ends without an error (2: `provision --plan` found changes). */
  exitCode(code: number): void;
}
