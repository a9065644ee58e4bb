/**
 * Setting up an outside system, such that it can be run again: each step looks at what stands, and makes only the changes
 * that are missing. With `dryRun` the changes are told instead, in the same order, with the same bodies.
 */
import { ChartctlError, isChartctlError, messageOf } from "../../errors.ts";
import type { Interrupt, Progress } from "../ports.ts";

/** A value that is sent, and never shown: not in a dry run, not in a log. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return "***";
  }
  toJSON(): string {
    return "***";
  }
}

/** The same data with every `Secret` in it opened: what is sent. */
export type Revealed<T> = T extends Secret ? string : T extends object ? { [K in keyof T]: Revealed<T[K]> } : T;

/** One call that changes something. */
export interface Call<Body> {
  /** As the service's own reference names it: `iam:CreateRole`, `POST /apps`. */
  operation: string;
  body: Body;
}

/** A change as a dry run shows it. */
export interface ShownCall {
  step: string;
  operation: string;
  /** Plain data; secrets are `***`. */
  body: unknown;
}

export interface Changes {
  dryRun: boolean;
  /** Sends the call. In a dry run it is noted instead, and `pretended` stands for the answer. */
  make<Body, Answer>(call: Call<Body>, send: (body: Revealed<Body>) => Promise<Answer>, pretended: Answer): Promise<Answer>;
}

/** What a step found or did: nothing to do, made, changed, taken away. `waits`: something is left for a person to do. */
export type Outcome = "found" | "made" | "changed" | "removed" | "absent" | "waits";

export interface Step {
  /** The thing that will stand, or be gone: `broker role chartctl-broker`. */
  name: string;
  /** Only looked at: somebody else's, which setup neither makes nor takes away. */
  given?: true;
  /** May give what a person should know of it, in one line. */
  run(changes: Changes): Promise<Outcome | { outcome: Outcome; detail: string }>;
}

export interface StepReport {
  name: string;
  outcome: Outcome;
  detail?: string;
}

export interface SetupReport {
  dryRun: boolean;
  steps: StepReport[];
  /** What a dry run would send. */
  calls: ShownCall[];
}

export interface RunStepsOptions {
  dryRun: boolean;
  progress: Progress;
  interrupt: Interrupt;
  /** The command that goes on where this stopped; it may depend on what stopped it. */
  goOn: string | ((error: ChartctlError) => string);
  /** The command that takes away what was made; none where nothing is. */
  undo?: string;
}

/**
 * In order, each after the one before it. Errors: that of the step that failed, with its kind and code, the names of what
 * stands by now, and the commands that go on or undo.
 */
export async function runSteps(steps: readonly Step[], options: RunStepsOptions): Promise<SetupReport> {
  const { dryRun, progress, interrupt } = options;
  const done: StepReport[] = [];
  const standing = (): StepReport[] =>
    done.filter(({ outcome }, at) => (outcome === "made" || outcome === "changed" || outcome === "found") && steps[at]?.given !== true);
  const calls: ShownCall[] = [];
  for (const step of steps) {
    if (interrupt.gentle.aborted)
      throw stopped(new ChartctlError({ kind: "interrupted", code: "interrupted", message: "Interrupted" }), step, { done, standing: standing() }, options);
    const changes: Changes = {
      dryRun,
      make: async (call, send, pretended) => {
        if (!dryRun) return await send(reveal(call.body));
        calls.push({ step: step.name, operation: call.operation, body: JSON.parse(JSON.stringify(call.body ?? null)) });
        return pretended;
      },
    };
    progress({ type: "part", title: step.name, phase: "start" });
    try {
      const answer = await step.run(changes);
      const report: StepReport = { name: step.name, ...(typeof answer === "string" ? { outcome: answer } : answer) };
      done.push(report);
      progress({ type: "part", title: step.name, phase: "done", detail: dryRun ? undefined : doneText(report) });
    } catch (error) {
      progress({ type: "part", title: step.name, phase: "failed" });
      throw stopped(error, step, { done, standing: standing() }, options);
    }
  }
  return { dryRun, steps: done, calls };
}

/** What waits for a person is said once, in the report. */
const doneText = ({ outcome, detail }: StepReport): string => (detail === undefined || outcome === "waits" ? outcome : `${outcome}: ${detail}`);

function reveal<T>(value: T): Revealed<T> {
  if (value instanceof Secret) return value.reveal() as Revealed<T>;
  if (Array.isArray(value)) return value.map(reveal) as Revealed<T>;
  if (typeof value !== "object" || value === null) return value as Revealed<T>;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, reveal(part)])) as Revealed<T>;
}

/** Our own bugs stay what they are. */
function stopped(error: unknown, step: Step, { done, standing }: Record<"done" | "standing", StepReport[]>, { dryRun, goOn, undo }: RunStepsOptions): unknown {
  if (!isChartctlError(error)) return error;
  const what = standing.length === 0 || dryRun ? "Nothing was changed before it." : `Before it: ${standing.map(({ name }) => name).join(", ")}.`;
  const next = dryRun ? [] : [`go on with: ${typeof goOn === "string" ? goOn : goOn(error)}`, ...(undo && standing.length > 0 ? [`undo with: ${undo}`] : [])];
  return new ChartctlError({
    kind: error.kind,
    code: error.code,
    message: `Stopped at ${step.name}: ${messageOf(error)}. ${what}`.replaceAll("..", "."),
    hint: [error.hint, ...next].filter(Boolean).join("; "),
    details: { ...error.details, stoppedAt: step.name, done },
    cause: error,
  });
}
