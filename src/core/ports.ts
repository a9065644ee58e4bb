/**
 * The outside world as the use cases see it: small, plain objects of functions.
 * Use cases take just the ones they need; adapters make them; main wires them.
 */
import type { BlueprintName, ServerlessWebParameters } from "../contract/blueprints.ts";
import type { FinishOperation, OpenedOperation, OpenOperation, RecordRelease, StateCopy } from "../contract/lifecycle-endpoints.ts";
import type { Holder, Operation, Project, Quota, Release } from "../contract/resources.ts";

/** Wall clock and timers. `sleep` ends early, without an error, when the signal aborts. */
export interface Clock {
  now(): Date;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** What a person may do while a use case runs: `gentle` is Ctrl-C once, `now` is twice. */
export interface Interrupt {
  gentle: AbortSignal;
  now: AbortSignal;
}

/** A value that a command can't do without. */
export interface Wanted {
  /** `the tenant`. */
  what: string;
  /** How it is given without a terminal. */
  flag: string;
  message: string;
  /** Not shown while it is typed. */
  secret?: boolean;
  otherwise?: string;
  /** What is wrong about it; undefined when nothing is. */
  wrong?(value: string): string | undefined;
}

/** One of several; `flag`: how it is given without a terminal. */
export type Choose = <T extends string>(question: {
  what: string;
  flag: string;
  message: string;
  choices: readonly { value: T; name: string }[];
  otherwise: T;
}) => Promise<T>;

/** Asks before something is done; false means no. Without a terminal it is a usage error that names the flag. */
export type Confirm = (question: Question) => Promise<boolean>;
export type Question =
  | { about: "apply"; plan: Plan; monthlyCents: number }
  | { about: "destroy"; project: Project; standing: string[]; purge: boolean }
  | { about: "purge"; project: Project; data: boolean }
  /** Takes away what setup made; `name` is what is typed to agree. */
  | { about: "teardown"; name: string; lost: string };

// ---------------------------------------------------------------- progress

export type Step =
  | "take-over"
  | "boundary"
  | "plan"
  | "apply"
  | "adopt"
  | "destroy"
  | "verify"
  | "build"
  | "upload"
  | "publish"
  | "check"
  | "switch"
  | "answer"
  | "reset"
  | "empty"
  | "clear";
export type ProgressEvent =
  | { type: "step"; step: Step; phase: "start" | "done" | "failed"; detail?: string }
  | {
      type: "resource";
      address: string;
      action: "create" | "update" | "delete" | "import" | "read";
      phase: "start" | "progress" | "done" | "failed";
      seconds?: number;
    }
  /** One of many things that are set up. */
  | { type: "part"; title: string; phase: "start" | "done" | "failed"; detail?: string | undefined }
  | { type: "plan"; plan: Plan; monthlyCents: number }
  /** Within a step; `total` where it is known. */
  | { type: "count"; done: number; total?: number; unit: string }
  | { type: "note"; level: "info" | "warn"; message: string };
export type Progress = (event: ProgressEvent) => void;

// ---------------------------------------------------------------- books (control API)

/** An operation in hand: what every later write names. */
export interface OperationRef {
  id: string;
  fence: number;
}

export interface Books {
  /** Undefined when the tenant has no such project. */
  project(projectId: string): Promise<Project | undefined>;
  /** Errors: quota and cost (`refused`), running operation or active application (`conflict`), `not-found`. */
  open(request: OpenOperation): Promise<OpenedOperation>;
  /** Error `operation.fenced` (`conflict`) when another holder has taken over. */
  renewLease(operation: OperationRef, credentialsExpireAt?: Date): Promise<{ leaseExpiresAt: string }>;
  journal(operation: OperationRef, line: { step: string; phase: "intent" | "done"; detail?: Record<string, unknown> }): Promise<void>;
  saveState(operation: OperationRef, copy: StateCopy): Promise<void>;
  state(projectId: string): Promise<StateCopy | undefined>;
  finish(operation: OperationRef, end: Omit<FinishOperation, "fence">): Promise<{ operation: Operation; project: Project | null }>;
  quota(userId?: string): Promise<Quota>;
  projects(): Promise<Project[]>;
  /** Newest first. */
  releases(projectId: string): Promise<Release[]>;
  /** Numbers the release of this deploy; asked again, the same one. */
  recordRelease(operation: OperationRef, facts: RecordRelease): Promise<Release>;
  /** Counts a clean-up that failed; the project says when the next try is due. */
  recordCleanup(projectId: string, error: string): Promise<Project>;
}

// ---------------------------------------------------------------- processes

/** This process, and whether another one on this machine still runs. */
export interface Processes {
  self(): Holder;
  /** `elsewhere`: another machine, nothing can be said. */
  look(holder: Holder): "running" | "gone" | "elsewhere";
}

// ---------------------------------------------------------------- blueprints

export interface StackIdentity {
  tenantId: string;
  userId: string;
  projectId: string;
  projectKey: string;
  region: string;
  environment: string;
  /** ISO 8601; the `CreatedAt` tag. */
  createdAt: string;
  accountId: string;
}

/** One resource that a blueprint declares, with the attributes that are known before the plan. */
export interface DeclaredResource {
  /** Terraform's address: `aws_s3_bucket.site`. */
  address: string;
  type: string;
  attributes: Record<string, unknown>;
}

/** What Terraform runs: files for the run folder (relative names), and what they declare. */
export interface Synthesized {
  files: Record<string, string | Uint8Array>;
  resources: DeclaredResource[];
}

export type Synthesize = (blueprint: BlueprintName, identity: StackIdentity, parameters: ServerlessWebParameters) => Synthesized;

// ---------------------------------------------------------------- credentials

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

/** Gives credentials for one operation; each call first proves that the operation is still ours. */
export interface CredentialSource {
  get(): Promise<AwsCredentials>;
}

/** Who is asked for, for what: the session policy follows from it. */
export interface CredentialRequest {
  tenantId: string;
  userId: string;
  projectId: string;
  projectKey: string;
  region: string;
  /** The role session name; an operation's id, or a person's read. */
  sessionName: string;
  purpose: "provision" | "destroy" | "purge" | "deploy" | "read" | "logs" | "costs" | "boundary" | "boundary-read";
}

export interface Credentials {
  /** The account that these credentials reach. Error `account.mismatch` (`refused`) when it isn't the tenant's. */
  account(request: CredentialRequest): Promise<string>;
  issue(request: CredentialRequest): Promise<AwsCredentials>;
  /** How this tenant's credentials come: shown, and flagged when direct. */
  kind(tenantId: string): Promise<"tenant-role" | "platform-role" | "direct">;
}

// ---------------------------------------------------------------- stacks (Terraform)

export interface PlannedChange {
  address: string;
  type: string;
  action: "create" | "update" | "replace" | "delete" | "import";
  /** Attribute paths that change; only for update and replace. */
  attributes?: string[];
}
export interface Plan {
  changes: PlannedChange[];
  /** Account-wide things that the provision makes beside the project. */
  besides: string[];
}

/** A resource that AWS has, and Terraform's state doesn't. */
export interface Adoption {
  address: string;
  importId: string;
}

export interface StackSpec {
  identity: StackIdentity;
  synthesized: Synthesized;
  /**
   * A throw-away folder: nothing of the project's run folder is touched or waited for, the state is `loadState`'s copy,
   * and `close` deletes it. For plans that change nothing.
   */
  scratch?: boolean;
}

export interface StackPorts {
  credentials: CredentialSource;
  /** Sends a newer, complete state; the stack calls it while Terraform runs, and a last time in `settled`. */
  saveState(copy: StateCopy): Promise<void>;
  /** The control API's copy, for when the run folder has none or an older one. */
  loadState(): Promise<StateCopy | undefined>;
  progress: Progress;
  interrupt: Interrupt;
}

/** One project's infrastructure as Terraform sees it, in the project's private run folder. */
export interface Stack {
  /** Addresses in the state now. */
  addresses(): Promise<string[]>;
  /** A saved plan. `refresh: false` only on a state that is known to be empty. */
  plan(options: { refresh: boolean; adopt: Adoption[] }): Promise<Plan>;
  /** Applies the saved plan. */
  apply(): Promise<{ outputs: Record<string, unknown> }>;
  outputs(): Promise<Record<string, unknown>>;
  /** Takes resources into the state at once (Terraform ignores import blocks in a destroy plan). */
  adopt(adoptions: Adoption[]): Promise<void>;
  /** Destroys everything in the state. */
  destroy(): Promise<void>;
  /** Any Terraform command, on the terminal's own output; its exit code. */
  passThrough(args: string[]): Promise<number>;
  /** Waits until the newest state is stored; its serial, or undefined when there never was one. */
  settled(): Promise<number | undefined>;
  /** Ends every process of this stack; safe to call twice. */
  close(): Promise<void>;
  /** Deletes the run folder; only after absence is proven. */
  remove(): Promise<void>;
}

/**
 * Ends what an earlier, dead run of this project left running on this machine, restores the newest valid state
 * (errored.tfstate, the local file, the control API's copy), writes the files and starts the provider.
 */
export type OpenStack = (spec: StackSpec, ports: StackPorts) => Promise<Stack>;

// ---------------------------------------------------------------- inventory (direct reads of AWS)

export interface Finding {
  kind: string;
  /** What a person calls it: a name or an ARN. */
  name: string;
  /** Where the blueprint declares it, with Terraform's import id; absent for what only use leaves behind. */
  adoption?: Adoption;
  /** True when its tags or its name's project key say that it is this project's. */
  ours: boolean;
  /** Such as `3 object versions`. */
  detail?: string;
}
export interface InventoryRead {
  kind: string;
  /** The AWS call and its argument, as a person would read it. */
  asked: string;
  at: string;
  findings: Finding[];
}

/** Reads AWS directly, kind by kind, for what the blueprint can make or its use can leave behind. */
export interface Inventory {
  read(target: { identity: StackIdentity; resources: DeclaredResource[] }, credentials: CredentialSource): Promise<InventoryRead[]>;
}

/** Things in AWS that carry a tenant's tags, one project's together. */
export interface Unbooked {
  key: string;
  project: string;
  userId: string;
  region: Project["region"];
  environment: Project["environment"];
  createdAt: string;
  /** As AWS names them; at least one that a direct read has found. */
  names: string[];
}
/** Every project that AWS has something of, by its tags, in the tenant's account; whether it is booked the caller knows. */
export type FindUnbooked = (tenant: { tenantId: string; userId: string }) => Promise<Unbooked[]>;

/** The account's permissions boundary, `chartctl-boundary`. */
export interface Boundary {
  /** True when it is there. */
  exists(accountId: string, region: string, credentials: CredentialSource): Promise<boolean>;
  /** Makes it; no error when another process was first. */
  create(accountId: string, region: string, credentials: CredentialSource): Promise<void>;
}
