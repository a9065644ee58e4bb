/** What every command is given: settings, streams, and connections that are made only when asked for. */
import type { Command } from "commander";
import type { Me } from "../contract/access-endpoints.ts";
import type { CallApi, Endpoints } from "../contract/endpoints.ts";
import type { Job } from "../contract/job-endpoints.ts";
import type { BuildApp, OpenAppHost, OpenAppRemoval, Probe, ReadLogs } from "../core/app-ports.ts";
import type { SourceName } from "../core/costs/actual/choose-source.ts";
import type { KeptCosts } from "../core/costs/actual/cost-source.ts";
import type { BillingBooks } from "../core/costs/billed/read-bill.ts";
import type { KeptForecasts } from "../core/costs/forecast/forecast-source.ts";
import type { Offer } from "../core/costs/prices/items.ts";
import type { PricesFrom } from "../core/costs/prices/newer.ts";
import type { OfferPrices } from "../core/costs/prices/price-list.ts";
import type { PriceTable } from "../core/costs/prices/table.ts";
import type { DetailSource } from "../core/costs/report/detail.ts";
import type { ReportTable } from "../core/costs/report/tables.ts";
import type { Ignored, StatedUsage } from "../core/costs/usage-file.ts";
import type {
  Books,
  Boundary,
  Choose,
  Clock,
  Confirm,
  Credentials,
  FindUnbooked,
  Interrupt,
  Inventory,
  OpenStack,
  Processes,
  ProgressEvent,
  Synthesize,
  Wanted,
} from "../core/ports.ts";
import type { SettingValues } from "../core/settings.ts";
import type { AwsSetup } from "../core/setup/aws/ports.ts";
import type { FirstUsePorts } from "../core/setup/first-use.ts";
import type { Host } from "../core/setup/host.ts";
import type { Secret, ShownCall, Step } from "../core/setup/steps.ts";
import type { SignInPorts } from "../core/sign-in.ts";
import type { ConnectPorts } from "../core/tenants/connect.ts";
import type { Platform } from "../core/verify/platform.ts";

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
  /** What runs the context's platform, when chartctl set it up: `heroku/NAME`. */
  host: string | undefined;
  /** Folders of DESIGN section 5. */
  paths: Paths;
  /** Where each value came from: `flag`, `AWS_REGION`, `chartctl.json`, `context demo`, `default`. */
  origins: Record<string, string>;
}
interface Paths {
  config: string;
  data: string;
  cache: string;
}

/** Streams and what the terminal can do. Data goes to stdout, everything else to stderr. */
export interface Io {
  json: boolean;
  quiet: boolean;
  /** Say more: each read of a proof, for one. */
  verbose: boolean;
  /** A terminal on both ends, no CI, no `--no-input`, no `--json`. */
  canPrompt: boolean;
  /** A terminal on stdout. */
  reader: boolean;
  /** Columns of the terminal on stdout; 80 without one. */
  width: number;
  /** The command's result: one JSON document with `--json`, otherwise the text. */
  result(kind: string, data: unknown, text: () => string): void;
  /** A line on stdout, of an output that goes on. */
  line(text: string): void;
  /** A line on stderr (left out with `--quiet`). */
  note(message: string): void;
  warn(message: string): void;
  /** `at`: when it happened, where that was elsewhere. */
  progress(event: ProgressEvent, at?: Date): void;
  confirm: Confirm;
  /** A value that is missing. Error `input.missing` (usage) without a terminal: it names the flag. */
  ask(wanted: Wanted): Promise<string>;
  /** One of several. Error `input.missing` (usage) without a terminal. */
  choose: Choose;
  /** All that comes on stdin; undefined when a terminal is there. */
  piped(): Promise<string | undefined>;
}

/** The sandbox's emulator. */
interface SandboxControl {
  start(): Promise<{ url: string; started: boolean }>;
  /** False when none was running. */
  stop(): Promise<boolean>;
  status(): Promise<{ state: "running" | "stopped" | "died"; url?: string; pid?: number; runner?: string }>;
  /** Runs the gateway before the emulator, until interrupted. */
  gateway(options: { upstream: string; folder: string; port: number }): Promise<void>;
  /** Stops it, and forgets all that the sandbox's books hold. */
  reset(): Promise<void>;
}

/** What applications need beside the books: the bundler, their host in AWS, their own answers. */
interface Application {
  buildApp: BuildApp;
  openHost: OpenAppHost;
  openRemoval: OpenAppRemoval;
  readLogs: ReadLogs;
  probe: Probe;
  /** Where a project's URL is reached from here. */
  reach(url: string): string;
  /** True when this folder holds an application. */
  holdsApp(folder: string): boolean;
  openBrowser(url: string): void;
}

