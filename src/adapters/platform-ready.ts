/** Whether a platform that was just started answers yet. */

const answerMilliseconds = 10_000;

/** Undefined: nothing that is chartctl answers there, or nobody waits for it any more. */
export async function askReady(fetch: typeof globalThis.fetch, url: string, interrupted: AbortSignal): Promise<boolean | undefined> {
  try {
    const response = await fetch(`${url}/api/ready`, { signal: AbortSignal.any([interrupted, AbortSignal.timeout(answerMilliseconds)]) });
    const { status } = (await response.json()) as { status?: unknown };
    return status === "ready" ? true : status === "not ready" ? false : undefined;
  } catch {
    return undefined; // a router's own page, or nothing yet
  }
}
