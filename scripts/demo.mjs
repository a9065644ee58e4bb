/** `npm run demo`: a project's whole life in the sandbox, each command shown as a user would type it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const launcher = new URL("../bin/chartctl.js", import.meta.url).pathname;
const home = mkdtempSync(join(tmpdir(), "chartctl-demo-"));
const started = Date.now();
const env = { ...process.env, CHARTCTL_HOME: home };
delete env.CHARTCTL_API_URL;
delete env.CHARTCTL_CONTEXT;

/** Runs one command as typed; returns its exit code. */
function type(line) {
  console.log(`\n$ ${line}`);
  const [, ...words] = line.split(" ");
  const { status, signal } = spawnSync(process.execPath, [launcher, ...words], { env, stdio: "inherit", cwd: home });
  return signal ? 130 : (status ?? 70);
}

/** The application itself, asked as its users would: a point kept, and read back. Undefined when it works. */
async function answers() {
  const { stdout } = spawnSync(process.execPath, [launcher, "--sandbox", "-t", "acme", "-p", "sales", "open", "--print"], { env, cwd: home, encoding: "utf8" });
  const url = stdout.trim();
  const json = { "content-type": "application/json" };
  for (const [method, path, body] of [
    ["GET", "/"],
    ["POST", "/api/points", '{"series":"demo","value":21.5}'],
    ["GET", "/api/points?series=demo"],
  ]) {
    console.log(`\n$ curl ${method === "POST" ? `-X POST -H 'content-type: application/json' -d '${body}' ` : ""}${url}${path}`);
    const { status, text } = await ask(url + path, { method, headers: body ? json : {}, body });
    console.log(text.length > 200 ? `${text.slice(0, 160)} … (${text.length} bytes)` : text);
    if (status >= 300) return `${path} answered ${status}`;
    if (path.includes("?") && !text.includes("21.5")) return "the application forgot its point";
  }
  return undefined;
}

/** Names below localhost are loopback (RFC 6761), whether or not the system's resolver knows them. */
const ask = (url, { method, headers, body }) =>
  new Promise((resolve, reject) => {
    const { host, port, pathname, search } = new URL(url);
    const asked = request({ hostname: "127.0.0.1", port, path: pathname + search, method, headers: { ...headers, host }, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, text }));
    });
    asked.on("error", reject);
    asked.end(body);
  });

async function demo() {
  const session = [
    ["chartctl --sandbox tenants add acme --role-arn arn:aws:iam::123456789012:role/chartctl-acme", 0],
    ["chartctl --sandbox -t acme -p sales provision --plan", 2],
    ["chartctl --sandbox -t acme -p sales provision --ttl 2h --yes", 0],
    ["chartctl --sandbox -t acme -p sales status", 0],
    ["chartctl --sandbox -t acme quota", 0],
    ["chartctl --sandbox -t acme -p sales provision --yes", 0],
    ["chartctl init --template live-series app", 0],
    ["chartctl --sandbox -t acme -p sales deploy-app --source app", 0],
    answers,
    ["chartctl --sandbox -t acme -p sales deploy-app --source app", 0],
    ["chartctl --sandbox -t acme -p sales releases", 0],
    ["chartctl --sandbox -t acme -p sales destroy --yes", 5],
    ["chartctl --sandbox -t acme -p sales purge --data --yes", 0],
    ["chartctl --sandbox -t acme -p sales destroy --yes", 0],
    ["chartctl --sandbox -t acme -p sales status", 6],
  ];
  for (const step of session) {
    if (step === answers) {
      const problem = await answers();
      if (problem) return problem;
      continue;
    }
    const [line, expected] = step;
    const code = type(line);
    if (code !== expected) return `"${line}" ended with exit code ${code}, not ${expected}`;
  }
  return undefined;
}

let failure;
try {
  failure = await demo();
} finally {
  const stopped = type("chartctl sandbox stop");
  if (stopped !== 0 && !failure) failure = "the sandbox did not stop";
  rmSync(home, { recursive: true, force: true });
}
const seconds = Math.round((Date.now() - started) / 1000);
console.log(
  failure
    ? `\nDemo failed: ${failure}.`
    : `\nDemo passed: provisioned, deployed, asked, refused to destroy, purged, destroyed and proven gone in ${seconds} s.`,
);
process.exitCode = failure ? 1 : 0;
