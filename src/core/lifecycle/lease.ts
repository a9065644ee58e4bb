/** Holds an operation's lease while work goes on, and hands out credentials only while it is ours (DESIGN section 4). */
import type { Operation } from "../../contract/resources.ts";
import { ChartctlError, isChartctlError } from "../../errors.ts";
import type { AwsCredentials, Books, Clock, CredentialRequest, CredentialSource, Credentials, OperationRef } from "../ports.ts";

/** A lease lasts 60 s on the books' clock; three renewals may be lost before it ends. */
const renewEveryMilliseconds = 15_000;

export interface Lease {
  /** Aborts when another holder has taken over; the reason is the error to report. */
  lost: AbortSignal;
  /** Stops renewing; the operation itself is closed with `books.finish`. */
  release(): void;
}

/**
 * Renews until released. An unreachable control API is tried again at the next beat: the books decide by their own
 * clock whether the lease still stands, and the credentials end by themselves when they can't be renewed.
 */
export function holdLease(ports: { books: Pick<Books, "renewLease">; clock: Clock }, operation: OperationRef): Lease {
  const lost = new AbortController();
  const released = new AbortController();
  const beat = async (): Promise<void> => {
    while (!released.signal.aborted) {
      await ports.clock.sleep(renewEveryMilliseconds, released.signal);
      if (released.signal.aborted) return;
      try {
        await ports.books.renewLease(operation);
      } catch (error) {
        if (isChartctlError(error, "conflict", "not-found")) {
          lost.abort(error);
          return;
        }
      }
    }
  };
  void beat();
  return { lost: lost.signal, release: () => released.abort() };
}

/**
 * Credentials for an operation's own processes. Each call first renews the lease: a holder that has lost it is refused,
 * and its Terraform stops by itself. `purpose` is asked at each call, because a clean-up needs other rights than the
 * provision that it follows.
 */
export function operationCredentials(
  ports: { books: Pick<Books, "renewLease">; credentials: Pick<Credentials, "issue"> },
  operation: OperationRef,
  request: () => CredentialRequest,
): CredentialSource {
  return {
    get: async (): Promise<AwsCredentials> => {
      await ports.books.renewLease(operation);
      const issued = await ports.credentials.issue(request());
      if (issued.expiration) await ports.books.renewLease(operation, issued.expiration);
      return issued;
    },
  };
}

const goOn: Record<Operation["kind"], (projectId: string) => string> = {
  provision: (id) => `go on: chartctl provision -p ${id} · take it away: chartctl destroy -p ${id}`,
  deploy: (id) => `go on: chartctl deploy-app -p ${id} · see what answers: chartctl releases -p ${id}`,
  purge: (id) => `go on: chartctl purge -p ${id}`,
  destroy: (id) => `go on: chartctl destroy -p ${id}`,
};

/** The error of whoever stopped the work: a lost lease names its successor, a person gets exit code 130. */
export function interruption(lease: Lease, operation: Pick<Operation, "kind" | "projectId">): ChartctlError {
  if (isChartctlError(lease.lost.reason)) return lease.lost.reason;
  return new ChartctlError({
    kind: "interrupted",
    code: "interrupted",
    message: `Interrupted. What stands is recorded for project ${operation.projectId}`,
    hint: goOn[operation.kind](operation.projectId),
  });
}