/** Reports as files. Nothing is held whole but what is small. */
interface ReportFiles {
  /** Where files of these names go, in their order. Errors: `report.output` (usage), `report.exists` (conflict). */
  placesFor(output: string | undefined, names: readonly string[], options: { force: boolean }): string[];
  csv(table: ReportTable): AsyncIterable<string>;
  xlsx(workbook: { title: string; madeAt: Date; tables: readonly ReportTable[] }): AsyncIterable<Uint8Array>;
  /** Bytes. What is half done when it fails, or is interrupted, is not left. Errors: `report.exists` (conflict), `report.unwritable` (failed). */
  write(file: string, chunks: Iterable<string> | AsyncIterable<string | Uint8Array>, options: { force: boolean }): Promise<number>;
  print(chunks: Iterable<string> | AsyncIterable<string | Uint8Array>): Promise<void>;
}

/** Saved contexts, and the settings in them. */
interface ContextStore {
  read(): { current: string | undefined; contexts: Record<string, SettingValues> };
  write(
    change: (saved: { current: string | undefined; contexts: Record<string, SettingValues> }) => {
      current: string | undefined;
      contexts: Record<string, SettingValues>;
    },
  ): Promise<void>;
}

/** List prices: those that are used, and AWS's own. */
interface PriceStore {
  file: string;
  current(): { table: PriceTable; from: PricesFrom };
  /** Error `config.unwritable` (failed). */
  write(table: PriceTable): void;
  /** Errors `prices.unreachable`, `prices.list` (external), `prices.address` (usage), `interrupted`. `otherwise`: what is used when it fails. */
  read(asked: {
    otherwise: string;
    done(offer: Offer, rows: number): void;
  }): Promise<{ offer: Offer; published: string; source: string; rows: number; prices: OfferPrices }[]>;
}

/** One thing that `doctor` looked at. */
export interface Check {
  name: string;
  result: "ok" | "warn" | "fail";
  found: string;
  /** How to mend it. */
  mend?: string;
}

/** A host that is to be set up, or asked, on Heroku. */
export interface HerokuAsked {
  app: string | undefined;
  /** False: it must be known. */
  mayBeNew: boolean;
  team: string | undefined;
  size: string | undefined;
  addons: string | undefined;
  /** Settings of the platform, named on the command line. */
  chosen: Record<string, string>;
  /** Heroku's own. */
  region: string | undefined;
  awsRegion: string;
  /** A new password, although the owner has signed in already. */
  resetOwner?: boolean;
}

/** A host, and what makes a platform on it this machine's. */
export interface HostInHand {
  host: Host;
  firstUse: FirstUsePorts;
  frontEnd(url: string): Record<string, string>;
  /** The token, and the contexts that lead there. */
  forget(url: string): Promise<void>;
}

