/** An operation in hand: its lease, its journal, its credentials, and how it is closed whatever happens. */
import type { FinishOperation, OpenedOperation } from "../../contract/lifecycle-endpoints.ts";
import type { Operation, Project } from "../../contract/resources.ts";
import { isChartctlError, messageOf } from "../../errors.ts";
import type { Books, Clock, CredentialRequest, CredentialSource, Credentials, Interrupt, Progress, Stack, StackPorts } from "../ports.ts";
import { credentialRequest } from "./identity.ts";
import type { RunStep } from "./journal.ts";
import { journalled } from "./journal.ts";
import { holdLease, interruption, operationCredentials } from "./lease.ts";

export interface Held {
  operation: Operation;
  project: Project;
  step: RunStep;
  /** Ctrl-C once, or the lease is lost. */
  interrupt: Interrupt;
  /** What is true of AWS if this stops now; the owner moves it on before each thing that it does. */
  standing: FinishOperation["standing"];
  /** A failed first provision is being taken away: credentials are those of a destroy. */
  undoing: boolean;
  /** Once opened: its state is stored, and its processes are ended, before the operation closes. */
  stack?: Stack;
  credentials(purpose: () => CredentialRequest["purpose"]): CredentialSource;
  /** What a stack of this operation needs of the books. */
  stackPorts(credentials: CredentialSource): StackPorts;
  /** Closes the operation; after it, nothing is written under this fence any more. */
  finish(end: Omit<FinishOperation, "fence" | "stateSerial">): Promise<Project | null>;
}

export interface HeldPorts {
  books: Books;
  clock: Clock;
  credentials: Pick<Credentials, "issue">;
  progress: Progress;
  interrupt: Interrupt;
}

/**
 * Runs `work` under the operation's lease. When it throws, the operation is closed with what stands: `interrupted` or
 * `failed` while something does, `cancelled` when nothing was touched. A lost lease writes nothing: its successor does.
 * When even closing fails, the operation stays open, its lease ends, and the next run takes over.
 */
export async function underLease<T>(
  ports: HeldPorts,
  opened: OpenedOperation,
  standing: FinishOperation["standing"],
  work: (held: Held) => Promise<T>,
): Promise<T> {
  const { operation, project } = opened;
  const { books, progress } = ports;
  const lease = holdLease(ports, operation);
  const interrupt = { now: ports.interrupt.now, gentle: AbortSignal.any([ports.interrupt.gentle, lease.lost]) };
  const held: Held = {
    operation,
    project,
    interrupt,
    standing,
    undoing: false,
    step: journalled(ports, operation),
    credentials: (purpose) => operationCredentials(ports, operation, () => credentialRequest(project, operation.id, purpose())),
    stackPorts: (credentials) => ({
      credentials,
      progress,
      interrupt,
      saveState: (copy) => books.saveState(operation, copy),
      loadState: async () => (opened.fresh ? undefined : await books.state(project.id)),
    }),
    finish: async (end) => {
      const stateSerial = await held.stack?.settled();
      const closed = await books.finish(operation, { ...end, ...(stateSerial === undefined ? {} : { stateSerial }) });
      return closed.project;
    },
  };
  try {
    return await work(held);
  } catch (error) {
    if (lease.lost.aborted) throw interruption(lease, operation);
    if (isChartctlError(error) && error.code === "operation.fenced") throw error; // the successor closes it
    const interrupted = interrupt.gentle.aborted || isChartctlError(error, "interrupted");
    const reported = interrupted && !isChartctlError(error, "interrupted") ? interruption(lease, operation) : error;
    const touched = held.standing === "something";
    await held
      .finish({ outcome: interrupted ? (touched ? "interrupted" : "cancelled") : "failed", standing: held.standing, error: factsOf(reported) })
      .catch((closing) => progress({ type: "note", level: "warn", message: `The operation stays open until its lease ends: ${messageOf(closing)}` }));
    throw reported;
  } finally {
    lease.release();
    await held.stack?.close();
  }
}

const factsOf = (error: unknown): { code: string; message: string } => ({
  code: isChartctlError(error) ? error.code : "bug",
  message: messageOf(error).slice(0, 2_000),
});
