/** Terraform's state file: which of several copies is the newest that is whole. */
import type { StateCopy } from "../../contract/lifecycle-endpoints.ts";

interface StateDocument {
  version: 4;
  serial: number;
  lineage: string;
  outputs?: Record<string, { value: unknown }>;
  resources?: { mode: string; type: string; name: string; module?: string; instances?: { index_key?: string | number }[] }[];
}

/** Undefined for a file that is cut short, or no version 4 state. */
function parseState(body: string | undefined): StateDocument | undefined {
  if (!body) return undefined;
  try {
    const state = JSON.parse(body) as StateDocument;
    return state.version === 4 && Number.isInteger(state.serial) && typeof state.lineage === "string" ? state : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The newest valid copy; of equal serials the earlier in the list (give errored.tfstate first, then the local file, then
 * the control API's). A copy of another lineage than the stored one counts only when it holds more resources: Terraform
 * starts a new lineage whenever it starts from nothing.
 */
export function newestState(candidates: (string | undefined)[]): StateCopy | undefined {
  const whole = candidates.flatMap((body) => {
    const state = parseState(body);
    return state && body !== undefined ? [{ body, serial: state.serial, lineage: state.lineage, size: state.resources?.length ?? 0 }] : [];
  });
  const best = whole.reduce<(typeof whole)[number] | undefined>((chosen, next) => {
    if (!chosen) return next;
    if (next.lineage === chosen.lineage) return next.serial > chosen.serial ? next : chosen;
    return next.size > chosen.size ? next : chosen;
  }, undefined);
  return best && { body: best.body, serial: best.serial, lineage: best.lineage };
}

export const stateAddresses = (body: string | undefined): string[] =>
  (parseState(body)?.resources ?? [])
    .filter(({ mode }) => mode === "managed")
    .flatMap(({ module, type, name, instances = [] }) => {
      const address = [module, type, name].filter(Boolean).join(".");
      return [...new Set(instances.map(({ index_key: key }) => (key === undefined ? address : `${address}[${JSON.stringify(key)}]`)))];
    });

export const stateOutputs = (body: string | undefined): Record<string, unknown> =>
  Object.fromEntries(Object.entries(parseState(body)?.outputs ?? {}).map(([name, { value }]) => [name, value]));
