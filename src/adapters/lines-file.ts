/**
 * A file of JSON values, one a line, under a head: written piece by piece beside its place, and put there when it is whole.
 * Nothing of writing fails, because what is written was paid for and is told all the same: `finish` says whether it is kept.
 */
import { randomBytes } from "node:crypto";
import { closeSync, ftruncateSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { makePrivateFolder } from "../private-folder.ts";

/** The head is known last, and stands first: room is left for it. Lines begin here. */
const headBytes = 512;
const pieceBytes = 65_536;

export interface LinesDraft {
  add(line: unknown): void;
  /** Begins anew. */
  clear(): void;
  /** `head` is told how many lines there are, and of how many bytes the whole file is. */
  finish(head: (written: { lines: number; bytes: number }) => unknown): boolean;
  remove(): void;
}

export function linesDraft(file: string): LinesDraft {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  let descriptor: number | undefined;
  let pending = "";
  let [lines, end] = [0, 0];
  const remove = (): void => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
    pending = "";
    try {
      rmSync(draft, { force: true });
    } catch {
      // There is no folder for it, or something else in its place, which says so each time.
    }
  };
  /** A folder that isn't writable, or a full disk. */
  const unlessFailing = (work: (to: number) => void): boolean => {
    if (descriptor === undefined) return false;
    try {
      work(descriptor);
      return true;
    } catch {
      remove();
      return false;
    }
  };
  const begin = (to: number): void => {
    end = writeSync(to, `${" ".repeat(headBytes - 1)}\n`, 0);
    lines = 0;
    pending = "";
  };
  const flush = (to: number): void => {
    const piece = Buffer.from(pending);
    for (let written = 0; written < piece.length; ) {
      const bytes = writeSync(to, piece, written, piece.length - written, end);
      [written, end] = [written + bytes, end + bytes];
    }
    pending = "";
  };
  try {
    makePrivateFolder(dirname(file));
    descriptor = openSync(draft, "wx", 0o600);
  } catch {
    remove();
  }
  unlessFailing(begin);
  return {
    add: (line) => {
      if (descriptor === undefined) return;
      lines++;
      pending += `${JSON.stringify(line)}\n`;
      if (pending.length >= pieceBytes) unlessFailing(flush);
    },
    clear: () =>
      void unlessFailing((to) => {
        ftruncateSync(to);
        begin(to);
      }),
    finish: (head) =>
      unlessFailing((to) => {
        flush(to);
        writeSync(to, JSON.stringify(head({ lines, bytes: end })), 0);
        descriptor = undefined;
        closeSync(to);
        renameSync(draft, file);
      }),
    remove,
  };
}

/** The head of an open file. Throws where it is none. */
export function headIn(descriptor: number): unknown {
  const buffer = Buffer.alloc(headBytes);
  readSync(descriptor, buffer, 0, headBytes, 0);
  return JSON.parse(buffer.toString("utf8"));
}

/** By newlines alone: what Node's readline takes for one more differs by its version, and may stand in a value. */
export function* linesIn(descriptor: number): Generator<string> {
  const buffer = Buffer.alloc(pieceBytes);
  const decoder = new TextDecoder();
  let rest = "";
  let position = headBytes;
  for (let bytes = readSync(descriptor, buffer, 0, pieceBytes, position); bytes > 0; bytes = readSync(descriptor, buffer, 0, pieceBytes, position)) {
    position += bytes;
    const lines = (rest + decoder.decode(buffer.subarray(0, bytes), { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
