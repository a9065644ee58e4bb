/** The hosted control API on PostgreSQL: bookings against pgbench doing the same transaction, exactness, restarts, memory. */
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startPostgres } from "../postgres.mjs";
import { ask, cpuSeconds, ownerOf, residentMegabytes, startServe } from "./hosted-server.mjs";
import { median, row } from "./measure.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const clients = 32;
const generous = { MAX_RESOURCES_PER_USER: "100000", MAX_TOTAL_COST_PER_USER: "9999999" };
/** Seconds of each measured stretch, tries at the limit, and seconds of mixed work; all shorter for a quick look. */
const stretch = Number(process.env.CHARTCTL_BENCH_STRETCH ?? 8);
const tries = Number(process.env.CHARTCTL_BENCH_TRIES ?? 100_000);
const mixedSeconds = Number(process.env.CHARTCTL_BENCH_MIXED ?? 300);

export async function hosted(launcher, rounds) {
  return [...(await resources(launcher)), ...(await bookings(launcher, rounds)), ...(await exactness(launcher)), ...(await mixed(launcher))];
}

/** Cold start and idle memory, five times. */
async function resources(launcher) {
  const postgres = await startPostgres();
  const starts = [];
  const memory = [];
  for (let time = 0; time < 5; time++) {
    const server = await startServe(launcher, postgres.url());
    starts.push(server.coldStart);
    await sleep(1_500);
    memory.push(residentMegabytes(server.pid));
    await server.stop();
  }
  await postgres.stop();
  const start = median(starts.slice(1)); // the first one makes the schema
  const idle = median(memory);
  return [
    row("serve: cold start on PostgreSQL", `${start.toFixed(2)} s`, "limit: 0.7 s", start / 0.7, 1),
    row("serve: idle memory", `${idle.toFixed(0)} MB`, "limit: 120 MB", idle / 120, 1),
  ];
}

/** The load's own process; its figures. */
function load(about) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(here, "hosted-load.mjs"), JSON.stringify(about)], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    child.once("exit", (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`the load ended with ${code}`))));
  });
}

function pgbench(postgres, accounts) {
  const program = [join(postgres.programs, "pgbench"), "/usr/bin/pgbench"].find(existsSync) ?? "pgbench";
  const { stdout, stderr, status } = spawnSync(
    program,
    ["-h", "127.0.0.1", "-p", String(postgres.port), "-U", "chartctl", "-n", "-M", "prepared", "-c", String(clients), "-j", "2", "-T", String(stretch)].concat([
      "-D",
      `accounts=${accounts}`,
      "-f",
      join(here, "booking.sql"),
      "bench",
    ]),
    { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } },
  );
  const tps = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
  if (status !== 0 || !tps) throw new Error(`pgbench: ${stderr}`);
  return tps;
}

/** In turns, on the same server and schema: an account that has few bookings yet, each time. */
async function bookings(launcher, rounds) {
  const rows = [];
  for (const [accounts, limit, name] of [
    [1, 0.5, "one hot account"],
    [1_000, 0.3, "1,000 accounts"],
  ]) {
    const pairs = [];
    for (let round = 0; round < rounds; round++) {
      const ours = await onFreshStore(launcher, async (postgres, server, headers) => {
        const before = { serve: cpuSeconds(server.pid), database: cpuSeconds(postgres.pid()) };
        await load({ url: server.url, headers, kind: "rate", seconds: 2, clients, accounts, prefix: "w" });
        const figures = await load({ url: server.url, headers, kind: "rate", seconds: stretch, clients, accounts, prefix: `r${round}` });
        if (Object.keys(figures.statuses).some((status) => status !== "200")) throw new Error(`answers: ${JSON.stringify(figures.statuses)}`);
        return { ...figures, used: { serve: cpuSeconds(server.pid) - before.serve, database: cpuSeconds(postgres.pid()) - before.database } };
      });
      const peer = await onFreshStore(launcher, async (postgres) => pgbench(postgres, accounts));
      pairs.push({ ...ours, peer });
    }
    const rate = median(pairs.map((pair) => pair.rate));
    const peer = median(pairs.map((pair) => pair.peer));
    const ratio = median(pairs.map((pair) => pair.rate / pair.peer));
    const p99 = median(pairs.map((pair) => pair.p99));
    const [{ used, cpu }] = pairs;
    const shares = `processor seconds: serve ${used.serve.toFixed(0)}, database ${used.database.toFixed(0)}, load ${cpu.toFixed(0)}`;
    const what = `bookings a second by HTTP, ${clients} clients, ${name}, at least ${limit} of pgbench (p99 ${p99.toFixed(0)} ms; ${shares})`;
    rows.push({ ...row(what, rate.toFixed(0), `pgbench ${peer.toFixed(0)}`, ratio, limit), limit: `≥ ${limit}`, holds: ratio >= limit });
  }
  return rows;
}

async function onFreshStore(launcher, measure) {
  const postgres = await startPostgres();
  try {
    await createDatabase(postgres);
    const server = await startServe(launcher, postgres.url("bench"), generous);
    try {
      return await measure(postgres, server, await ownerOf(server.url));
    } finally {
      await server.stop();
    }
  } finally {
    await postgres.stop();
  }
}

async function createDatabase(postgres) {
  const { default: pg } = await import("pg");
  const client = new pg.Client(postgres.url());
  await client.connect();
  const { rowCount } = await client.query("select 1 from pg_database where datname = 'bench'");
  if (rowCount === 0) await client.query("create database bench");
  await client.end();
}

