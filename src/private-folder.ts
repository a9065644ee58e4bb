/** A folder that is its owner's alone. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** Step by step: Node's own recursive mkdir never returns where a file system refuses with ENOENT (seen on Node 20 under /proc). */
export function makePrivateFolder(folder: string): void {
  if (existsSync(folder)) return;
  makePrivateFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another process was first
  }
}
