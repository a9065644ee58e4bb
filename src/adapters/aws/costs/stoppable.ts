/** Questions that are paid for, counted: the first Ctrl-C ends them, and says what AWS may bill. */
import Big from "big.js";
import { interruption, unlessStopped } from "../../../core/stoppable.ts";
import type { ChartctlError } from "../../../errors.ts";

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
