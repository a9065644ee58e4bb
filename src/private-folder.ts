/** Folders, made step by step: Node's own recursive mkdir never returns where a file system refuses with ENOENT (seen on Node 20 under /proc). */
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

export function makeFolder(folder: string, mode?: number): void {
  if (existsSync(folder) || dirname(folder) === folder) return;
  makeFolder(dirname(folder), mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another process was first
  }
}

/** Its owner's alone. */
export const makePrivateFolder = (folder: string): void => makeFolder(folder, 0o700);
