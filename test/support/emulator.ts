/** An AWS emulator of a test's own: moto_server on a free loopback port, ended by its process id. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator as start, stopEmulator } from "../../src/adapters/sandbox.ts";

export interface TestEmulator {
  url: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
}

export async function startEmulator(): Promise<TestEmulator> {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-emulator-"));
  const { emulator } = await start(folder, process.env);
  return {
    url: emulator.url,
    port: emulator.port,
    pid: emulator.pid,
    stop: async () => {
      await stopEmulator(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
