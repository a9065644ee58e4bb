/** A hosted control API of a test's own: PostgreSQL and a real `chartctl serve`, each ended by its handle. */
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startPostgres } from "../../scripts/postgres.mjs";
import type { Home } from "./cli.ts";
import { newHome } from "./cli.ts";

export interface TestHosting {
  url: string;
  databaseUrl: string;
  /** The first owner's one-time link. */
  ownerLink: string;
  /** As a crash; `start` brings it back on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export async function startHosting(env: NodeJS.ProcessEnv = {}): Promise<TestHosting> {
  const postgres = await startPostgres();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const home: Home = newHome({ DATABASE_URL: postgres.url(), CHARTCTL_MASTER_KEY: randomBytes(32).toString("base64"), ...env });
  let server: ChildProcess | undefined;
  let said = "";
  const start = async (): Promise<void> => {
    server = home.start("serve", "--port", String(port)).child;
    server.stderr?.on("data", (text: string) => {
      said += text;
    });
    for (let tries = 0; tries < 200; tries++) {
      if (server.exitCode !== null) throw new Error(`chartctl serve ended: ${said}`);
      const ready = await fetch(`${url}/api/ready`).catch(() => undefined);
      if (ready?.ok) return;
      await sleep(100);
    }
    throw new Error(`chartctl serve isn't ready: ${said}`);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server?.once("exit", resolve));
    server.kill(signal);
    await ended;
  };
  const stop = async (): Promise<void> => {
    await end("SIGTERM");
    await postgres.stop();
    home.remove();
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  const [ownerLink = ""] = /http\S+#\S+/.exec(said) ?? [];
  return { url, databaseUrl: postgres.url(), ownerLink, kill: () => end("SIGKILL"), start, stop };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
