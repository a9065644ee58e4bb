/** A real `chartctl serve` on a real PostgreSQL of its own, and what its processes have used. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const password = "bench bench bench";
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** One request; its status and answer. Errors of the connection are thrown. */
export function ask(url, method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = request(
      `${url}/api${path}`,
      { method, agent, headers: { ...headers, ...(text ? { "content-type": "application/json", "content-length": Buffer.byteLength(text) } : {}) } },
      (answer) => {
        const chunks = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("end", () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }));
        answer.on("error", reject);
      },
    );
    sent.on("error", reject);
    sent.end(text);
  });
}

/** Without rate limits; `env` sets the rest. `coldStart`: seconds from its start until it listens. */
export async function startServe(launcher, databaseUrl, env = {}) {
  const home = mkdtempSync(join(tmpdir(), "chartctl-bench-"));
  const started = performance.now();
  const child = spawn(process.execPath, [launcher, "serve", "--port", "0"], {
    env: {
      PATH: process.env.PATH,
      CHARTCTL_HOME: home,
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      CHARTCTL_MASTER_KEY: randomBytes(32).toString("base64"),
      CHARTCTL_OWNER_PASSWORD: password,
      RATE_LIMIT_PER_CALLER: "9000000",
      RATE_LIMIT_PER_ADDRESS: "9000000",
      RATE_LIMIT_SIGN_INS: "1000",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const url = await new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      said += chunk;
      const listening = /"message":"listening","url":"([^"]+)"/.exec(said);
      if (listening) resolve(listening[1]);
    });
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    child.once("exit", (code) => reject(new Error(`serve ended with ${code}: ${said.slice(-2_000)}`)));
  });
  const coldStart = (performance.now() - started) / 1_000;
  child.stdout.removeAllListeners("data");
  child.stdout.resume();
  return {
    url,
    pid: child.pid,
    coldStart,
    stop: async () => {
      child.removeAllListeners("exit");
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A token of the platform's owner, and the tenant `acme`. */
export async function ownerOf(url) {
  const parse = ({ status, text }) => {
    if (status >= 300) throw new Error(`${status} ${text}`);
    return JSON.parse(text);
  };
  const { token: session } = parse(await ask(url, "POST", "/auth/login", {}, { tenant: "platform", user: "owner", password }));
  const { token } = parse(await ask(url, "POST", "/tokens", { authorization: `Bearer ${session}` }, { name: "bench", role: "global_owner" }));
  const made = await ask(url, "POST", "/tenants", { authorization: `Bearer ${token}` }, { id: "acme", roleArn: null, accountId: null });
  if (made.status !== 201 && made.status !== 409) parse(made);
  return { authorization: `Bearer ${token}`, "x-chartctl-tenant": "acme" };
}

const ticks = 100; // USER_HZ, which is 100 on every Linux of today

/** Seconds of processor time that a process and its children have used so far (Linux). */
export function cpuSeconds(pid) {
  const of = (id) => {
    const fields = readFileSync(`/proc/${id}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return { parent: Number(fields[1]), used: (Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14])) / ticks };
  };
  let sum = 0;
  for (const id of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const { parent, used } = of(id);
      if (Number(id) === pid || parent === pid) sum += used;
    } catch {
      // ended meanwhile
    }
  }
  return sum;
}

/** Resident memory, MB. */
export const residentMegabytes = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
