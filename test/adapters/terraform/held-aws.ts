/** A proxy before the emulator that holds back answers: AWS has done it, and Terraform doesn't know yet. */
import type { IncomingMessage } from "node:http";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface HeldAws {
  url: string;
  /** Holds the answer to the next request whose target or path fits, until released. `reached`: AWS has done it. */
  hold(pattern: RegExp): { reached: Promise<void>; release(): void };
  /** Answers such requests itself, with this status and body. */
  refuse(pattern: RegExp, status: number, body: string): () => void;
  close(): Promise<void>;
}

/** What a request is about: DynamoDB and Logs name it in a header, S3 in method and path. */
const about = ({ headers, method, url }: IncomingMessage): string => `${headers["x-amz-target"] ?? ""} ${method} ${url}`;

export async function holdAws(emulatorUrl: string): Promise<HeldAws> {
  const held: { pattern: RegExp; reached(): void; released: Promise<void> }[] = [];
  const refused: { pattern: RegExp; status: number; body: string }[] = [];
  const server = createServer((incoming, outgoing) => {
    const refusal = refused.find(({ pattern }) => pattern.test(about(incoming)));
    if (refusal) {
      incoming.resume();
      outgoing.writeHead(refusal.status, { "content-type": "application/x-amz-json-1.0" }).end(refusal.body);
      return;
    }
    const at = held.findIndex(({ pattern }) => pattern.test(about(incoming)));
    const hold = at < 0 ? undefined : held.splice(at, 1)[0];
    const forwarded = request(emulatorUrl + incoming.url, { method: incoming.method, headers: incoming.headers }, async (answer) => {
      if (hold) {
        hold.reached();
        await hold.released;
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    outgoing.on("error", () => {});
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (pattern) => {
      const [reached, released] = [signal(), signal()];
      held.push({ pattern, reached: reached.give, released: released.given });
      return { reached: reached.given, release: released.give };
    },
    refuse: (pattern, status, body) => {
      const entry = { pattern, status, body };
      refused.push(entry);
      return () => void refused.splice(refused.indexOf(entry), 1);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function signal(): { given: Promise<void>; give(): void } {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}
