/** A proxy before the emulator that does what AWS and networks do: hold answers back, lose them, throttle, fail, expire. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * `throttle`, `unavailable` and `expire` answer as the service itself would; `drop` cuts the connection before the request
 * reaches AWS, `lose-answer` after AWS has done it.
 */
export type Fault = "throttle" | "unavailable" | "expire" | "drop" | "lose-answer";

interface Disturbance {
  fault: Fault;
  /** What the request is about; all, when left out. */
  pattern?: RegExp;
  /** Of the requests that fit, 0 to 1; all, when left out. */
  share?: number;
  /** Ends after so many. */
  times?: number;
  /** Lets so many pass first. */
  after?: number;
}

export interface AwsProxy {
  url: string;
  /** Holds the answer to the next request whose target or path fits, until released. `reached`: AWS has done it. */
  hold(pattern: RegExp): { reached: Promise<void>; release(): void };
  /** Answers such requests itself, with this status and body. */
  refuse(pattern: RegExp, status: number, body: string): () => void;
  /** Faults on requests that fit, until the returned function is called. */
  disturb(disturbance: Disturbance): () => void;
  /** What each request so far was about. */
  seen: string[];
  /** Faults done so far, such as `throttle dynamodb`. */
  done: string[];
  close(): Promise<void>;
}

/** `seed` makes the choice of requests repeatable, as far as their order is; `elsewhere` has some services' own stand-ins. */
export async function proxyAws(emulatorUrl: string, seed = 1, elsewhere: Record<string, string> = {}): Promise<AwsProxy> {
  const held: { pattern: RegExp; reached(): void; released: Promise<void> }[] = [];
  const refused: { pattern: RegExp; status: number; body: string }[] = [];
  const disturbed: Disturbance[] = [];
  const done: string[] = [];
  const seen: string[] = [];
  const random = randomFrom(seed);
  const take = (what: string): Fault | undefined => {
    const found = disturbed.find((entry) => (entry.pattern?.test(what) ?? true) && !waits(entry) && (entry.times ?? 1) > 0 && random() < (entry.share ?? 1));
    if (found?.times !== undefined) found.times--;
    return found?.fault;
  };
  const server = createServer(async (incoming, outgoing) => {
    outgoing.on("error", () => {});
    const body = await bodyOf(incoming);
    const what = about(incoming, body);
    seen.push(what);
    const refusal = refused.find(({ pattern }) => pattern.test(what));
    if (refusal) {
      outgoing.writeHead(refusal.status, { "content-type": "application/x-amz-json-1.0" }).end(refusal.body);
      return;
    }
    const fault = take(what);
    if (fault) done.push(`${fault} ${serviceOf(incoming)}`);
    if (fault === "drop") return void incoming.socket.destroy();
    if (fault === "throttle" || fault === "unavailable" || fault === "expire") return answerAs(serviceOf(incoming), fault, outgoing);
    const at = held.findIndex(({ pattern }) => pattern.test(what));
    const hold = at < 0 ? undefined : held.splice(at, 1)[0];
    const forwarded = request(
      (elsewhere[serviceOf(incoming)] ?? emulatorUrl) + incoming.url,
      { method: incoming.method, headers: incoming.headers },
      async (answer) => {
        if (fault === "lose-answer") {
          answer.resume();
          answer.on("end", () => incoming.socket.destroy());
          return;
        }
        if (hold) {
          hold.reached();
          await hold.released;
        }
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on("error", () => outgoing.destroy());
    forwarded.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const until = <T>(list: T[], entry: T) => {
    list.push(entry);
    return () => void list.splice(list.indexOf(entry), 1);
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (pattern) => {
      const [reached, released] = [signal(), signal()];
      held.push({ pattern, reached: reached.give, released: released.given });
      return { reached: reached.given, release: released.give };
    },
    refuse: (pattern, status, body) => until(refused, { pattern, status, body }),
    disturb: (disturbance) => until(disturbed, { ...disturbance }),
    seen,
    done,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Counts one that passes. */
function waits(entry: Disturbance): boolean {
  if (entry.after === undefined || entry.after === 0) return false;
  entry.after--;
  return true;
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What a request is about: DynamoDB and Logs name it in a header, IAM and STS in the form, others in method and path. */
function about({ headers, method, url }: IncomingMessage, body: Buffer): string {
  const form = headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  const action = form ? (new URLSearchParams(body.toString()).get("Action") ?? "") : "";
  return `${headers["x-amz-target"] ?? ""}${action} ${method} ${url}`;
}

/** From the signature's scope: `…/us-east-1/dynamodb/aws4_request`. */
const serviceOf = ({ headers }: IncomingMessage): string => /\/([a-z0-9-]+)\/aws4_request/.exec(headers.authorization ?? "")?.[1] ?? "unknown";

/** Error codes as each protocol's services document them ("Common Errors" of each API reference; S3: "Error responses"). */
const words: Record<"throttle" | "unavailable" | "expire", { s3: [number, string]; query: [number, string]; json: [number, string] }> = {
  throttle: { s3: [503, "SlowDown"], query: [400, "Throttling"], json: [400, "ThrottlingException"] },
  unavailable: { s3: [500, "InternalError"], query: [500, "InternalFailure"], json: [500, "InternalServerError"] },
  expire: { s3: [400, "ExpiredToken"], query: [403, "ExpiredToken"], json: [400, "ExpiredTokenException"] },
};

function answerAs(service: string, fault: "throttle" | "unavailable" | "expire", outgoing: ServerResponse): void {
  const protocol = service === "s3" ? "s3" : service === "iam" || service === "sts" ? "query" : "json";
  const [status, code] = words[fault][protocol];
  const message = `${code} by the test's proxy`;
  if (protocol === "json") {
    const headers = { "content-type": "application/json", "x-amzn-errortype": code };
    outgoing.writeHead(service === "lambda" && fault === "throttle" ? 429 : status, headers).end(JSON.stringify({ __type: code, message, Message: message }));
    return;
  }
  const error = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  const xml = protocol === "s3" ? error : `<ErrorResponse>${error}<RequestId>proxy</RequestId></ErrorResponse>`;
  outgoing.writeHead(status, { "content-type": "text/xml" }).end(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
}

/** Mulberry32: small, seeded, good enough to choose requests. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function signal(): { given: Promise<void>; give(): void } {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}
