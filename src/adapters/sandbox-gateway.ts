/** The sandbox's gateway: a process of its own beside the emulator, remembered between commands. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import lockfile from "proper-lockfile";
import { ChartctlError } from "../errors.ts";
import { aliveAt } from "./functions/gateway.ts";
import { isRunning, startTimeOf } from "./processes.ts";
import { freePort } from "./sandbox.ts";
import { writeDurably } from "./terraform/run-folder.ts";

interface SandboxGateway {
  url: string;
  upstream: string;
  pid: number;
  startedAt: string;
}

const stateFile = "gateway.json";
const startMilliseconds = 20_000;

/** The running one of this emulator, or a new one. `command` runs a gateway with `--upstream`, `--folder` and `--port`. Error `sandbox.start-failed` (external). */
export async function ensureGateway(dataDir: string, upstream: string, command: string[]): Promise<string> {
  const found = await alive(dataDir, upstream);
  if (found) return found.url;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const release = await lockfile.lock(dataDir, { retries: { retries: 240, minTimeout: 250, maxTimeout: 250, factor: 1 }, stale: 30_000 });
  try {
    const now = await alive(dataDir, upstream);
    if (now) return now.url;
    await stopGateway(dataDir); // of an emulator that is no more
    const gateway = await launch(dataDir, upstream, command);
    writeDurably(dataDir, stateFile, `${JSON.stringify(gateway)}\n`);
    return gateway.url;
  } finally {
    await release();
  }
}

/** Its address, whether or not it runs now. */
export const rememberedGateway = (dataDir: string): string | undefined => remembered(dataDir)?.url;

/** False when none was running. */
export async function stopGateway(dataDir: string): Promise<boolean> {
  const gateway = remembered(dataDir);
  if (!gateway) return false;
  const running = isRunning(gateway);
  if (running) {
    process.kill(gateway.pid, "SIGTERM");
    for (let waited = 0; waited < 5_000 && isRunning(gateway); waited += 50) await new Promise((resolve) => setTimeout(resolve, 50));
    if (isRunning(gateway)) process.kill(gateway.pid, "SIGKILL");
  }
  rmSync(join(dataDir, stateFile), { force: true });
  return running;
}

async function alive(dataDir: string, upstream: string): Promise<SandboxGateway | undefined> {
  const gateway = remembered(dataDir);
  return gateway && gateway.upstream === upstream && isRunning(gateway) && (await answers(gateway.url)) ? gateway : undefined;
}

function remembered(dataDir: string): SandboxGateway | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, stateFile), "utf8")) as SandboxGateway;
  } catch {
    return undefined; // never started, or stopped
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url + aliveAt, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

async function launch(dataDir: string, upstream: string, command: string[]): Promise<SandboxGateway> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = openSync(join(dataDir, "gateway.log"), "a", 0o600);
  const [program = "", ...args] = [...command, "--upstream", upstream, "--folder", join(dataDir, "functions"), "--port", String(port)];
  const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log], cwd: dataDir });
  closeSync(log);
  let ended: number | string | null | undefined;
  child.once("exit", (code) => {
    ended = code;
  });
  child.once("error", (error) => {
    ended = error.message;
  });
  for (let waited = 0; waited < startMilliseconds && ended === undefined; waited += 50) {
    if (await answers(url)) {
      child.removeAllListeners();
      child.unref();
      return { url, upstream, pid: child.pid ?? -1, startedAt: startTimeOf(child.pid ?? -1) ?? "unknown" };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (ended === undefined) child.kill("SIGKILL");
  throw new ChartctlError({
    kind: "external",
    code: "sandbox.start-failed",
    message: `The sandbox's gateway ${ended === undefined ? "does not answer" : `ended (${ended})`}`,
    hint: `look at ${join(dataDir, "gateway.log")}`,
  });
}
