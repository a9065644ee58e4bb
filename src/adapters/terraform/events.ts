/** Terraform's `-json` lines ("Machine-Readable UI" in its documentation), as progress, plan and diagnostics. */
import type { PlannedChange, ProgressEvent } from "../../core/ports.ts";

export interface Diagnostic {
  severity: "error" | "warning";
  summary: string;
  detail: string;
  address?: string;
}
export type TerraformEvent = { progress: ProgressEvent } | { change: PlannedChange } | { diagnostic: Diagnostic } | { outputs: Record<string, unknown> };

interface Line {
  type?: string;
  change?: { resource?: { addr: string; resource_type: string }; action?: string; importing?: unknown };
  hook?: { resource?: { addr: string }; action?: string; elapsed_seconds?: number };
  diagnostic?: Partial<Diagnostic>;
  outputs?: Record<string, { value?: unknown }>;
}

const actions = { create: "create", update: "update", delete: "delete", replace: "create", read: "read", import: "import" } as const;
const phases = { apply_start: "start", apply_progress: "progress", apply_complete: "done", apply_errored: "failed" } as const;

/** Undefined for a line that says nothing to us, or is no JSON (a provider's stray print). */
export function terraformEvent(text: string): TerraformEvent | undefined {
  let line: Line;
  try {
    line = JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
  if (typeof line !== "object" || line === null) return undefined;
  if (line.type === "diagnostic" && line.diagnostic) {
    const { severity = "error", summary = "", detail = "", address } = line.diagnostic;
    return { diagnostic: { severity, summary, detail, ...(address ? { address } : {}) } };
  }
  if (line.type === "planned_change" && line.change?.resource) return plannedChange(line.change.resource, line.change);
  if (line.type === "outputs" && line.outputs) return { outputs: Object.fromEntries(Object.entries(line.outputs).map(([name, { value }]) => [name, value])) };
  const phase = phases[line.type as keyof typeof phases];
  const action = actions[line.hook?.action as keyof typeof actions];
  if (phase && action && line.hook?.resource) {
    const { elapsed_seconds: seconds } = line.hook;
    return { progress: { type: "resource", address: line.hook.resource.addr, action, phase, ...(seconds === undefined ? {} : { seconds }) } };
  }
  return undefined;
}

function plannedChange(resource: { addr: string; resource_type: string }, change: NonNullable<Line["change"]>): TerraformEvent | undefined {
  const base = { address: resource.addr, type: resource.resource_type };
  // An import that needs nothing else comes as a no-op.
  if (change.importing && (change.action === "noop" || change.action === "import")) return { change: { ...base, action: "import" } };
  const known = { create: "create", update: "update", replace: "replace", delete: "delete" } as const;
  const action = known[change.action as keyof typeof known];
  return action ? { change: { ...base, action } } : undefined;
}

/** Splits a stream into whole lines; what is left after the last newline waits for more. */
export function lineSplitter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") onLine(line);
  };
}
