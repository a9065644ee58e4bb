/**
 * Where the hosted platform runs. One adapter a host; the commands know no more of one than this. A host whose processes
 * nobody can ask from here (files for a machine of one's own) has no `running`.
 */
import type { Call, Secret, Step } from "./steps.ts";

export interface Host {
  /** The platform's name there: `chartctl-20261121-184500`. */
  name: string;
  /** Until it answers. Each step finds what stands, so that the whole can be run again. */
  bringUp(): Step[];
  /** Until nothing of it is left; the last step proves it. */
  takeDown(): Step[];
  /** What `takeDown` loses, for whoever is asked. Errors: `not-found` when there is nothing, `conflict` when it is another's. */
  lost(): Promise<string[]>;
  /** Where users reach it; known once it stands. */
  url(): Promise<string>;
  running?: RunningHost;
}

export interface RunningHost {
  /** Whether a process that answers is meant to run: scaled to none, nothing is waited for. */
  serves(): Promise<boolean>;
  /** Until what was asked for runs; whether it answers is another question. */
  scale(wanted: ScaleWanted): Step[];
  /** The newest lines, oldest first; with `follow` until the signal. `call`: what asks for them, once they are read. */
  logs(wanted: LogWanted): { call: Call<unknown>; lines(signal: AbortSignal): AsyncIterable<string> };
  config(): Promise<Record<string, string>>;
  /** Null takes a variable away. */
  setConfig(changes: Record<string, string | Secret | null>): Step[];
  restart(): Step[];
  rotateSecrets(): Step[];
  /** Runs the platform's own command line once, beside the processes, and waits for it. Error `host.once` when it fails (its exit code is `details.status`) or can't be proven. */
  once(args: string[], env: Record<string, string>): Promise<void>;
}

export interface LogWanted {
  lines: number;
  follow: boolean;
  process?: string | undefined;
}

/** Processes by type: how many, of which size; a size alone is meant for all of them. */
export type ScaleWanted = Partial<Record<"web" | "worker", number>> & { size?: string | undefined };