/** Many tries at a limit, through two processes: what was admitted beyond it must be nothing. */
async function exactness(launcher) {
  const postgres = await startPostgres();
  const env = { MAX_RESOURCES_PER_USER: "1000", MAX_TOTAL_COST_PER_USER: "9999999" };
  const key = { CHARTCTL_MASTER_KEY: Buffer.alloc(32, 7).toString("base64") };
  const servers = [await startServe(launcher, postgres.url(), { ...env, ...key }), await startServe(launcher, postgres.url(), { ...env, ...key })];
  const headers = await ownerOf(servers[0].url);
  const halves = await Promise.all(
    servers.map(({ url }, at) => load({ url, headers, kind: "tries", tries: tries / 2, clients: 24, accounts: 1, prefix: `e${at}` })),
  );
  const admitted = halves.reduce((sum, { statuses }) => sum + (statuses["200"] ?? 0), 0);
  const answered = halves.reduce((sum, { statuses }) => sum + (statuses["200"] ?? 0) + (statuses["403"] ?? 0), 0);

  // Bursts of 100, each on a new account where exactly ten fit.
  let wrong = 0;
  const small = [];
  for (const one of servers) await one.stop();
  const tight = { ...key, MAX_RESOURCES_PER_USER: "10", MAX_TOTAL_COST_PER_USER: "6.86" }; // seven of 98 cents
  for (let at = 0; at < 2; at++) small.push(await startServe(launcher, postgres.url(), tight));
  for (let burst = 0; burst < 100; burst++) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        ask(small[at % 2].url, "POST", "/operations", { ...headers, "x-chartctl-user": `burst-${burst}` }, bookingOf(`b-${burst}-${at}`)),
      ),
    );
    if (answers.filter(({ status }) => status === 200).length !== 7 || answers.filter(({ status }) => status === 403).length !== 93) wrong++;
  }
  for (const one of small) await one.stop();
  await postgres.stop();
  return [
    row(`admitted of ${answered.toLocaleString("en")} tries where 1,000 fit, two processes`, String(admitted), "exactly 1000", admitted / 1_000, 1),
    row("bursts of 100 where 7 fit (by dollars), two processes, 100 times: bursts that admitted another number", String(wrong), "limit: 0", wrong, 0),
  ].map((one, at) => ({ ...one, holds: at === 0 ? admitted === 1_000 && answered === tries : wrong === 0 }));
}

const bookingOf = (projectId) => ({
  idempotencyKey: randomUUID(),
  kind: "provision",
  projectId,
  holder: { machine: "bench", pid: 1, startedAt: "now" },
  desired: { blueprint: "serverless-web", region: "us-east-1", environment: "development", parameters: {} },
});

const restarts = 5;
const perSecond = 200;
/** Requests that began this long before a halt, or this long after the server was there again, belong to the restart. */
const aroundMilliseconds = 1_000;

/** Open loop: requests come whether or not earlier ones were answered. A write is repeated with its key until it is answered. */
async function mixed(launcher) {
  const postgres = await startPostgres();
  const server = await startServe(launcher, postgres.url(), generous);
  const headers = await ownerOf(server.url);
  const done = [];
  const committed = [];
  const downs = [];
  const one = async (n) => {
    const user = { ...headers, "x-chartctl-user": `user-${n % 200}` };
    const start = performance.now();
    let status;
    if (n % 5 === 0) {
      const projectId = `m-${n}`;
      const body = bookingOf(projectId);
      for (;;) {
        const answer = await ask(server.url, "POST", "/operations", user, body).catch(() => undefined);
        status ??= answer?.status ?? 0;
        if (answer?.status === 200) {
          committed.push(projectId);
          break;
        }
        await sleep(200);
      }
    } else {
      const path = ["/quota", `/projects/m-${Math.max(0, n - 500 - ((n - 500) % 5))}`, "/auth/me", "/jobs"][n % 4];
      status = (await ask(server.url, "GET", path, user).catch(() => ({ status: 0 }))).status;
    }
    done.push({ start, took: performance.now() - start, status });
  };
  const began = performance.now();
  const running = [];
  const total = mixedSeconds * perSecond;
  const restarting = (async () => {
    for (let time = 1; time <= restarts; time++) {
      await sleep(began + (time * mixedSeconds * 1_000) / (restarts + 1) - performance.now());
      const from = performance.now();
      await postgres.halt();
      await postgres.start();
      downs.push([from - aroundMilliseconds, performance.now() + aroundMilliseconds]);
    }
  })();
  for (let n = 0; n < total; n++) {
    const wait = began + (n * 1_000) / perSecond - performance.now();
    if (wait > 1) await sleep(wait);
    running.push(one(n));
  }
  await restarting;
  await Promise.all(running);
  const outside = done.filter(({ start, took }) => !downs.some(([from, to]) => start < to && start + took > from));
  const latencies = outside.map(({ took }) => took).sort((a, b) => a - b);
  const p99 = latencies[Math.floor(latencies.length * 0.99)];
  const failures = outside.filter(({ status }) => status === 0 || status >= 500).length;
  let lost = 0;
  for (const projectId of committed) if ((await ask(server.url, "GET", `/projects/${projectId}`, headers)).status !== 200) lost++;
  await server.stop();
  await postgres.stop();
  return [
    row(
      `${perSecond} requests a second of mixed work for ${mixedSeconds} s, PostgreSQL restarted ${restarts} times: p99 outside of the restarts (${outside.length.toLocaleString("en")} of ${done.length.toLocaleString("en")})`,
      `${p99.toFixed(0)} ms`,
      "limit: 250 ms",
      p99 / 250,
      1,
    ),
    row(`… answers of 500 and above outside of the restarts`, String(failures), "limit: 0", failures, 0),
    row(`… committed writes that are lost, of ${committed.length.toLocaleString("en")}`, String(lost), "limit: 0", lost, 0),
  ];
}
