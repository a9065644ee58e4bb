/** What AWS billed: ten million lines of a report, results of any size, a year of Cost Explorer's pages, and what is kept. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median, paired, row, seconds } from "./measure.mjs";

const reportLines = 10_000_000;
/** Each hour of two weeks, of 500 projects. */
const manyRows = 14 * 24 * 500;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

async function standIn(folder) {
  const child = spawn(process.execPath, [here("cost-stand-in.mjs"), ...(folder === undefined ? [] : [folder])], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, COST_ROWS: String(manyRows) },
  });
  const url = await new Promise((resolve) => child.stdout.once("data", (text) => resolve(String(text).trim())));
  return { url, seen: async () => await (await fetch(`${url}/seen`)).json(), stop: () => child.kill() };
}

/** The child has to be waited for with events: what it asks, another child of this process answers. */
async function costs({ launcher, home, url }, ...args) {
  const file = join(home, "peak.json");
  const env = {
    ...process.env,
    CHARTCTL_HOME: home,
    CHARTCTL_USER: "user-1",
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    CHARTCTL_BENCH_PEAK: file,
  };
  const child = spawn(process.execPath, ["--import", here("peak-memory.mjs"), launcher, "-t", "acme", "costs", "--whole-account", ...args], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`chartctl costs ${args.join(" ")} ended with ${code}\n${said}`);
  return { megabytes: JSON.parse(readFileSync(file, "utf8")).bytes / 1e6, env };
}

const day = (back) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
const megabytes = (value) => `${value.toFixed(0)} MB`;

export async function costsBench(launcher, rounds) {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-bench-costs-"));
  const home = join(folder, "home");
  const report = join(folder, "report");
  const rows = [];
  const memory = (what, value, limit = 150) => rows.push(row(`memory of costs: ${what}`, megabytes(value), `limit: ${limit} MB`, value / limit, 1));
  spawnSync(process.execPath, [launcher, "tenants", "add", "acme"], { env: { ...process.env, CHARTCTL_HOME: home } });
  seconds(process.execPath, [here("cost-report.mjs"), report, String(reportLines)]);
  const athena = await standIn(report);
  try {
    const question = ["--source", "cur", "--by", "project", "--from", "2026-07-03", "--to", "2026-09-30", "--csv"];
    const told = [];
    for (let round = 0; round <= rounds; round++) told.push((await costs({ launcher, home, url: athena.url }, ...question, "--refresh")).megabytes);
    const { queries } = await athena.seen();
    const warm = queries.slice(1);
    const taken = median(warm.map((query) => query.seconds));
    const busy = median(warm.map((query) => query.processorSeconds));
    const peak = Math.max(...queries.map(({ maxRss }) => maxRss * 1_024)) / 1e6;
    const what = `daily by project, 90 days (and the 90 before) of a year of ${reportLines / 1e6} million CUR lines, the engine's time (processor: ${busy.toFixed(1)} s)`;
    rows.push(row(what, `${taken.toFixed(2)} s`, "limit: 3 s", taken / 3, 1));
    rows.push(row("… and the engine's memory, Node included", megabytes(peak), "limit: 1024 MB", peak / 1_024, 1));
    memory(`that answer, ${warm[0].rows} rows`, Math.max(...told));
  } finally {
    athena.stop();
  }
  const made = await standIn();
  try {
    const at = { launcher, home, url: made.url };
    const hours = ["--source", "cur", "--table", "many_rows", "--by", "project", "--granularity", "hour", "--from", day(14), "--to", day(1), "--refresh"];
    for (const form of ["--csv", "--json"]) memory(`${manyRows} rows over Athena, ${form}`, (await costs(at, ...hours, form)).megabytes);
    const year = ["--source", "ce", "--by", "project", "--from", day(365), "--to", day(1), "--csv"];
    memory("a year of Cost Explorer's pages, 500 projects", (await costs(at, ...year)).megabytes);
    const { requests, needed } = await made.seen();
    rows.push(row("requests for that year and the one before, 1,000 groups a page", String(requests), `pages: ${needed}`, requests / needed, 1));
    const { env } = await costs(at, "--source", "ce");
    const kept = () => seconds(process.execPath, [launcher, "-t", "acme", "costs", "--whole-account", "--source", "ce"], { env });
    const { a, b, ratio } = paired(rounds * 2, kept, () => seconds(process.execPath, ["-e", "0"]));
    rows.push(row("costs that are kept, whole process", `${(a * 1_000).toFixed(0)} ms`, "limit: 150 ms", a / 0.15, 1));
    rows.push(row("… the same", `${(a * 1_000).toFixed(0)} ms`, `node -e 0: ${(b * 1_000).toFixed(0)} ms`, ratio, 6));
  } finally {
    made.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}
