/** What a program prints, by way of a file: on a pipe, Go programs die of SIGPIPE when chartctl does, before Terraform's state is written. */
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { folderError } from "./run-folder.ts";

export interface Output {
  /** For the program's stdout or stderr. */
  fd: number;
  /** Reads what is left, and deletes the file. */
  finish(): void;
}

/** Errors (`failed`): `run-folder.unwritable`, `disk-full`. */
export function followOutput(folder: string, name: string, everyMilliseconds: number, onText: (text: string) => void): Output {
  const path = join(folder, name);
  const [fd, reading] = opened(folder, path);
  const decoder = new StringDecoder("utf8");
  const chunk = Buffer.alloc(65_536);
  let at = 0;
  const read = (): void => {
    for (let size = readSync(reading, chunk, 0, chunk.length, at); size > 0; size = readSync(reading, chunk, 0, chunk.length, at)) {
      at += size;
      onText(decoder.write(chunk.subarray(0, size)));
    }
  };
  const timer = setInterval(read, everyMilliseconds);
  let finished = false;
  return {
    fd,
    finish: () => {
      if (finished) return;
      finished = true;
      clearInterval(timer);
      try {
        read();
      } finally {
        for (const each of [fd, reading]) closeSync(each);
        rmSync(path, { force: true });
      }
    },
  };
}

function opened(folder: string, path: string): [number, number] {
  try {
    return [openSync(path, "w", 0o600), openSync(path, "r")];
  } catch (error) {
    throw folderError(folder, error);
  }
}
