/** What the control API is made of; its routes take what they need of it. */
import type { OpenOperation } from "../contract/endpoints.ts";
import type { Limits } from "../contract/resources.ts";
import type { Identify } from "./principal.ts";
import type { Db } from "./store/database.ts";
import type { Seal } from "./store/seal.ts";

export interface ControlApi {
  db: Db;
  seal: Seal;
  identify: Identify;
  now(): Date;
  /** Lower-case hexadecimal of so many random bytes. */
  randomHex(bytes: number): string;
  version: string;
  platformLimits: Limits;
  /** Whole cents; the API reckons itself, whatever a client says. */
  estimateMonthlyCents(desired: NonNullable<OpenOperation["desired"]>): number;
  /** Told of errors of no known kind; their callers only see that it was a bug. */
  onBug(error: unknown): void;
  /** Translates the database's errors. */
  translate(error: unknown): unknown;
}
