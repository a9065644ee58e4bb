/** A real moto_server of this test's own, on a free loopback port. */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import type { AwsEnvironment } from "../../../src/adapters/aws/clients.ts";

export interface Moto {
  endpoint: string;
  /** What chartctl is given to reach it. */
  env: AwsEnvironment;
  reset(): Promise<void>;
  /** After this many calls, credentials and rights are checked. */
  checkAuthAfter(calls: number | "never"): Promise<void>;
  stop(): Promise<void>;
}

export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const server = spawn("moto_server", ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore", detached: true });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + 50_000; !(await answers(endpoint)); await pause(100)) {
    if (Date.now() > until || server.exitCode !== null) throw new Error("moto_server does not start");
  }
  const post = async (path: string, body = ""): Promise<void> => {
    await fetch(`${endpoint}${path}`, { method: "POST", body, headers: { "content-type": "text/plain" } });
  };
  return {
    endpoint,
    env: { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: "AKIAOPERATOR", AWS_SECRET_ACCESS_KEY: "operator-secret" },
    reset: () => post("/moto-api/reset"),
    checkAuthAfter: (calls) => post("/moto-api/reset-auth", String(calls === "never" ? Number.MAX_SAFE_INTEGER : calls)),
    stop: async () => {
      if (server.pid !== undefined) process.kill(-server.pid, "SIGTERM");
      await ended;
    },
  };
}

const answers = (endpoint: string): Promise<boolean> =>
  fetch(`${endpoint}/moto-api/data.json`).then(
    ({ ok }) => ok,
    () => false,
  );
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
