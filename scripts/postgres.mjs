/** A PostgreSQL server of one's own, in a temporary folder, on loopback: for tests and for the bench. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Where distributions put PostgreSQL's server programs, newest version first. */
const versioned = ["/usr/lib/postgresql", "/usr/local/pgsql", "/opt/homebrew/opt"];

/** The folder with `initdb` and `postgres`, from PATH or the distribution's usual ones; undefined without any. */
export function postgresPrograms() {
  const fromPath = (process.env.PATH ?? "").split(delimiter);
  const installed = versioned.flatMap((root) =>
    existsSync(root)
      ? readdirSync(root)
          .sort((a, b) => Number.parseFloat(b.replace(/^\D+/, "")) - Number.parseFloat(a.replace(/^\D+/, "")))
          .map((version) => join(root, version, "bin"))
      : [],
  );
  return [...fromPath, ...installed, "/usr/pgsql/bin"].find((folder) => folder && existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

/** The server refuses to run as root: then it runs as another user of this machine. */
function otherUser() {
  if (process.getuid?.() !== 0) return {};
  const ids = (name) => {
    const of = (flag) => Number(spawnSync("id", [flag, name], { encoding: "utf8" }).stdout.trim());
    return spawnSync("id", [name]).status === 0 ? { uid: of("-u"), gid: of("-g") } : undefined;
  };
  return ids("postgres") ?? ids("nobody") ?? {};
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/**
 * Makes a cluster and starts it. `settings` are lines of postgresql.conf; `tls` is its certificate and key, PEM. The server ends with `stop`; `kill` is a crash,
 * after which `start` recovers it on the same port.
 */
export async function startPostgres({ settings = {}, tls } = {}) {
  const programs = postgresPrograms();
  if (!programs) throw new Error("PostgreSQL's programs (initdb, postgres) are not on PATH. Install them: apt-get install postgresql");
  const who = otherUser();
  const folder = mkdtempSync(join(tmpdir(), "chartctl-pg-"));
  const data = join(folder, "data");
  mkdirSync(data);
  chmodSync(folder, 0o755);
  if (who.uid !== undefined) for (const path of [folder, data]) chownSync(path, who.uid, who.gid);
  const env = { PATH: process.env.PATH, LC_ALL: "C.UTF-8", TZ: "UTC" };
  const made = spawnSync(join(programs, "initdb"), ["-D", data, "-U", "chartctl", "-A", "trust", "-E", "UTF8", "--no-sync"], { ...who, env, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  if (tls) {
    for (const [name, text] of Object.entries({ "server.crt": tls.certificate, "server.key": tls.key })) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      if (who.uid !== undefined) chownSync(join(folder, name), who.uid, who.gid);
    }
  }
  const ssl = tls ? { ssl: "on", ssl_cert_file: join(folder, "server.crt"), ssl_key_file: join(folder, "server.key") } : {};
  const port = await freePort();
  let server;
  let log = "";

  const start = async () => {
    const options = { listen_addresses: "127.0.0.1", unix_socket_directories: "", port, max_connections: 200, fsync: "on", ...ssl, ...settings };
    const args = Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    log = "";
    server = spawn(join(programs, "postgres"), ["-D", data, ...args], { ...who, env, stdio: ["ignore", "ignore", "pipe"] });
    server.stderr.on("data", (chunk) => {
      log = (log + chunk).slice(-20_000);
    });
    const started = server;
    for (let tries = 0; tries < 600; tries++) {
      if (log.includes("ready to accept connections")) return;
      if (started.exitCode !== null) throw new Error(`PostgreSQL ended: ${log}`);
      await sleep(50);
    }
    throw new Error(`PostgreSQL doesn't answer: ${log}`);
  };
  const end = async (signal) => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill(signal);
    await ended;
  };
  await start();
  return {
    port,
    /** Of the server that runs now. */
    pid: () => server.pid,
    programs,
    url: (database = "postgres") => `postgres://chartctl@127.0.0.1:${port}/${database}`,
    start,
    /** SIGINT is PostgreSQL's fast shutdown. */
    halt: () => end("SIGINT"),
    /** A crash of the whole server: what was not synced is lost. */
    kill: () => end("SIGQUIT"),
    log: () => log,
    stop: async () => {
      await end("SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
