/** Opens an operation in the books, and takes over from a holder on this machine whose process is gone. */

import type { OpenedOperation, OpenOperation } from "../../contract/lifecycle-endpoints.ts";
import { isChartctlError } from "../../errors.ts";
import { goneHolder } from "../gone-holder.ts";
import type { Books, Processes } from "../ports.ts";

/** What a clean-up decided on, checked again under the lock: refused when it holds no more. */
export interface OnlyIf {
  onlyExpired?: boolean | undefined;
  onlyOverCost?: boolean | undefined;
}

/**
 * Errors: those of `books.open`. A conflict with a running operation whose holder is proven dead on this machine is
 * answered by taking over at once; any other holder keeps its lease until the books' clock ends it.
 */
export async function openOperation(
  ports: { books: Pick<Books, "open">; processes: Processes },
  request: Omit<OpenOperation, "holder" | "holderGone">,
): Promise<OpenedOperation> {
  const wanted = { ...request, holder: ports.processes.self() };
  try {
    return await ports.books.open(wanted);
  } catch (error) {
    const operationId = deadHolder(ports.processes, error);
    if (!operationId) throw error;
    return await ports.books.open({ ...wanted, holderGone: { operationId } });
  }
}

/** The id of the operation that stands in the way, when its holder's process is gone. */
function deadHolder(processes: Processes, error: unknown): string | undefined {
  if (!goneHolder(processes, error, "operation.running") || !isChartctlError(error)) return undefined;
  const operationId = error.details?.operationId;
  return typeof operationId === "string" ? operationId : undefined;
}
