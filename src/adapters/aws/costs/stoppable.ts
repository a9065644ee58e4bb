/** Questions to AWS change nothing, so that nothing is half done: the first Ctrl-C ends them at once, wherever they wait. */
import Big from "big.js";
import { ChartctlError } from "../../../errors.ts";

/** The SDK's wait before it tries again listens to no signal: that is left alone. Error: what `stopped` makes. */
export async function unlessStopped<T>(
  interrupted: AbortSignal,
  stopped: () => ChartctlError,
  call: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  if (interrupted.aborted) throw stopped();
  let stop = (): void => {};
  const interruption = new Promise<never>((_, reject) => {
    stop = () => reject(stopped());
    interrupted.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([call({ abortSignal: interrupted }), interruption]);
  } catch (error) {
    throw interrupted.aborted ? stopped() : error;
  } finally {
    interrupted.removeEventListener("abort", stop);
  }
}

/** AWS Cost Explorer pricing: each paginated API request. */
const requestDollars = "0.01";
export const dollarsOf = (requests: number): string => new Big(requestDollars).times(requests).toFixed();

/** Requests to Cost Explorer for one answer: counted, because each is paid. Error `interrupted`. */
export interface PaidRequests {
  sent: number;
  send<T>(call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T>;
}

export function paidRequests(interrupted: AbortSignal): PaidRequests {
  const requests: PaidRequests = {
    sent: 0,
    send: async (call) =>
      await unlessStopped(
        interrupted,
        () => stoppedBy(requests.sent),
        async (options) => {
          requests.sent++;
          return await call(options);
        },
      ),
  };
  return requests;
}

const stoppedBy = (sent: number): ChartctlError => {
  const billed = sent === 1 ? "the request that it was sent" : `the ${sent} requests that it was sent`;
  return interruption(
    sent === 0 ? "Stopped before anything was asked" : `Stopped; nothing of this answer is kept. AWS may bill ${billed} ($${dollarsOf(sent)})`,
  );
};

export const interruption = (message: string): ChartctlError =>
  new ChartctlError({ kind: "interrupted", code: "interrupted", message, hint: "ask again, with the same command" });