export interface Cli {
  version: string;
  /** Every command, for completions. */
  commands: { name: string; summary: string }[];
  /** Settings of this call; without a tenant, that of the token counts. Error `usage` on a bad value; the API's. */
  settings(): Promise<Settings>;
  /** The same as they were given, asking nobody. `newContext`: the context that is named may be a new one. */
  given(options?: { newContext: boolean }): Promise<Settings>;
  /** The context that the command line or the environment names, whether it exists or not. */
  contextAsked(): { context: string | undefined };
  io: Io;
  interrupt: Interrupt;
  clock: Clock;
  processes: Processes;
  /** `--yes`. */
  yes: boolean;
  connect: {
    api(): Promise<CallApi>;
    /**
     * The API's answer to a question, or the embedded one's of before while nobody has written to its books since. The question
     * says all that the answer depends on besides the tenant; the answer is plain JSON.
     */
    fromBooks<T>(question: readonly string[], ask: (call: CallApi, endpoints: Endpoints) => Promise<T>): Promise<T>;
    /** Tenants and their roles, and the templates for their accounts. */
    tenants(): Promise<Pick<ConnectPorts, "books" | "roles" | "templates">>;
    books(): Promise<Books>;
    /** The platform's view: another tenant's API. */
    apiOf(tenantId: string): Promise<CallApi>;
    booksOf(tenantId: string): Promise<Books>;
    /** Who the token of the hosted API belongs to, in their own tenant. */
    me(): Promise<Me>;
    signIn(): Promise<SignInPorts>;
    /** The token of this call for the API at a URL, and where it comes from, in words. */
    token(url: string): Promise<{ token: string; place: string; expiresAt: string | null } | undefined>;
    /** Tells what a job on the platform's workers does, until its end or an interrupt. */
    jobEvents(jobId: string): AsyncIterable<{ type: "progress"; at: string; event: Record<string, unknown> } | { type: "end"; job: Job }>;
    sandbox(): Promise<SandboxControl>;
    contexts(): Promise<ContextStore>;
    /** Where the guided tour stands, between two of them. */
    tourFile(): Promise<{ read(): unknown; write(document: Record<string, unknown>): void; remove(): void }>;
    checks(): Promise<Check[]>;
    /** A running platform, from outside. */
    verification(url: string): Promise<{ platform: Platform; newId(): string; writeReport(path: string, text: string): void }>;
    /** The hosted control API in this process, from the environment. */
    host(options: { host?: string; port?: number; worker?: boolean }): Promise<{
      /** Both until interrupted. */
      serve(): Promise<void>;
      work(concurrency: number | undefined): Promise<void>;
      rotateKeys(options: { endSessions: boolean }): Promise<{ resealed: Record<string, number>; signingKey: string }>;
      /** Errors: `config.owner-password` (usage) without one in the environment; `owner.in-use` (conflict). */
      setOwner(options: { ifUnused: boolean }): Promise<{ id: string }>;
    }>;
    /** Errors: `heroku.token`, `heroku.no-app` (usage). */
    heroku(asked: HerokuAsked): Promise<HostInHand>;
    /** Files in a folder, for a machine of one's own. */
    container(asked: { folder: string; publicUrl: string | undefined; chosen: Record<string, string>; awsRegion: string; force: boolean }): Promise<Host>;
    /** Error `vercel.token` (usage). */
    vercel(asked: { project: string; team: string | undefined; apiUrl: string; awsRegion: string }): Promise<Step[]>;
    /** The hosted API at a URL, with the token that is kept for it. */
    apiAt(url: string): Promise<CallApi>;
    /** Of this shell. Error `variable.unset` (usage). */
    environment(names: string[]): Record<string, Secret>;
    installTerraform(options: {
      to: string;
      releases?: string;
      dryRun: boolean;
    }): Promise<{ file: string; version: string; outcome: "found" | "made"; calls: ShownCall[] }>;
    /** The credential document that the chartctl behind this socket gives. */
    brokeredCredentials(socket: string): Promise<string>;
    credentials(): Promise<Credentials>;
    /** A tenant's bill, and AWS's own forecast of it where that may be asked; what was asked lately is kept. */
    costs(asked: { tenantId: string; source: SourceName; table: string; refresh: boolean }): Promise<KeptCosts & Partial<KeptForecasts>>;
    /** The same line by line, from the source that is named. */
    costDetail(asked: { tenantId: string; source: "ce" | "cur"; table: string; refresh: boolean }): Promise<DetailSource>;
    reportFiles(): Promise<ReportFiles>;
    /** A file that a hosted API made. Errors: the API's own; `report.cut` (external). */
    reportDownload(reportId: string): AsyncIterable<Uint8Array>;
    /** The price table in use, and AWS's price list to make a newer one of. */
    prices(): Promise<PriceStore>;
    /** The usage file that is named, or this folder's; undefined when there is none. Errors `usage-file.*` (usage). */
    usageFile(path: string | undefined): Promise<{ file: string; usage: StatedUsage; ignored: Ignored[] } | undefined>;
    /** The books of a tenant's bill, for whoever reads it into them. */
    billingBooks(tenantId: string, againInHours: number): Promise<BillingBooks>;
    /** The environment for AWS clients: the operator's, or the sandbox's (whose emulator it starts). */
    awsEnvironment(): Promise<NodeJS.ProcessEnv>;
    /** The operator's own AWS account, for `setup aws`. */
    awsSetup(): Promise<AwsSetup>;
    /** What only provision and destroy need: Terraform, the blueprints, direct reads of AWS. */
    infrastructure(): Promise<{
      openStack: OpenStack;
      synthesize: Synthesize;
      inventory: Inventory;
      boundary: Boundary;
      findUnbooked: FindUnbooked;
      prices(): PriceTable;
    }>;
    application(): Promise<Application>;
    templates(): Promise<{ names(): string[] /** The files written. */; write(template: string, folder: string): string[] }>;
    preview(): Promise<{
      startPreview(options: { folder: string; port: number; say(line: string): void }): Promise<{ url: string; close(): Promise<void> }>;
      openBrowser(url: string): void;
    }>;
    /** Where a project's URL is reached from here. */
    reach(): Promise<(url: string) => string>;
  };
  /** Sets the exit code of a run that ends without an error (2: `provision --plan` found changes). */
  exitCode(code: number): void;
}
