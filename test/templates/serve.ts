/** A template as `chartctl preview` serves it, under the strictest Content-Security-Policy that a page of its own files can have. */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { startPreview } from "../../src/adapters/functions/preview.ts";

export const templates = fileURLToPath(new URL("../../templates/apps", import.meta.url));

export interface Served {
  url: string;
  close(): Promise<void>;
}

/** Loopback only. */
export async function serveApp(folder: string): Promise<Served> {
  const preview = await startPreview({ folder, port: 0, say: () => {} });
  const target = preview.url.replace("localhost", "127.0.0.1");
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const passedOn = request(`${target}${url}`, { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, "content-security-policy": "default-src 'self'" });
      answer.pipe(outgoing);
    });
    passedOn.on("error", () => outgoing.destroy());
    incoming.pipe(passedOn);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
      await preview.close();
    },
  };
}
