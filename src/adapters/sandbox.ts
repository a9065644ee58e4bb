/** The sandbox's AWS emulator: moto_server on a free loopback port, remembered between commands. */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { ChartctlError } from "../errors.ts";
import type { Background } from "./background.ts";
import { answersAt, remember, remembered, startingAlone, stopRemembered } from "./background.ts";
import { isRunning, startTimeOf } from "./processes.ts";

export interface Emulator extends Background {
  port: number;
  runner: string;
}
export type EmulatorStatus = { state: "running"; emulator: Emulator } | { state: "stopped" } | { state: "died"; emulator: Emulator };

const stateFile = "emulator.json";
const startMilliseconds = 60_000; // uvx and pipx may have to fetch it first

/** Ways to run moto_server, best first: each is a program to look for, and its arguments before the port's. */
const runners = [
  { program: "moto_server", args: [] },
  { program: "uvx", args: ["--from", "moto[server]", "moto_server"] },
  { program: "pipx", args: ["run", "--spec", "moto[server]", "moto_server"] },
] as const;
const containers = ["docker", "podman"] as const;

async function emulatorStatus(dataDir: string): Promise<EmulatorStatus> {
  const emulator = remembered<Emulator>(dataDir, stateFile);
  if (!emulator) return { state: "stopped" };
  return isRunning(emulator) && (await answers(emulator.url)) ? { state: "running", emulator } : { state: "died", emulator };
}

/** The running one, or a new one; two starts at once make one. Errors: `sandbox.no-emulator`, `sandbox.start-failed` (external). */
export async function startEmulator(dataDir: string, env: NodeJS.ProcessEnv): Promise<{ emulator: Emulator; started: boolean; lost: boolean }> {
  const before = await emulatorStatus(dataDir);
  if (before.state === "running") return { emulator: before.emulator, started: false, lost: false };
  return await startingAlone(dataDir, async () => {
    const now = await emulatorStatus(dataDir);
    if (now.state === "running") return { emulator: now.emulator, started: false, lost: false };
    const emulator = await launch(dataDir, env);
    remember(dataDir, stateFile, emulator);
    return { emulator, started: true, lost: now.state === "died" };
  });
}

/** False when there was none. */
export const stopEmulator = (dataDir: string): Promise<boolean> => stopRemembered(dataDir, stateFile);

/** The `sandbox` command's view. */
export const sandboxControl = (dataDir: string, env: NodeJS.ProcessEnv): SandboxControl => ({
  start: async () => {
    const { emulator, started } = await startEmulator(dataDir, env);
    return { url: emulator.url, started };
  },
  stop: () => stopEmulator(dataDir),
  status: async () => {
    const status = await emulatorStatus(dataDir);
    return status.state === "stopped" ? status : { state: status.state, url: status.emulator.url, pid: status.emulator.pid, runner: status.emulator.runner };
  },
  reset: async () => {
    await stopEmulator(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  },
});

interface SandboxControl {
  start(): Promise<{ url: string; started: boolean }>;
  stop(): Promise<boolean>;
  status(): Promise<{ state: EmulatorStatus["state"]; url?: string; pid?: number; runner?: string }>;
  reset(): Promise<void>;
}

/** What points every AWS client of a process at the emulator, with credentials that mean nothing anywhere else. */
export const sandboxEnvironment = (env: NodeJS.ProcessEnv, url: string, gateway: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("AWS_") || name === "AWS_CA_BUNDLE")),
  AWS_ENDPOINT_URL: url,
  // It runs functions, which the emulator only keeps.
  AWS_ENDPOINT_URL_LAMBDA: gateway,
  CHARTCTL_GATEWAY_URL: gateway,
  AWS_ACCESS_KEY_ID: "sandbox",
  AWS_SECRET_ACCESS_KEY: "sandbox",
  AWS_EC2_METADATA_DISABLED: "true",
});

const answers = (url: string): Promise<boolean> => answersAt(`${url}/moto-api/`);

async function launch(dataDir: string, env: NodeJS.ProcessEnv): Promise<Emulator> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const [program, ...args] = command(port, env);
  if (!program) {
    throw new ChartctlError({
      kind: "external",
      code: "sandbox.no-emulator",
      message: "The sandbox needs the AWS emulator moto: moto_server, uvx, pipx, docker and podman are all missing",
      hint: "install it: pip install 'moto[server]'",
    });
  }
  const log = openSync(join(dataDir, "emulator.log"), "a", 0o600);
  const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log], cwd: dataDir, env });
  closeSync(log);
  const failed = new Promise<never>((_, reject) => {
    const fail = (why: string): void =>
      reject(
        new ChartctlError({
          kind: "external",
          code: "sandbox.start-failed",
          message: `${program} ${why}`,
          hint: `look at ${join(dataDir, "emulator.log")}, or install it: pip install 'moto[server]'`,
        }),
      );
    child.once("error", (error) => fail(`can't be started: ${error.message}`));
    child.once("exit", (code) => fail(`ended with exit code ${code}`));
    setTimeout(() => fail("does not answer"), startMilliseconds).unref();
  });
  const up = async (): Promise<void> => {
    while (!(await answers(url))) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await Promise.race([up(), failed]);
  failed.catch(() => {}); // it may end later, which is nobody's failure now
  child.removeAllListeners();
  child.unref();
  return { url, port, pid: child.pid ?? -1, startedAt: startTimeOf(child.pid ?? -1) ?? "unknown", runner: program };
}

function command(port: number, env: NodeJS.ProcessEnv): string[] {
  const listen = ["-H", "127.0.0.1", "-p", String(port)];
  const runner = runners.find(({ program }) => onPath(program, env));
  if (runner) return [runner.program, ...runner.args, ...listen];
  const container = containers.find((program) => onPath(program, env));
  return container ? [container, "run", "--rm", "-p", `127.0.0.1:${port}:5000`, "motoserver/moto:5.2.0"] : [];
}

function onPath(program: string, env: NodeJS.ProcessEnv): boolean {
  try {
    execFileSync("/bin/sh", ["-c", 'command -v "$1"', "sh", program], { env, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export const freePort = async (): Promise<number> =>
  await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
