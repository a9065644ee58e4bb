/** What is set up and what is missing, told by the setup's own steps: they look, and change nothing. */
import { isChartctlError, messageOf } from "../../errors.ts";
import type { Interrupt } from "../ports.ts";
import type { Outcome, Step } from "./steps.ts";
import { runSteps } from "./steps.ts";

export interface Checked {
  part: string;
  name: string;
  /** `unknown`: it couldn't be looked at. */
  state: "ok" | "missing" | "differs" | "waits" | "unknown";
  found?: string | undefined;
  mend?: string | undefined;
}

/** What a dry run would do about a thing says what is the matter with it. */
const states: Record<Outcome, Checked["state"]> = { found: "ok", made: "missing", changed: "differs", removed: "differs", absent: "ok", waits: "waits" };

/** Each step by itself: one that can't look doesn't hide the others. `mend`: the command that makes what is missing. */
export async function checkSteps(part: string, steps: readonly Step[], { mend, interrupt }: { mend: string; interrupt: Interrupt }): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const step of steps) {
    const { name } = step;
    try {
      const [report] = (await runSteps([step], { dryRun: true, progress: () => {}, interrupt, goOn: mend })).steps;
      const state = states[report?.outcome ?? "found"];
      // What waits for a person says itself what for: the command has done its part.
      checked.push({ part, name, state, found: report?.detail, ...(state === "ok" || state === "waits" ? {} : { mend }) });
    } catch (error) {
      if (!isChartctlError(error) || error.kind === "interrupted") throw error;
      checked.push({ part, name, state: "unknown", found: messageOf(error.cause ?? error), mend: error.hint });
    }
  }
  return checked;
}

export const isComplete = (checked: readonly Checked[]): boolean => checked.every(({ state }) => state === "ok" || state === "waits");
