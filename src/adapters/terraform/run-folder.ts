/** A project's private folder: the files that Terraform runs on, its state, and what was started there. */
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChartctlError } from "../../errors.ts";
import { isRunning, startTimeOf } from "../processes.ts";

export interface RunFolder {
  path: string;
  /** For sockets: private, with a short path; away with the run. */
  scratch: string;
}

/** Errors (`failed`): `run-folder.unwritable`, `disk-full`. */
export function makeRunFolder(path: string): RunFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return { path, scratch: mkdtempSync(join(tmpdir(), "chartctl-")) };
  } catch (error) {
    throw folderError(path, error);
  }
}

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

function folderError(path: string, error: unknown): ChartctlError {
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
const startedFile = "processes.json";

/** Remembers the processes of this run, and the chartctl that owns them. */
export function recordProcesses(folder: RunFolder, pids: number[]): void {
  const started = [process.pid, ...pids].map((pid): Started => ({ pid, startedAt: startTimeOf(pid) ?? "gone" }));
  writeDurably(folder.path, startedFile, JSON.stringify({ owner: started[0], started: started.slice(1), scratch: folder.scratch }));
}

/** A dead chartctl's Terraform was told by its guard to stop; a gentle stop may take as long as one AWS call. */
const patienceMilliseconds = 60_000;

/** Waits for, then ends, what an earlier run of this project left on this machine. */
export async function endEarlierRun(folder: string, onWait: () => void): Promise<void> {
  const text = readText(folder, startedFile);
  if (!text) return;
  const { owner, started, scratch } = JSON.parse(text) as { owner: Started; started: Started[]; scratch: string };
  const alive = (): Started[] => started.filter(isRunning);
  if (alive().length > 0) {
    onWait();
    // A hung owner's guard never fires: it has lost its lease, so its Terraform is stopped from here.
    if (isRunning(owner)) for (const { pid } of alive()) signal(pid, "SIGINT");
    for (let waited = 0; waited < patienceMilliseconds && alive().length > 0; waited += 200) await new Promise((resolve) => setTimeout(resolve, 200));
    for (const { pid } of alive()) signal(-pid, "SIGKILL");
  }
  rmSync(scratch, { recursive: true, force: true });
  rmSync(join(folder, startedFile), { force: true });
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
