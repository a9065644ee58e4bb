/** A month's report line by line, of a million lines that come from Athena page by page: the whole command's peak memory. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { row, seconds } from "./measure.mjs";

const lines = Number(process.env.CHARTCTL_BENCH_LINES ?? 1_000_000);
const limitBytes = 300e6;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

async function standIn() {
  const child = spawn(process.execPath, [here("reports-stand-in.mjs"), String(lines)], { stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise((resolve) => child.stdout.once("data", (text) => resolve(String(text).trim())));
  return { url, stop: () => child.kill() };
}

export async function reports(launcher) {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-reports-"));
  const athena = await standIn();
  const peak = join(folder, "peak.json");
  try {
    return ["csv", "xlsx"].map((format) => {
      const env = {
        ...process.env,
        CHARTCTL_HOME: join(folder, format),
        CHARTCTL_BENCH_PEAK: peak,
        AWS_ENDPOINT_URL: athena.url,
        AWS_ACCESS_KEY_ID: "bench",
        AWS_SECRET_ACCESS_KEY: "bench",
      };
      const chartctl = (...args) => seconds(process.execPath, ["--import", pathToFileURL(here("peak-memory.mjs")).href, launcher, ...args], { env });
      chartctl("tenants", "add", "acme");
      const taken = chartctl(
        "-t",
        "acme",
        "costs",
        "report",
        "--month",
        "2026-10",
        "--source",
        "cur",
        "--detail",
        "--output",
        join(folder, `report.${format}`),
      );
      const { bytes, processorSeconds } = JSON.parse(readFileSync(peak, "utf8"));
      const what = `costs report --detail as ${format.toUpperCase()}, ${lines.toLocaleString("en-US")} lines (${taken.toFixed(0)} s, ${processorSeconds.toFixed(0)} of the processor): peak memory`;
      return row(what, `${(bytes / 1e6).toFixed(0)} MB`, `limit: ${limitBytes / 1e6} MB`, bytes / limitBytes, 1);
    });
  } finally {
    athena.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
