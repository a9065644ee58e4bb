/** The outside world as applications need it: the bundler, the bucket, the function, its log, and its own answers. */
import type { CredentialSource, StackIdentity } from "./ports.ts";

/** Something to be in the project's bucket, under a key that its content decides. */
export interface AppObject {
  key: string;
  /** `Content-Type`, `Cache-Control`, `Content-Encoding`. */
  type: string;
  cache: string;
  gzip: boolean;
  /** Bytes before gzip. */
  size: number;
  /** The bytes as they are stored; error `app.changed` (`conflict`) when the file isn't the one that was built from any more. */
  read(): Promise<Uint8Array>;
}

/** An application, built and checked, ready to be uploaded; the same folder gives the same bytes. */
export interface BuiltApp {
  /** SHA-256, hex, over everything that is deployed. */
  build: string;
  /** What the pages load first, the pages themselves last. */
  files: AppObject[];
  /** The function's zip. */
  code: AppObject;
  /** SHA-256 of the zip, base64, as Lambda says it. */
  codeSha256: string;
  /** Of all files, before gzip, and the zip. */
  bytes: number;
  health: string;
  /** `folder /path` or `template NAME`. */
  source: string;
}
export type AppSource = { folder: string } | { template: string };
/** Errors: `app.*` (`usage`), each with the file that it is about. */
export type BuildApp = (source: AppSource) => Promise<BuiltApp>;

/** An answer of the application itself. */
export interface AppAnswer {
  status: number;
  /** The build that answered; undefined when none says so. */
  build: string | undefined;
  /** The start of what it said. */
  body: string;
}

/** Where a project's application runs: its bucket and its function. Long calls end early when the signal aborts. */
export interface AppHost {
  /** Keys of the application's objects that are in the bucket. */
  stored(): Promise<Set<string>>;
  upload(objects: AppObject[], done: (object: AppObject) => void, signal: AbortSignal): Promise<void>;
  /** The version that answers requests; `revision` guards a switch against another one in between. */
  live(): Promise<{ version: string; revision: string; current: boolean; codeSha256: string }>;
  /** A version with this code and the function's settings of now: an earlier one, or a new one. */
  publish(code: { key: string; codeSha256: string }): Promise<string>;
  /** Asks a version directly, whether requests reach it or not. */
  ask(version: string, path: string): Promise<AppAnswer>;
  /** All requests from now on, in one step. Error `app.switched` (`conflict`) when somebody else has switched since. */
  switchTo(version: string, revision: string): Promise<{ revision: string }>;
}
export type OpenAppHost = (identity: StackIdentity, credentials: CredentialSource) => AppHost;

/** Asks a URL as a client would. Errors: `app.unreachable` (`external`). */
export type Probe = (url: string, signal: AbortSignal) => Promise<AppAnswer>;

export interface LogLine {
  /** ISO 8601. */
  at: string;
  text: string;
}
/** The function's log lines from this time on, oldest first. */
export type ReadLogs = (identity: StackIdentity, credentials: CredentialSource, from: Date) => Promise<LogLine[]>;

/** How far emptying has come. */
export interface Emptied {
  objects: number;
  uploads: number;
  items: number;
}
/** Takes an application off a project. What isn't there any more counts as done, so each can be run again. */
export interface AppRemoval {
  /** The placeholder answers again, and no earlier code is left. */
  reset(): Promise<void>;
  /** Every version, delete marker and unfinished upload. Error `purge.locked` (`refused`) names what may not go, and until when. */
  emptyBucket(progress: (emptied: Emptied) => void, signal: AbortSignal): Promise<Emptied>;
  /** Every item of the table. */
  clearTable(progress: (emptied: Emptied) => void, signal: AbortSignal): Promise<Emptied>;
}
export type OpenAppRemoval = (identity: StackIdentity, credentials: CredentialSource) => AppRemoval;
