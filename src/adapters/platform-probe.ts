/** Asks a platform's own address over HTTP, once a question, and looks at its certificate. */
import { connect } from "node:tls";
import type { Platform } from "../core/verify/platform.ts";
import { ChartctlError, messageOf } from "../errors.ts";

const timeoutMilliseconds = 15_000;

export const platformAt = (url: string, token: string | undefined): Platform => ({
  url,
  signedIn: token !== undefined,
  ask: async ({ method, path, headers, body, as }) => {
    const shown = token === undefined || as === "nobody" ? undefined : as === "forger" ? changed(token) : token;
    try {
      const response = await fetch(new URL(path, url), {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMilliseconds),
        headers: {
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(shown === undefined ? {} : { authorization: `Bearer ${shown}` }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: Object.fromEntries(response.headers), body: json(text) };
    } catch (error) {
      throw new ChartctlError({
        kind: "external",
        code: "api.unreachable",
        message: `${url} doesn't answer: ${messageOf(error)}`,
        hint: "check the address, and whether the platform runs",
        cause: error,
      });
    }
  },
  certificate: async () => {
    const { hostname, port } = new URL(url);
    const name = hostname.replace(/^\[|\]$/g, "");
    return await new Promise((resolve, reject) => {
      const socket = connect({ host: name, port: Number(port || 443), servername: name, timeout: timeoutMilliseconds }, () => {
        const { valid_to, issuer } = socket.getPeerCertificate();
        socket.end();
        resolve({ endsAt: new Date(valid_to), issuer: [issuer.O ?? issuer.CN].flat().join(", ") });
      });
      const failed = (error: Error): void => {
        socket.destroy();
        reject(
          new ChartctlError({
            kind: "external",
            code: "tls.failed",
            message: `The certificate doesn't count: ${error.message}`,
            hint: "renew it",
            cause: error,
          }),
        );
      };
      socket.once("error", failed);
      socket.once("timeout", () => failed(new Error("no answer in time")));
    });
  },
});

/** One character in the middle, where a signature or a secret is. */
function changed(token: string): string {
  const at = token.length - 10;
  return `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
