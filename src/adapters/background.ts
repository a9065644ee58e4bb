/** Processes that outlive the command that started them: remembered in a file, found again by the next one, ended by their id. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import lockfile from "proper-lockfile";
import { makePrivateFolder } from "../private-folder.ts";
import { isRunning } from "./processes.ts";
import { writeDurably } from "./terraform/run-folder.ts";

export interface Background {
  url: string;
  pid: number;
  startedAt: string;
}

const endsWithin = 5_000;

/** What the file says; undefined when it was never started, or stopped. */
export function remembered<T extends Background>(dataDir: string, file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, file), "utf8")) as T;
  } catch {
    return undefined;
  }
}

export const remember = (dataDir: string, file: string, process: Background): void => writeDurably(dataDir, file, `${JSON.stringify(process)}\n`);

/** Ends it, gently first, and forgets it. False when it was not running. */
export async function stopRemembered(dataDir: string, file: string): Promise<boolean> {
  const found = remembered(dataDir, file);
  if (!found) return false;
  const running = isRunning(found);
  if (running) {
    process.kill(found.pid, "SIGTERM");
    for (let waited = 0; waited < endsWithin && isRunning(found); waited += 50) await new Promise((resolve) => setTimeout(resolve, 50));
    if (isRunning(found)) process.kill(found.pid, "SIGKILL");
  }
  rmSync(join(dataDir, file), { force: true });
  return running;
}

/** One start at a time: of two commands, the second finds what the first started. */
export async function startingAlone<T>(dataDir: string, start: () => Promise<T>): Promise<T> {
  makePrivateFolder(dataDir);
  const release = await lockfile.lock(dataDir, { retries: { retries: 240, minTimeout: 250, maxTimeout: 250, factor: 1 }, stale: 30_000 });
  try {
    return await start();
  } finally {
    await release();
  }
}

/** Does it answer, and well? */
export async function answersAt(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
