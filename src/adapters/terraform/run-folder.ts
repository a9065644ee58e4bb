/** A project's private folder: the files that Terraform runs on, its state, and what was started there. */
import { chmodSync, closeSync, existsSync, fsyncSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChartctlError } from "../../errors.ts";
import { makePrivateFolder } from "../../private-folder.ts";
import { groupMembers, isRunning, startTimeOf } from "../processes.ts";

export interface RunFolder {
  path: string;
  /** For sockets: private, with a short path; away with the run. */
  scratch: string;
}

/** Errors (`failed`): `run-folder.unwritable`, `disk-full`. */
export function makeRunFolder(path: string): RunFolder {
  try {
    makePrivateFolder(path);
    chmodSync(path, 0o700); // it may be older than this rule
    return { path, scratch: mkdtempSync(join(socketRoot(), "chartctl-")) };
  } catch (error) {
    throw folderError(path, error);
  }
}

/** A socket's path has at most 103 characters (macOS; Linux 107), of which our names need some 40. */
const socketRoot = (): string => (tmpdir().length <= 60 ? tmpdir() : "/tmp");

/** Whole or not at all, and on the disk when it returns. */
export function writeDurably(folder: string, name: string, content: string | Uint8Array): void {
  const draft = join(folder, `.${name}.draft`);
  try {
    const file = openSync(draft, "w", 0o600);
    try {
      const bytes = typeof content === "string" ? Buffer.from(content) : content;
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, join(folder, name));
  } catch (error) {
    throw folderError(folder, error);
  }
}

export function readText(folder: string, name: string): string | undefined {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw folderError(folder, error);
  }
}

/** Puts the stack's files in place, and takes away configuration and plans of an earlier run. */
export function writeStack(folder: string, files: Record<string, string | Uint8Array>): void {
  for (const name of readdirSync(folder)) if (/\.tf(\.json)?$|\.tfplan$/.test(name) && !(name in files)) rmSync(join(folder, name), { force: true });
  for (const [name, content] of Object.entries(files)) writeDurably(folder, name, content);
}

/** A file operation's error, said as a person's next step: `run-folder.unwritable`, `disk-full`. */
export function folderError(path: string, error: unknown): ChartctlError {
  const full = (error as NodeJS.ErrnoException).code === "ENOSPC";
  return new ChartctlError({
    kind: "failed",
    code: full ? "disk-full" : "run-folder.unwritable",
    message: full ? `The disk with ${path} is full` : `The folder ${path} can't be written`,
    hint: full ? "free some space and run the command again; it goes on where it stopped" : "make it writable, or set CHARTCTL_HOME to another folder",
    cause: error,
  });
}

// ---------------------------------------------------------------- what runs there

interface Started {
  pid: number;
  startedAt: string;
}
/** What an earlier run left on record. */
interface EarlierRun {
  owner: Started;
  terraform?: Started;
  provider?: Started;
  scratch: string;
}
const startedFile = "processes.json";

/** Remembers the processes of this run, and the chartctl that owns them. */
export function recordProcesses(folder: RunFolder, { terraform, provider }: { terraform?: number | undefined; provider?: number | undefined } = {}): void {
  const named = (pid: number): Started => ({ pid, startedAt: startTimeOf(pid) ?? "gone" });
  const run: EarlierRun = {
    owner: named(process.pid),
    ...(terraform === undefined ? {} : { terraform: named(terraform) }),
    ...(provider === undefined ? {} : { provider: named(provider) }),
    scratch: folder.scratch,
  };
  writeDurably(folder.path, startedFile, JSON.stringify(run));
}

/** A dead chartctl's Terraform was told by its guard to stop; a gentle stop may take as long as one AWS call. */
const patienceMilliseconds = 60_000;

/** Waits for, then ends, what an earlier run of this project left on this machine: Terraform first, which needs its provider. */
export async function endEarlierRun(folder: string, onWait: () => void): Promise<void> {
  const earlier = earlierRun(folder);
  if (!earlier) return;
  const { owner, terraform, provider, scratch } = earlier;
  if (terraform && isRunning(terraform)) {
    onWait();
    // A hung owner's guard never fires: it has lost its lease, so its Terraform is stopped from here.
    if (isRunning(owner)) signal(terraform.pid, "SIGINT");
    await untilGone(terraform, patienceMilliseconds);
  }
  for (const left of [terraform, provider]) {
    if (!left || !isRunning(left)) continue;
    signal(-left.pid, "SIGKILL");
    await untilGone(left, 5_000);
  }
  // A killed leader may leave a provider of its own, which nobody else ends when the guard was killed, too.
  if (terraform) for (const pid of groupMembers(terraform.pid, /terraform-provider-/)) signal(pid, "SIGKILL");
  rmSync(scratch, { recursive: true, force: true });
  rmSync(join(folder, startedFile), { force: true });
}

async function untilGone(process: Started, milliseconds: number): Promise<void> {
  for (const end = Date.now() + milliseconds; isRunning(process) && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 50));
}

function earlierRun(folder: string): EarlierRun | undefined {
  try {
    return JSON.parse(readText(folder, startedFile) ?? "null") ?? undefined;
  } catch {
    return undefined; // written whole, so only a hand can have changed it
  }
}

/** Throw-away folders whose chartctl was killed before it could delete them. */
export async function sweepScratch(root: string): Promise<void> {
  for (const name of existsSync(root) ? readdirSync(root) : []) {
    const folder = join(root, name);
    const earlier = earlierRun(folder);
    if (!earlier || isRunning(earlier.owner)) continue;
    await endEarlierRun(folder, () => {});
    rmSync(folder, { recursive: true, force: true });
  }
}

export const forgetProcesses = (folder: RunFolder): void => {
  rmSync(join(folder.path, startedFile), { force: true });
  rmSync(folder.scratch, { recursive: true, force: true });
};

/** False when there was nobody to signal. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
