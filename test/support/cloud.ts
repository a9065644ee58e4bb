/** AWS as an application needs it: the emulator, a gateway that runs functions, and proxies before both for bad weather. */
import { mkdtempSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "../../src/adapters/functions/gateway.ts";
import type { AwsProxy } from "./aws-proxy.ts";
import { proxyAws } from "./aws-proxy.ts";
import { startEmulator } from "./emulator.ts";

export interface Cloud {
  /** The emulator itself, without weather: for oracles. */
  url: string;
  /** For the command line. */
  env: NodeJS.ProcessEnv;
  /** Before everything but Lambda, and before Lambda. */
  aws: AwsProxy;
  lambda: AwsProxy;
  stop(): Promise<void>;
}

export async function startCloud(seed = 1): Promise<Cloud> {
  const emulator = await startEmulator();
  const gateway = await startGateway({ upstream: emulator.url, folder: mkdtempSync(join(tmpdir(), "chartctl-gateway-")) });
  const [aws, lambda] = await Promise.all([proxyAws(emulator.url, seed), proxyAws(gateway.url, seed)]);
  return {
    url: emulator.url,
    aws,
    lambda,
    env: {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      CHARTCTL_GATEWAY_URL: gateway.url,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
    },
    stop: async () => {
      await Promise.all([aws.close(), lambda.close()]);
      await gateway.close();
      await emulator.stop();
    },
  };
}

export interface Page {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** Asks `http://id.localhost:port/…` on the loopback address, whatever the resolver thinks of the name. */
export async function ask(url: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<Page> {
  const { port, host, pathname, search } = new URL(url);
  return await new Promise((resolve, reject) => {
    const asked = request(
      { hostname: "127.0.0.1", port, path: pathname + search, method: options.method ?? "GET", headers: { ...options.headers, host }, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString("utf8") }));
      },
    );
    asked.on("error", reject);
    asked.end(options.body);
  });
}
