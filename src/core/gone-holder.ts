/** Who stands in the way, when their process is known to be gone: only on their own machine can that be seen. */
import type { Holder } from "../contract/resources.ts";
import { holderSchema } from "../contract/resources.ts";
import { isChartctlError } from "../errors.ts";
import type { Processes } from "./ports.ts";

/** The dead holder that a conflict of this code names; undefined for any other error, and for one that may still live. */
export function goneHolder(processes: Pick<Processes, "look">, error: unknown, code: string): Holder | undefined {
  if (!isChartctlError(error, "conflict") || error.code !== code) return undefined;
  const holder = holderSchema.safeParse(error.details?.holder);
  return holder.success && processes.look(holder.data) === "gone" ? holder.data : undefined;
}
