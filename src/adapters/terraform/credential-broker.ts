/**
 * Hands credentials to Terraform's provider over a private socket. The operator's own never leave this process, none
 * stands in a file or an argument list, and a chartctl that is dead or has lost its lease gives none: the fence.
 */

import type { Server } from "node:net";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { credentialDocument } from "../../contract/credential-process.ts";
import type { CredentialSource } from "../../core/ports.ts";
import { isChartctlError, messageOf } from "../../errors.ts";

export interface Broker {
  socketPath: string;
  /** Why the last request was refused; undefined when it was granted. Terraform itself only says that the helper failed. */
  refusal(): unknown;
  close(): void;
}

/**
 * `folder` must be private (0700); its path short: a socket's may have some hundred characters. `onRefused` is told at
 * once: the provider goes on polling for minutes with credentials that it can't renew (measured with a bucket's wait).
 */
export async function startBroker(folder: string, credentials: CredentialSource, onRefused: (error: unknown) => void = () => {}): Promise<Broker> {
  let refusal: unknown;
  const socketPath = join(folder, "credentials");
  const server: Server = createServer((socket) => {
    socket.on("error", () => {}); // the asker went away
    credentials.get().then(
      (given) => {
        refusal = undefined;
        socket.end(`${credentialDocument(given)}\n`);
      },
      (error: unknown) => {
        refusal = error;
        socket.end(`${JSON.stringify({ error: `${isChartctlError(error) ? `${error.code}: ` : ""}${messageOf(error)}` })}\n`);
        onRefused(error);
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socketPath, resolve);
  });
  server.unref();
  return { socketPath, refusal: () => refusal, close: () => server.close() };
}

/** The asking side: the document, or an error with the broker's words. */
export async function requestCredentials(socketPath: string, timeoutMilliseconds: number): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    const socket = createConnection(socketPath);
    let text = "";
    socket.setEncoding("utf8").setTimeout(timeoutMilliseconds, () => socket.destroy(new Error("chartctl does not answer")));
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("end", () => {
      const answer = parsed(text);
      if (!answer) reject(new Error("chartctl ended before it answered"));
      else if (answer.error) reject(new Error(answer.error));
      else resolve(text);
    });
  });
}

/** Undefined for an answer that broke off. */
function parsed(text: string): { error?: string } | undefined {
  try {
    return JSON.parse(text) as { error?: string };
  } catch {
    return undefined;
  }
}
