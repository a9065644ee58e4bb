/** The hosted server on a real socket and a real PostgreSQL: headers, origins, limits over processes, shutdown, restarts. */
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PostgresServer } from "../../scripts/postgres.mjs";
import { startPostgres } from "../../scripts/postgres.mjs";
import { hostConfig } from "../../src/control/serve/config.ts";
import type { HostedPlatform } from "../../src/control/serve/hosted.ts";
import { openHosted } from "../../src/control/serve/hosted.ts";
import type { Running } from "../../src/control/serve/server.ts";
import { addressIn, serveHosted } from "../../src/control/serve/server.ts";
import { packagedPrices } from "../../src/core/costs/prices/packaged.ts";
import { provisionOf } from "./support.ts";

let postgres: PostgresServer;
const masterKey = randomBytes(32).toString("base64");
const folder = mkdtempSync(join(tmpdir(), "chartctl-server-"));
const lines: Record<string, unknown>[] = [];

interface Process {
  url: string;
  platform: HostedPlatform;
  server: Running;
  stop(): Promise<void>;
}

async function startServer(env: Record<string, string> = {}): Promise<Process> {
  const config = hostConfig({
    DATABASE_URL: postgres.url(),
    CHARTCTL_MASTER_KEY: masterKey,
    PORT: "0",
    CHARTCTL_OWNER_PASSWORD: "correct horse battery",
    ...env,
  });
  const log = { info: (line: object) => void lines.push({ ...line }), error: (line: object) => void lines.push({ level: "error", ...line }) };
  const platform = await openHosted({
    prices: () => packagedPrices,
    config,
    dataDir: folder,
    version: "0.0.0",
    now: () => new Date(),
    log,
    worker: false,
    alertReceiver: undefined,
    roleProbe: async () => {
      throw new Error("not asked for");
    },
    issuer: () => async () => {
      throw new Error("no AWS here");
    },
    addressOf: addressIn(config.trustedProxies),
  });
  await platform.firstOwner();
  const server = await serveHosted(platform, { config, log, version: "0.0.0" });
  return {
    url: server.url,
    platform,
    server,
    stop: async () => {
      await server.stop();
      await platform.close();
    },
  };
}

