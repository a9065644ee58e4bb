/** Questions change nothing, so that nothing is half done: the first Ctrl-C ends them at once, wherever they wait. */
import { ChartctlError } from "../errors.ts";

/** The AWS SDK's wait before it tries again listens to no signal: that is left alone. Error: what `stopped` makes. */
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

export const interruption = (message = "Interrupted"): ChartctlError =>
  new ChartctlError({ kind: "interrupted", code: "interrupted", message, hint: "ask again, with the same command" });
