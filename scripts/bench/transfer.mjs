/** Uploads and purges, against the aws command line and boto3: an S3 in memory with 25 ms a call, and the emulator. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "./compile.mjs";
import { median, row, seconds } from "./measure.mjs";

const latency = 25;

/** What deploy-app and purge run, without Terraform, books and bundler: whole processes, loading included. */
const program = `
import { siteFiles } from "./src/adapters/app/site.ts";
import { bulkS3, storedKeys, uploadAll } from "./src/adapters/aws/objects.ts";
import { emptyBucket } from "./src/adapters/aws/emptying/bucket.ts";
const [, , what, endpoint, bucket, folder] = process.argv;
const s3 = bulkS3({ AWS_ENDPOINT_URL: endpoint }, "us-east-1", { get: async () => ({ accessKeyId: "bench", secretAccessKey: "bench" }) });
const signal = new AbortController().signal;
if (what === "upload") {
  const files = siteFiles(folder, { allow: [], site: "site", compress: true }).map(({ object }) => object);
  const stored = await storedKeys(s3, bucket);
  const missing = files.filter(({ key }) => !stored.has(key));
  if (missing.length > 0) await uploadAll(s3, bucket, missing, { signal, done: () => {}, isLast: () => false });
} else await emptyBucket(s3, bucket, () => {}, signal);
console.log(JSON.stringify({ rss: process.resourceUsage().maxRSS }));
process.exit();`;

const boto = `
import boto3, sys
boto3.resource("s3", endpoint_url=sys.argv[1]).Bucket(sys.argv[2]).object_versions.delete()`;

const awsEnv = {
  ...process.env,
  AWS_ACCESS_KEY_ID: "bench",
  AWS_SECRET_ACCESS_KEY: "bench",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
};

function writeFiles(folder, count, mark) {
  for (let at = 0; at < count; at++) {
    mkdirSync(join(folder, `part-${at % 10}`), { recursive: true });
    writeFileSync(
      join(folder, `part-${at % 10}`, `file-${at}.json`),
      JSON.stringify(Array.from({ length: 60 }, (_, n) => ({ at, n, mark, value: Math.sin(at * n) }))),
    );
  }
}

async function standIn() {
  const child = spawn(process.execPath, [fileURLToPath(new URL("s3-stand-in.mjs", import.meta.url)), String(latency)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise((resolve) => child.stdout.once("data", (text) => resolve(String(text).trim())));
  return { url, stop: () => child.kill() };
}

export async function transfer(root, launcher, rounds) {
  const folder = mkdtempSync(join(tmpdir(), "chartctl-transfer-"));
  const compiled = await compile(root, `transfer-${process.pid}`, program);
  const s3 = await standIn();
  const home = join(folder, "home");
  const emulated = JSON.parse(
    spawnSync(process.execPath, [launcher, "sandbox", "start", "--json"], { env: { ...process.env, CHARTCTL_HOME: home }, encoding: "utf8" }).stdout,
  ).data.url;
  const ours = (...args) => seconds(process.execPath, [compiled.file, ...args]);
  const aws = (endpoint, ...args) => seconds("aws", ["--endpoint-url", endpoint, "s3", ...args], { env: awsEnv });
  const fill = async (bucket, count, versions = 1) => void (await fetch(`${s3.url}/${bucket}?fill=${count}&versions=${versions}`));
  const say = (value) => `${value.toFixed(2)} s`;
  const rows = [];
  const pair = (what, limit, peer, pairs) =>
    rows.push(row(what, say(median(pairs.map(([a]) => a))), `${peer}: ${say(median(pairs.map(([, b]) => b)))}`, median(pairs.map(([a, b]) => a / b)), limit));
  try {
    const site = join(folder, "site");
    const uploads = { changed: [], unchanged: [], checkout: [], emulated: [] };
    for (let round = 0; round < rounds; round++) {
      writeFiles(site, 500, round);
      const [a, b] = [`ours-${round}`, `theirs-${round}`];
      uploads.changed.push([ours("upload", s3.url, a, site), aws(s3.url, "sync", site, `s3://${b}`)]);
      uploads.unchanged.push([ours("upload", s3.url, a, site), aws(s3.url, "sync", "--size-only", site, `s3://${b}`)]);
      // The same content with new times, as a pipeline's checkout has it: sync goes by size and time, and sends it all again.
      writeFiles(site, 500, round);
      uploads.checkout.push([ours("upload", s3.url, a, site), aws(s3.url, "sync", site, `s3://${b}`)]);
      for (const bucket of [a, b]) aws(emulated, "mb", `s3://${bucket}`);
      uploads.emulated.push([ours("upload", emulated, a, site), aws(emulated, "sync", site, `s3://${b}`)]);
    }
    pair(`upload of 500 changed files, ${latency} ms a call`, 0.35, "`aws s3 sync`", uploads.changed);
    pair("500 unchanged files in a new checkout, the same", 0.2, "`aws s3 sync`", uploads.checkout);
    pair("500 unchanged files where they were, the same", 0.2, "`aws s3 sync --size-only`", uploads.unchanged);
    pair("upload of 500 files to the emulator", 0.8, "`aws s3 sync`", uploads.emulated);

    const many = join(folder, "many");
    writeFiles(many, 3_000, "many");
    const purges = { objects: [], versions: [], emulated: [] };
    for (let round = 0; round < rounds; round++) {
      await fill(`purge-a-${round}`, 5_000);
      await fill(`purge-b-${round}`, 5_000);
      purges.objects.push([ours("purge", s3.url, `purge-a-${round}`), aws(s3.url, "rm", "--recursive", "--quiet", `s3://purge-b-${round}`)]);
      await fill(`versions-a-${round}`, 2_000, 5);
      await fill(`versions-b-${round}`, 2_000, 5);
      purges.versions.push([ours("purge", s3.url, `versions-a-${round}`), seconds("python3", ["-c", boto, s3.url, `versions-b-${round}`], { env: awsEnv })]);
      for (const bucket of [`ours-${round}`, `theirs-${round}`]) ours("upload", emulated, bucket, many);
      purges.emulated.push([ours("purge", emulated, `ours-${round}`), aws(emulated, "rm", "--recursive", "--quiet", `s3://theirs-${round}`)]);
    }
    pair(`purge of 5,000 objects, ${latency} ms a call`, 0.05, "`aws s3 rm --recursive`", purges.objects);
    pair("purge of 10,000 versions, the same", 0.5, "boto3 `object_versions.delete()`", purges.versions);
    pair("purge of 3,000 objects in the emulator", 0.1, "`aws s3 rm --recursive`", purges.emulated);

    const memory = {};
    for (const count of [1_000, 10_000, 50_000]) {
      await fill(`memory-${count}`, count);
      memory[count] = JSON.parse(spawnSync(process.execPath, [compiled.file, "purge", s3.url, `memory-${count}`], { encoding: "utf8" }).stdout).rss / 1_024;
    }
    const mb = (count) => `${memory[count].toFixed(0)} MB`;
    rows.push(
      row("memory of a purge of 50,000 objects", mb(50_000), `of 10,000: ${mb(10_000)} (of 1,000: ${mb(1_000)})`, memory[50_000] / memory[10_000], 1.5),
    );
    return rows;
  } finally {
    s3.stop();
    spawnSync(process.execPath, [launcher, "sandbox", "stop"], { env: { ...process.env, CHARTCTL_HOME: home } });
    compiled.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