const signIn = async (url: string): Promise<string> => {
  const answer = await fetch(`${url}/api/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ tenant: "platform", user: "owner", password: "correct horse battery" }),
  });
  return ((await answer.json()) as { token: string }).token;
};

let one: Process;
let token: string;
const ask = (url: string, path: string, init: { method?: string; body?: unknown; headers?: Record<string, string> } = {}) =>
  fetch(`${url}${path}`, {
    method: init.method ?? "GET",
    headers: { authorization: `Bearer ${token}`, "x-chartctl-tenant": "acme", "content-type": "application/json", ...init.headers },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  });

/** A connection that has asked nothing yet, and all that is answered on it. */
async function connected(url: string): Promise<{ socket: Socket; answer: Promise<string> }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  await ask(url, "/api/health"); // a turn of the server's: it has taken the connection
  return { socket, answer: text(socket) };
}

beforeAll(async () => {
  postgres = await startPostgres();
  one = await startServer({
    CORS_ORIGIN: "https://app.example.org",
    METRICS_TOKEN: "a-token-for-metrics",
    // As the other servers of these tests have them: they take their shares from the same rows.
    RATE_LIMIT_PER_CALLER: "1000000",
    RATE_LIMIT_PER_ADDRESS: "1000000",
  });
  token = await signIn(one.url);
  await ask(one.url, "/api/tenants", { method: "POST", body: { id: "acme", roleArn: null, accountId: null } });
}, 60_000);
afterAll(async () => {
  await one?.stop();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a request", () => {
  it("gets an id, kept from a router before us, and headers that keep browsers out of trouble", async () => {
    const given = await ask(one.url, "/api/projects", { headers: { "x-request-id": "from-the-router-1" } });
    expect(given.headers.get("x-request-id")).toBe("from-the-router-1");
    const made = await ask(one.url, "/api/projects", { headers: { "x-request-id": "no good\u00e4" } }).catch(() => ask(one.url, "/api/projects"));
    expect(made.headers.get("x-request-id")).toMatch(/^[0-9a-f]{24}$/);
    expect(Object.fromEntries(given.headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    });
    expect(lines).toContainEqual(expect.objectContaining({ message: "request", requestId: "from-the-router-1", path: "/api/projects", status: 200 }));
  });

  it("is answered to the configured origin alone", async () => {
    const preflight = (origin: string) =>
      ask(one.url, "/api/projects", {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
      });
    expect((await preflight("https://app.example.org")).headers.get("access-control-allow-origin")).toBe("https://app.example.org");
    expect((await preflight("https://evil.example.org")).headers.get("access-control-allow-origin")).toBeNull();
  });

  it("of no route, or too large, is a problem with its own status", async () => {
    expect((await ask(one.url, "/api/nothing")).status).toBe(404);
    expect((await ask(one.url, "/api/tokens", { method: "POST", body: { name: "x".repeat(1_100_000) } })).status).toBe(413);
  });

  it("leaves no secret in the log", async () => {
    await fetch(`${one.url}/api/auth/login`, { method: "POST", body: JSON.stringify({ tenant: "platform", user: "owner", password: "a wrong password" }) });
    const text = JSON.stringify(lines);
    for (const secret of [token, masterKey, "correct horse battery", "a wrong password"]) expect(text).not.toContain(secret);
  });
});

describe("metrics", () => {
  it("are shown to their own token alone", async () => {
    const metrics = (authorization: string) => fetch(`${one.url}/metrics`, { headers: { authorization } });
    expect((await metrics("Bearer wrong-token-for-metr")).status).toBe(401);
    expect((await metrics(`Bearer ${token}`)).status).toBe(401);
    const answer = await metrics("Bearer a-token-for-metrics");
    const text = await answer.text();
    expect(answer.headers.get("content-type")).toContain("text/plain");
    expect(text).toMatch(/chartctl_http_request_duration_seconds_count\{method="GET",route="\/api\/projects",status="200"\} [1-9]/);
    expect(text).toMatch(/chartctl_database_connections\{state="used"\} \d/);
    expect(text).toMatch(/chartctl_alerts_undelivered\{state="failing"\} 0\n/);
    expect(text).toMatch(/process_resident_memory_bytes \d/);
  });
});

describe("rate limits", () => {
  it("hold over two processes, per caller and per address, and never pass the limit", async () => {
    const env = { RATE_LIMIT_PER_CALLER: "40", RATE_LIMIT_PER_ADDRESS: "1000000" };
    const two = await Promise.all([startServer(env), startServer(env)]);
    const { db } = one.platform;
    const owner = await db.selectFrom("users").selectAll().where("id", "=", "owner").executeTakeFirstOrThrow();
    await db
      .insertInto("users")
      .values({ ...owner, id: "busy" })
      .execute();
    const busy = (await one.platform.api.hosted.sessions.issue({ ...owner, id: "busy" }, "session", "global_owner")).token;
    const headers = { authorization: `Bearer ${busy}` };
    const answers = await Promise.all(Array.from({ length: 160 }, (_, at) => ask(two[at % 2]?.url as string, "/api/projects", { headers })));
    const good = answers.filter(({ status }) => status === 200).length;
    expect(answers.every(({ status }) => status === 200 || status === 429)).toBe(true);
    expect(good).toBeLessThanOrEqual(40);
    expect(good).toBeGreaterThan(30);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
    await Promise.all(two.map(({ stop }) => stop()));
    const limited = await one.platform.db.selectFrom("limited_callers").selectAll().execute();
    expect(limited).toMatchObject([{ caller: "platform/busy" }]);
  });
});

describe("bookings at the limit", () => {
  it("of 20 bursts of 100 through two processes exactly what fits succeeds, in number and in dollars", async () => {
    const env = { RATE_LIMIT_PER_CALLER: "1000000", RATE_LIMIT_PER_ADDRESS: "1000000", MAX_TOTAL_COST_PER_USER: "7" };
    const two = await Promise.all([startServer(env), startServer(env)]);
    for (let burst = 0; burst < 20; burst++) {
      const user = `user-${burst}`;
      // 98 cents each: seven fit into seven dollars, and ten into the number.
      const statuses = await Promise.all(
        Array.from({ length: 100 }, async (_, at) => {
          const body = provisionOf(`p-${burst}-${at}`);
          // A busy machine's database may let a request wait too long: it is sent again, as its answer says.
          for (;;) {
            const { status } = await ask(two[at % 2]?.url as string, "/api/operations", { method: "POST", body, headers: { "x-chartctl-user": user } });
            if (status !== 503) return status;
          }
        }),
      );
      expect(statuses.filter((status) => status === 200)).toHaveLength(7);
      expect(statuses.filter((status) => status === 403)).toHaveLength(93);
    }
    await Promise.all(two.map(({ stop }) => stop()));
  }, 300_000);
});

describe("a server that stops", () => {
  it("finishes what it has begun, and takes nothing new", async () => {
    const other = await startServer({ RATE_LIMIT_PER_CALLER: "1000000", RATE_LIMIT_PER_ADDRESS: "1000000" });
    const { sql } = await import("kysely");
    // A lock that holds a request up.
    let unlock: () => void = () => {};
    let held: () => void = () => {};
    const holding = new Promise<void>((resolve) => {
      held = resolve;
    });
    const locked = other.platform.db.transaction().execute(async (tx) => {
      await sql`lock table users in access exclusive mode`.execute(tx);
      await new Promise<void>((resolve) => {
        unlock = resolve;
        held();
      });
    });
    await holding;
    const begun = ask(other.url, "/api/users");
    const waiting = async () => (await sql`select 1 from pg_locks where not granted and relation = 'users'::regclass`.execute(one.platform.db)).rows.length;
    await expect.poll(waiting, { timeout: 20_000 }).toBeGreaterThan(0);
    const { socket, answer } = await connected(other.url);
    socket.write("GET /api/users HTTP/1.1\r\nHost: x\r\n\r\n"); // on its way while the server stops
    const stopped = other.server.stop();
    expect(await answer).toMatch(/^HTTP\/1.1 503 [\s\S]*connection: close[\s\S]*server\.stopping/);
    const refused = async (): Promise<boolean> => {
      const late = await ask(other.url, "/api/users").catch(() => undefined);
      if (late) expect(late.status).toBe(503);
      return late === undefined;
    };
    await expect.poll(refused, { timeout: 20_000 }).toBe(true);
    unlock();
    await locked;
    expect((await begun).status).toBe(200);
    await stopped;
    await other.platform.close();
  });
});

describe("a database that goes away", () => {
  it("is said, loses nothing that was answered, and comes back by itself", async () => {
    const answered: string[] = [];
    let unavailable = 0;
    let stop = false;
    const load = Array.from({ length: 8 }, async (_, worker) => {
      for (let at = 0; !stop; at++) {
        const id = `t-${worker}-${at}`;
        const key = randomUUID();
        // The same key until there is an answer: once in effect, whatever is lost on the way.
        for (;;) {
          const answer = await ask(one.url, "/api/tokens", {
            method: "POST",
            body: { name: id },
            headers: { "idempotency-key": key, "x-chartctl-tenant": "platform" },
          }).catch(() => undefined);
          if (answer?.status === 201) {
            answered.push(id);
            break;
          }
          if (answer) expect([503, 409]).toContain(answer.status);
          unavailable++;
          await sleep(50);
        }
      }
    });
    for (let restart = 0; restart < 3; restart++) {
      await sleep(700);
      await (restart % 2 === 0 ? postgres.kill() : postgres.halt());
      expect((await ask(one.url, "/api/ready")).status).toBe(503);
      expect((await ask(one.url, "/api/health")).status).toBe(200);
      await postgres.start();
    }
    await expect.poll(() => answered.length, { timeout: 60_000 }).toBeGreaterThan(20);
    stop = true;
    await Promise.all(load);
    expect(unavailable).toBeGreaterThan(0);
    const names = (await one.platform.db.selectFrom("api_tokens").select("name").where("name", "like", "t-%").execute()).map(({ name }) => name);
    expect(names.toSorted()).toEqual(answered.toSorted());
    // The queue looks for the database in its own time.
    await expect.poll(async () => (await ask(one.url, "/api/ready")).status, { timeout: 60_000 }).toBe(200);
  });
});

describe("the environment", () => {
  it.each([
    [{ PORT: "70000" }, "PORT must be from 0 to 65535"],
    [{ MAX_COST_PER_PROJECT: "fifty" }, "MAX_COST_PER_PROJECT is no amount"],
    [{ MAX_RESOURCES_PER_USER: "NaN" }, "MAX_RESOURCES_PER_USER is no whole number"],
    [{ CORS_ORIGIN: "*" }, "CORS_ORIGIN must list origins"],
    [{ METRICS_TOKEN: "short" }, "METRICS_TOKEN is shorter"],
    [{ CHARTCTL_OWNER_PASSWORD: "short" }, "CHARTCTL_OWNER_PASSWORD is shorter"],
  ])("%j is refused by name, without its value", (env, message) => {
    expect(() => hostConfig(env)).toThrow(expect.objectContaining({ code: "config.invalid", message: expect.stringContaining(message) }));
  });

  it("gives dollars exactly, in cents", () => {
    const { limits, defaultTtlSeconds } = hostConfig({
      MAX_COST_PER_PROJECT: "12.5",
      MAX_TOTAL_COST_PER_USER: "100",
      RESOURCE_TIMEOUT_MINUTES: "90",
      PORT: "",
    });
    expect({ limits, defaultTtlSeconds }).toEqual({
      limits: { projectsPerUser: 10, projectMonthlyCents: 1_250, userMonthlyCents: 10_000 },
      defaultTtlSeconds: 5_400,
    });
  });
});
