/** Runs a function's code in a thread of its own, as Lambda runs it in a container: own environment, time limit, log. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";

export interface FunctionSpec {
  /** The unpacked code; `index.mjs` exports `handler`. */
  folder: string;
  env: Record<string, string>;
  timeoutSeconds: number;
  log(line: string): void;
}

export interface Ran {
  payload: string;
  /** True when the payload is an error's `errorMessage` and `errorType`. */
  failed: boolean;
}

export interface RunningFunction {
  /** One event at a time is Lambda's promise to a container; here they may overlap, as in several containers. */
  run(event: unknown): Promise<Ran>;
  /** Resolves when its thread has ended, by whatever cause: another one is to be started. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** In the thread: CommonJS, because that is what `eval` takes. */
const program = `
const { parentPort, workerData } = require("node:worker_threads");
const loaded = import(workerData.entry);
loaded.catch(() => {});
parentPort.on("message", async ({ id, event, deadline }) => {
  const context = { functionName: process.env.AWS_LAMBDA_FUNCTION_NAME, functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION, awsRequestId: String(id), getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) };
  try {
    const { handler } = await loaded;
    const answer = await handler(event, context);
    parentPort.postMessage({ id, payload: JSON.stringify(answer === undefined ? null : answer), failed: false });
  } catch (error) {
    console.error(error);
    parentPort.postMessage({ id, payload: JSON.stringify({ errorType: error?.name ?? "Error", errorMessage: String(error?.message ?? error) }), failed: true });
  }
});`;

/** Lambda's limit for a synchronous answer (developer guide, "Lambda quotas"). */
const largestPayload = 6_291_556;
const tooLarge: Ran = {
  payload: JSON.stringify({
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: `Response payload size exceeded maximum allowed payload size (${largestPayload} bytes).`,
  }),
  failed: true,
};

export function startFunction({ folder, env, timeoutSeconds, log }: FunctionSpec): RunningFunction {
  const worker = new Worker(program, {
    eval: true,
    workerData: { entry: pathToFileURL(join(folder, "index.mjs")).href },
    env: { ...env, TZ: "UTC" },
    stdout: true,
    stderr: true,
  });
  worker.unref();
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split("\n")) if (line.trim() !== "") log(line);
    });
  }
  const waiting = new Map<number, (ran: Ran) => void>();
  const failAll = (type: string, message: string): void => {
    for (const [id, done] of waiting) {
      waiting.delete(id);
      done({ payload: JSON.stringify({ errorType: type, errorMessage: message }), failed: true });
    }
  };
  worker.on("message", ({ id, payload, failed }: Ran & { id: number }) => {
    waiting.get(id)?.(payload.length > largestPayload ? tooLarge : { payload, failed });
    waiting.delete(id);
  });
  worker.on("error", (error: Error) => failAll(error.name, error.message));
  const ended = new Promise<void>((resolve) => {
    worker.on("exit", () => {
      failAll("Runtime.ExitError", "the function's process ended");
      resolve();
    });
  });
  let last = 0;
  return {
    ended,
    run: async (event) =>
      await new Promise<Ran>((resolve) => {
        const id = ++last;
        const timer = setTimeout(() => {
          waiting.delete(id);
          log(`Task timed out after ${timeoutSeconds} seconds`);
          resolve({ payload: JSON.stringify({ errorType: "Sandbox.Timedout", errorMessage: `Task timed out after ${timeoutSeconds} seconds` }), failed: true });
          void worker.terminate();
        }, timeoutSeconds * 1_000);
        waiting.set(id, (ran) => {
          clearTimeout(timer);
          resolve(ran);
        });
        worker.postMessage({ id, event, deadline: Date.now() + timeoutSeconds * 1_000 });
      }),
    stop: async () => void (await worker.terminate()),
  };
}
