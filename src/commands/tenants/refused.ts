/** Of a check that failed, where there is a result to show besides. */
import { outcomes } from "../../errors.ts";

export const refusedExitCode = outcomes.refused.exitCode;
