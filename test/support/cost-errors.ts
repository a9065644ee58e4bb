/** An error of a command as a program gets it: one document on stdout, and a hint that can be typed. */
import type { Command } from "commander";
import { expect } from "vitest";
import type { Ran } from "./cli.ts";
import { faultsIn, flagsAlone } from "./typed-commands.ts";

export interface ExpectedError {
  exit: number;
  code: string;
  message: string;
  hint: string;
}

/** `path`: the command that was typed, whose flags the hint may name. */
export function expectError(program: Command, ran: Ran, { exit, code, message, hint }: ExpectedError, path: string[]): void {
  expect({ exit: ran.code, ...documentOf(ran) }).toMatchObject({ exit, kind: "Error", error: { code, message, hint } });
  expect(ran.stderr).not.toMatch(/^\s+at |error:|bug/m);
  expect([...faultsIn(program, hint), ...flagsAlone(program, path, hint)]).toEqual([]);
}

function documentOf({ stdout, stderr }: Ran): object {
  try {
    return JSON.parse(stdout) as object;
  } catch {
    throw new Error(`not one JSON document:\n${stdout}\n${stderr}`);
  }
}
