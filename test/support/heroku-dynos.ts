/** What a stand-in for Heroku builds and runs, for real: the uploaded source unpacked, its package started, on PostgreSQL. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { startPostgres } from "../../scripts/postgres.mjs";
import type { HerokuStandIn, Hosted } from "./heroku.ts";

export interface Dynos {
  url: string;
  /** The folder of the built app. */
  folder: string;
  /** What the last build's own script said. */
  postbuild(): string;
  stop(): Promise<void>;
}

const installed = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** Puts itself behind the stand-in: one app, one web and one worker process. `terraform`: the program that the build finds in its cache. */
export async function runDynos(heroku: HerokuStandIn, terraform: string): Promise<Dynos> {
  const postgres = await startPostgres();
  const folder = mkdtempSync(join(tmpdir(), "chartctl-dynos-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = new Map<string, ChildProcess>();
  let said = "";
  const env = (app: Hosted, more: Record<string, string> = {}): NodeJS.ProcessEnv => ({
    PATH: process.env.PATH,
    HOME: folder,
    CHARTCTL_HOME: join(folder, "home"),
    ...app.config,
    DATABASE_URL: postgres.url(),
    PORT: String(port),
    ...more,
  });
  const end = async (type: string): Promise<void> => {
    const child = running.get(type);
    running.delete(type);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  };
  const commands = (): Map<string, string> =>
    new Map(
      readFileSync(join(folder, "Procfile"), "utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(": ") as [string, string]),
    );
  heroku.webUrl = () => `${url}/`;
  heroku.built = async (source) => {
    writeFileSync(join(folder, "source.tgz"), source);
    await execa("tar", ["-xzf", "source.tgz"], { cwd: folder });
    const { dependencies, scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, Record<string, string>>;
    const into = join(folder, "node_modules", "chartctl");
    mkdirSync(into, { recursive: true });
    await execa("tar", ["-xzf", (dependencies?.chartctl ?? "").replace("file:", ""), "-C", into, "--strip-components=1"], { cwd: folder });
    // Of npm's work only the unpacking is repeated: the registry is no part of the test.
    for (const name of readdirSync(installed))
      if (!existsSync(join(folder, "node_modules", name))) symlinkSync(join(installed, name), join(folder, "node_modules", name));
    rmSync(join(folder, "node_modules", ".bin"), { recursive: true, force: true });
    mkdirSync(join(folder, "node_modules", ".bin"));
    symlinkSync("../chartctl/bin/chartctl.js", join(folder, "node_modules", ".bin", "chartctl"));
    mkdirSync(join(folder, "bin"), { recursive: true });
    copyFileSync(terraform, join(folder, "bin", "terraform"));
    const { stdout } = await execa("sh", ["-c", scripts?.["heroku-postbuild"] ?? "false"], {
      cwd: folder,
      env: { PATH: `${join(folder, "node_modules", ".bin")}:${process.env.PATH}`, CHARTCTL_HOME: join(folder, "home") },
      extendEnv: false,
    });
    said = stdout;
  };
  heroku.restarted = async (app) => {
    for (const type of [...running.keys()]) await end(type);
    for (const [type, { quantity }] of app.formation) {
      const command = commands().get(type);
      if (quantity === 0 || !command) continue;
      const child = spawn("sh", ["-c", `exec ${command}`], { cwd: folder, env: env(app), stdio: ["ignore", "pipe", "pipe"] });
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on(
          "data",
          (text: string) =>
            void app.logs.push(
              ...text
                .trimEnd()
                .split("\n")
                .map((line) => `${new Date().toISOString()} app[${type}.1]: ${line}`),
            ),
        );
      running.set(type, child);
    }
  };
  heroku.run = async (command, more, app) => {
    const ran = await execa("sh", ["-c", `exec ${command}`], { cwd: folder, env: env(app, more), extendEnv: false, reject: false });
    app.logs.push(
      ...`${ran.stdout}\n${ran.stderr}`
        .trim()
        .split("\n")
        .map((line) => `${new Date().toISOString()} app[run.${1000 + app.dynos.length}]: ${line}`),
    );
    return ran.exitCode ?? 1;
  };
  return {
    url,
    folder,
    postbuild: () => said,
    stop: async () => {
      for (const type of [...running.keys()]) await end(type);
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
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
