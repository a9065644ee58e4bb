/** A receiver of webhooks: believes what the specification's own library believes, and fails as it is told to. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";
import { onLoopback } from "./loopback.ts";

/** What it does with a request: a status; reads it and hangs up (`lost`: the answer alone); hangs up before; never answers. */
export type Behaviour = number | "lost" | "cut" | "silent" | { status: number; headers: Record<string, string> };

export interface WebhookReceiver {
  url: string;
  /** `whsec_…`. */
  secret: string;
  /** For the next requests, one after the other; then 204. */
  next: Behaviour[];
  /** What came, signed as it must be. */
  got: { id: string; at: number; event: { type: string; timestamp: string; data: Record<string, unknown> } }[];
  /** What came otherwise. */
  refused: string[];
  /** Paths that were asked for. */
  asked: string[];
  close(): Promise<void>;
}

export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;

export async function webhookReceiver(secret = newWebhookSecret()): Promise<WebhookReceiver> {
  const library = new Webhook(secret);
  const state: Pick<WebhookReceiver, "next" | "got" | "refused" | "asked"> = { next: [], got: [], refused: [], asked: [] };
  const server = createServer((request, response) => {
    let body = "";
    const behaviour = state.next.shift() ?? 204;
    state.asked.push(`${request.method} ${request.url}`);
    if (behaviour === "cut") return request.socket.destroy();
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      try {
        // Signature, time and form: its word, not ours.
        const event = library.verify(body, request.headers as Record<string, string>) as WebhookReceiver["got"][number]["event"];
        state.got.push({ id: String(request.headers["webhook-id"]), at: Number(request.headers["webhook-timestamp"]), event });
      } catch (error) {
        state.refused.push(String(error));
        return response.writeHead(401).end();
      }
      if (behaviour === "silent") return;
      if (behaviour === "lost") return request.socket.destroy();
      const { status, headers } = typeof behaviour === "number" ? { status: behaviour, headers: {} } : behaviour;
      response.writeHead(status, headers).end();
    });
  });
  const { url, close } = await onLoopback(server);
  return { url: `${url}/hooks/t0ken`, secret, ...state, close };
}
