/** Asks an application as a client would. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { buildHeader } from "../../contract/app-manifest.ts";
import type { AppAnswer, Probe } from "../../core/app-ports.ts";
import { ChartctlError, messageOf } from "../../errors.ts";

const timeout = 10_000;
const saidAtMost = 2_000;

/** Not `fetch`: a name below localhost is loopback by RFC 6761, whether or not the system's resolver knows it. */
export const probe: Probe = async (url, signal) =>
  await new Promise<AppAnswer>((resolve, reject) => {
    const { hostname, protocol, port, pathname, search, host } = new URL(url);
    const local = hostname.endsWith(".localhost");
    const ask = protocol === "https:" ? httpsRequest : httpRequest;
    const fail = (error: unknown): void =>
      reject(
        signal.aborted
          ? signal.reason
          : new ChartctlError({
              kind: "external",
              code: "app.unreachable",
              message: `${url} can't be reached: ${messageOf(error)}`,
              hint: "check the network, then deploy again: it goes on where it stopped",
              cause: error,
            }),
      );
    const asked = ask(
      {
        hostname: local ? "127.0.0.1" : hostname,
        port,
        path: pathname + search,
        signal,
        timeout,
        headers: { host, accept: "*/*", "user-agent": "chartctl", "cache-control": "no-cache" },
      },
      (answer) => {
        let body = "";
        answer.setEncoding("utf8");
        answer.on("data", (text: string) => {
          if (body.length < saidAtMost) body += text;
        });
        answer.on("error", fail);
        answer.on("end", () => {
          const build = answer.headers[buildHeader];
          resolve({ status: answer.statusCode ?? 0, build: typeof build === "string" ? build : undefined, body: body.slice(0, saidAtMost) });
        });
      },
    );
    asked.on("timeout", () => asked.destroy(new Error(`no answer in ${timeout / 1_000} s`)));
    asked.on("error", fail);
    asked.end();
  });
