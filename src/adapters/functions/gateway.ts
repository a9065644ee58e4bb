/**
 * What an emulator lacks: it keeps functions and HTTP APIs, and runs neither. The gateway passes AWS's calls on to it, and
 * answers two things itself: `http://{API id}.localhost:{port}/…` as API Gateway would, and Lambda's Invoke.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { unzipSync } from "fflate";
import type { EmulatedFunction, EmulatedFunctions } from "../aws/emulated-functions.ts";
import { emulatedFunctions } from "../aws/emulated-functions.ts";
import { eventOf, sendAnswer, sendFailure } from "./http-event.ts";
import type { Ran, RunningFunction } from "./worker.ts";
import { startFunction } from "./worker.ts";

export interface Gateway {
  url: string;
  port: number;
  close(): Promise<void>;
}

/** Functions that are kept warm. */
const warm = 8;

/** `folder` holds unpacked code and is the gateway's own; `port` 0 chooses a free one. Listens on loopback only. */
export async function startGateway(options: { upstream: string; folder: string; port?: number }): Promise<Gateway> {
  const { upstream, folder } = options;
  const functions = emulatedFunctions({ AWS_ENDPOINT_URL: upstream });
  const runner = createRunner(functions, upstream, folder);
  const ofApi = new Map<string, Awaited<ReturnType<EmulatedFunctions["ofApi"]>>>();

  const server = createServer((incoming, outgoing) => {
    outgoing.on("error", () => {});
    answer(incoming, outgoing).catch((error: Error) => {
      if (outgoing.headersSent) outgoing.destroy();
      else sendFailure(outgoing, 502, `The gateway failed: ${error.message}`);
    });
  });
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const apiId = apiOf(incoming.headers.host);
    if (apiId !== undefined) return await answerAsApi(apiId, incoming, outgoing);
    if (incoming.url === aliveAt) return void outgoing.end(JSON.stringify({ gateway: true, upstream }));
    const [, name, qualifier] = /^\/2015-03-31\/functions\/([^/]+)\/invocations(?:\?Qualifier=([^&]+))?/.exec(incoming.url ?? "") ?? [];
    if (name === undefined || incoming.method !== "POST") return passOn(upstream, incoming, outgoing);
    await answerAsLambda(decodeURIComponent(name), qualifier && decodeURIComponent(qualifier), incoming, outgoing);
  };
  const answerAsApi = async (apiId: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const target = ofApi.get(apiId) ?? (await functions.ofApi(apiId));
    const found = target && (await functions.find(target.region, target.name, target.qualifier));
    if (!target || !found) {
      ofApi.delete(apiId);
      return sendFailure(outgoing, 404, "Not Found");
    }
    ofApi.set(apiId, target);
    const event = await eventOf(incoming);
    if (!event) return sendFailure(outgoing, 413, "Request Too Long");
    const { payload, failed } = await runner.run(found, event);
    if (failed) sendFailure(outgoing, 500, "Internal Server Error");
    else sendAnswer(outgoing, incoming.method, payload);
  };
  const answerAsLambda = async (name: string, qualifier: string | undefined, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const region = /\/([a-z0-9-]+)\/lambda\/aws4_request/.exec(incoming.headers.authorization ?? "")?.[1] ?? "us-east-1";
    const found = await functions.find(region, name, qualifier);
    if (!found) return passOn(upstream, incoming, outgoing); // the emulator says it in Lambda's words
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const { payload, failed } = await runner.run(found, JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}"));
    outgoing.writeHead(200, {
      "content-type": "application/json",
      "x-amz-executed-version": found.version,
      ...(failed ? { "x-amz-function-error": "Unhandled" } : {}),
    });
    outgoing.end(payload);
  };

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      await runner.stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Answers `{"gateway":true}`: this is one, and it is up. */
export const aliveAt = "/_chartctl/gateway";

/** `abc123.localhost:4000`, or AWS's own `abc123.execute-api.us-east-1.amazonaws.com`. */
const apiOf = (host: string | undefined): string | undefined => /^([a-z0-9]+)\.(?:localhost|execute-api\..+)(?::\d+)?$/i.exec(host ?? "")?.[1];

function passOn(upstream: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const forwarded = request(upstream + incoming.url, { method: incoming.method, headers: incoming.headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  forwarded.on("error", () => outgoing.destroy());
  incoming.pipe(forwarded);
}

interface Runner {
  run(found: EmulatedFunction, event: unknown): Promise<Ran>;
  stop(): Promise<void>;
}

/** Functions by version and code; the one not used longest is stopped when there are too many. */
function createRunner(functions: EmulatedFunctions, upstream: string, folder: string): Runner {
  const running = new Map<string, Promise<RunningFunction>>();
  const start = async (found: EmulatedFunction): Promise<RunningFunction> => {
    const zip = await functions.code(found);
    if (!zip) throw new Error(`the code of ${found.name} version ${found.version} is nowhere to be had`);
    const unpacked = join(folder, Buffer.from(found.codeSha256, "base64").toString("hex"));
    unpack(zip, unpacked);
    const logged = batched((lines) => void functions.log(found, lines).catch(() => {})); // a lost line is no lost request
    return startFunction({
      folder: unpacked,
      timeoutSeconds: found.timeoutSeconds,
      env: environmentOf(found, upstream),
      log: logged,
    });
  };
  return {
    run: async (found, event) => {
      const key = JSON.stringify([found.region, found.name, found.version, found.codeSha256, found.timeoutSeconds, found.variables]);
      const started = running.get(key) ?? start(found);
      const forget = (): void => void (running.get(key) === started && running.delete(key));
      running.delete(key);
      running.set(key, started);
      if (running.size > warm) {
        const [[oldest, longest]] = running as unknown as [[string, Promise<RunningFunction>]];
        running.delete(oldest);
        void longest.then((one) => one.stop()).catch(() => {});
      }
      const one = await started.catch((error: unknown) => {
        forget();
        throw error;
      });
      void one.ended.then(forget);
      return await one.run(event);
    },
    stop: async () => {
      await Promise.all([...running.values()].map(async (started) => (await started.catch(() => undefined))?.stop()));
    },
  };
}

/** Lines together, a tenth of a second's at a time. */
function batched(send: (lines: { at: number; text: string }[]) => void): (text: string) => void {
  const pending: { at: number; text: string }[] = [];
  return (text) => {
    if (pending.length === 0) setTimeout(() => send(pending.splice(0)), 100);
    pending.push({ at: Date.now(), text });
  };
}

/** Names in a zip of ours are plain; anything else is not unpacked. */
function unpack(zip: Uint8Array, to: string): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(unzipSync(zip))) if (name === basename(name)) writeFileSync(join(to, name), content, { mode: 0o600 });
}

const environmentOf = ({ name, version, region, variables }: EmulatedFunction, upstream: string): Record<string, string> => ({
  ...variables,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: version,
  AWS_ACCESS_KEY_ID: "sandbox",
  AWS_SECRET_ACCESS_KEY: "sandbox",
  AWS_ENDPOINT_URL: upstream,
});
