/** Load on a hosted control API, in a process of its own: its processor time is told apart from the server's. Told what to do by an argument. */
import { randomBytes, randomUUID } from "node:crypto";
import { ask } from "./hosted-server.mjs";

const { url, headers, kind, seconds, clients, tries, accounts, prefix } = JSON.parse(process.argv[2]);

const provisionOf = (projectId) => ({
  idempotencyKey: randomUUID(),
  kind: "provision",
  projectId,
  holder: { machine: "bench", pid: 1, startedAt: "now" },
  desired: { blueprint: "serverless-web", region: "us-east-1", environment: "development", parameters: {} },
});
const nameOf = (n) => `${prefix}-${n.toString(36)}-${randomBytes(3).toString("hex")}`;
const userOf = (n) => (accounts === 1 ? "hot" : `user-${n % accounts}`);

const latencies = [];
const statuses = {};
let sent = 0;
const book = async () => {
  const n = sent++;
  const start = performance.now();
  const { status } = await ask(url, "POST", "/operations", { ...headers, "x-chartctl-user": userOf(n) }, provisionOf(nameOf(n)));
  latencies.push(performance.now() - start);
  statuses[status] = (statuses[status] ?? 0) + 1;
};

const started = performance.now();
const goOn = kind === "rate" ? () => performance.now() - started < seconds * 1_000 : () => sent < tries;
await Promise.all(
  Array.from({ length: clients }, async () => {
    while (goOn()) await book();
  }),
);
const took = (performance.now() - started) / 1_000;
latencies.sort((a, b) => a - b);
const at = (part) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] ?? 0;
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ rate: latencies.length / took, p50: at(0.5), p99: at(0.99), statuses, cpu: (user + system) / 1e6, took }));
process.exit();
