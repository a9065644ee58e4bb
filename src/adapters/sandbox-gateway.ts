/** The sandbox's gateway: a process of its own beside the emulator, remembered between commands. */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { ChartctlError } from "../errors.ts";
import type { Background } from "./background.ts";
import { answersAt, remember, remembered, startingAlone, stopRemembered } from "./background.ts";
import { aliveAt } from "./functions/gateway.ts";
import { isRunning, startTimeOf } from "./processes.ts";
import { freePort } from "./sandbox.ts";

interface SandboxGateway extends Background {
  upstream: string;
}

const stateFile = "gateway.json";
const startMilliseconds = 20_000;

/** The running one of this emulator, or a new one. `command` runs a gateway with `--upstream`, `--folder` and `--port`. Error `sandbox.start-failed` (external). */
export async function ensureGateway(dataDir: string, upstream: string, command: string[]): Promise<string> {
  const found = await alive(dataDir, upstream);
  if (found) return found.url;
  return await startingAlone(dataDir, async () => {
    const now = await alive(dataDir, upstream);
    if (now) return now.url;
    await stopGateway(dataDir); // of an emulator that is no more
    const gateway = await launch(dataDir, upstream, command);
    remember(dataDir, stateFile, gateway);
    return gateway.url;
  });
}

/** Its address, whether or not it runs now. */
export const rememberedGateway = (dataDir: string): string | undefined => remembered(dataDir, stateFile)?.url;

/** False when none was running. */
export const stopGateway = (dataDir: string): Promise<boolean> => stopRemembered(dataDir, stateFile);

async function alive(dataDir: string, upstream: string): Promise<SandboxGateway | undefined> {
  const gateway = remembered<SandboxGateway>(dataDir, stateFile);
  return gateway && gateway.upstream === upstream && isRunning(gateway) && (await answersAt(gateway.url + aliveAt)) ? gateway : undefined;
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
    if (await answersAt(url + aliveAt)) {
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
